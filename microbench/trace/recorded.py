"""Paths cut from a recorded kernel: the templates and the kernel pages they name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from microbench.datafiles import data_dir
from microbench.reading import read_bytes
from microbench.trace.npz import read_arrays
from microbench.trace.template import Template


@dataclass(frozen=True, eq=False)
class RecordedPaths:
    """Templates by name, and the kernel page numbers that role "kernel" is made of."""

    paths: dict[str, Template]
    kernel_pages: tuple[int, ...]


@cache
def load_recorded(name: str) -> RecordedPaths:
    """Read `data/kernels/NAME.npz`.

    Parameters
    ----------
    name : str
        E.g. "linux-2.6.12".
    """
    path = data_dir() / "kernels" / f"{name}.npz"
    file = read_arrays(read_bytes(path), path)
    names, roles, starts = file["names"], file["roles"], file["starts"]
    refs, pages = file["refs"], file["kernel_pages"]
    paths = {
        str(names[i]): Template(
            name=str(names[i]),
            roles=tuple(str(roles[i]).split()),
            refs=refs[starts[i] : starts[i + 1]],
            scale="linux",
            origin="recorded",
            source="LNX-REFS",
            certainty="counted",
        )
        for i in range(len(names))
    }
    return RecordedPaths(paths, tuple(int(p) for p in pages))
