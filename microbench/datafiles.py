"""Where the packaged data lies: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path


def data_dir() -> Path:
    """Directory that holds `machines/`, `kernels/`, `reference/` and `workloads/`.

    Raises
    ------
    FileNotFoundError
        If neither the installed nor the checkout location exists.
    """
    package = Path(__file__).parent
    for candidate in (package / "_data", package.parent / "data"):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError("the data of mkbench is missing from this installation")


def data_names(kind: str, suffix: str) -> list[str]:
    """Names of the packaged files of one kind, e.g. `data_names("machines", ".toml")`."""
    return sorted(p.name.removesuffix(suffix) for p in (data_dir() / kind).glob(f"*{suffix}"))
