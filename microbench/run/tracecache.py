"""Traces kept between runs of the command, so that a warm run only prices.

A trace hangs on the code and the data of this package and on nothing else; the store is
keyed by a hash over both, and what an older version left is removed. Where the store cannot
be written, everything works as before, only slower. `MKBENCH_CACHE=off` turns it off.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import zipfile
from functools import cache
from pathlib import Path

import numpy as np

from microbench.datafiles import data_dir
from microbench.trace import Trace

ARRAYS = ("operations", "refs", "templates", "frames", "loops", "pages")
TEXTS = ("places", "scales", "names")
WORTH = 100
"""Operations from which on reading a trace is quicker than making it again."""


@cache
def version() -> str:
    """Hash of everything a trace can depend on."""
    package = Path(__file__).parents[1]
    files = [*package.rglob("*.py"), *data_dir().glob("kernels/*"), *data_dir().glob("workloads/*")]
    found = hashlib.sha256(str(np.__version__).encode())
    for path in sorted(path for path in files if path.is_file()):
        found.update(str(path.name).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


@cache
def folder() -> Path | None:
    """Where traces of this version are kept; None where nothing is to be kept."""
    if os.environ.get("MKBENCH_CACHE") == "off":
        return None
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    place = Path(home) / "mkbench" / "traces" / version()
    try:
        place.mkdir(parents=True, exist_ok=True)
        for other in place.parent.iterdir():
            if other != place:
                shutil.rmtree(other, ignore_errors=True)
    except OSError:
        return None
    return place


def _file(key: tuple[object, ...]) -> Path | None:
    place = folder()
    name = hashlib.sha256(repr(key).encode()).hexdigest()[:24]
    return None if place is None else place / f"{name}.npz"


def load(key: tuple[object, ...]) -> Trace | None:
    """The kept trace of a key, if there is one that can be read."""
    path = _file(key)
    if path is None or not path.exists():
        return None
    try:
        with np.load(path) as file:
            arrays = {name: file[name] for name in ARRAYS}
            texts = {name: tuple(str(x) for x in file[name]) for name in TEXTS}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    return Trace(**arrays, **texts)  # type: ignore[arg-type]


def keep(key: tuple[object, ...], trace: Trace) -> None:
    """Keep a trace that is worth it, whole or not at all."""
    path = _file(key) if len(trace.operations) >= WORTH else None
    if path is None:
        return
    arrays = {name: getattr(trace, name) for name in ARRAYS}
    texts = {name: np.array(getattr(trace, name)) for name in TEXTS}
    partial = path.with_name(f"{path.stem}.{os.getpid()}.tmp")
    with contextlib.suppress(OSError):
        with partial.open("wb") as file:
            np.savez(file, **arrays, **texts)  # type: ignore[arg-type]
        partial.replace(path)
