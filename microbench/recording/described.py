"""What stands beside a recording: which kernel it is of, and its variants.

Knows the descriptions in `data/kernels/recordings`. Refuses to read a recording, which takes
arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.quantity import read_toml

NEEDED = ("title", "architecture", "source", "large_page_bytes", "large", "variants")


@dataclass(frozen=True)
class Description:
    """A description as it was read.

    Attributes
    ----------
    name, title, architecture, source : str
    variants : dict of str to str
        Variant to the file of its recording, without suffix.
    folder : Path
        Where it lies.
    raw : dict
        All of it.
    """

    name: str
    title: str
    architecture: str
    source: str
    variants: dict[str, str]
    folder: Path
    raw: dict[str, Any]


def recordings() -> Path:
    """Where the packaged recordings lie."""
    return data_dir() / "kernels" / "recordings"


def recorded_names() -> list[str]:
    """Kernels there are recordings of."""
    return sorted(path.stem for path in recordings().glob("*.toml"))


def described(name: str, folder: Path | None = None) -> Description:
    """The description of a recording.

    Parameters
    ----------
    name : str
        File name without suffix.
    folder : Path, optional
        Where it lies, if not with the packaged ones.

    Raises
    ------
    InputError
        If the description lacks anything.
    """
    place = folder or recordings()
    path = place / f"{name}.toml"
    raw = read_toml(path)
    for key in NEEDED:
        if key not in raw:
            raise InputError(path, key, None, "missing")
    title, architecture, source = (str(raw[key]) for key in NEEDED[:3])
    return Description(name, title, architecture, source, dict(raw["variants"]), place, raw)
