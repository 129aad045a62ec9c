"""Traces kept between runs of the command, so that a warm run only prices.

A trace hangs on the code and the data of this package and on nothing else; each version of
them has its own folder, and all share a bounded room from which the least recently used goes.
An entry carries a digest and passes the check of a foreign file; a damaged one is no entry,
is said once and is made again. Where nothing can be written, everything works as before, only
slower. `MKBENCH_CACHE=off` turns it off.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from functools import cache
from pathlib import Path

import numpy as np

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.reading import read_bytes
from microbench.said import say
from microbench.store.files import write_bytes
from microbench.trace import Trace
from microbench.trace.check import WIDTHS, MalformedError, check
from microbench.trace.npz import read_arrays

TEXTS = ("places", "scales", "names")
FORMAT = b"mkbench-cache-2 "
WORTH = 100
"""Operations from which on reading a trace is quicker than making it again."""
ROOM_BYTES = 1 << 30
"""Of all versions together."""


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
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME", ""))
        home = home if home.is_absolute() else Path.home() / ".cache"
        place = home / "mkbench" / "traces" / version()
        place.mkdir(parents=True, exist_ok=True)
        make_room(place.parent)
    except (OSError, RuntimeError):
        return None
    return place


def make_room(place: Path, room: int = ROOM_BYTES) -> None:
    """Remove the least recently used entries of all versions until the rest takes `room`."""
    entries = []
    for path in place.glob("*/*"):
        with contextlib.suppress(OSError):
            found = path.stat()
            entries.append((found.st_mtime_ns, found.st_size, path))
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries):
        if total <= room:
            break
        with contextlib.suppress(OSError):
            path.unlink()
            total -= size
    for version_folder in place.iterdir():
        with contextlib.suppress(OSError):
            version_folder.rmdir()
    # rmdir spares what is not empty; the caller's own folder may be gone and is made again
    with contextlib.suppress(OSError):
        (place / version()).mkdir(exist_ok=True)


def _file(key: tuple[object, ...]) -> Path | None:
    place = folder()
    name = hashlib.sha256(repr(key).encode()).hexdigest()[:24]
    return None if place is None else place / f"{name}.npz"


def load(key: tuple[object, ...]) -> Trace | None:
    """The kept trace of a key, if there is one that is whole."""
    path = _file(key)
    if path is None or not path.exists():
        return None
    try:
        found = unpacked(read_bytes(path), path)
        os.utime(path)
    except OSError:
        return found
    except (InputError, MalformedError, KeyError):
        say(f"a kept trace was damaged ({path}); it is made again")
        with contextlib.suppress(OSError):
            path.unlink()
        return None
    return found


def keep(key: tuple[object, ...], trace: Trace) -> None:
    """Keep a trace that is worth it, whole or not at all."""
    path = _file(key) if len(trace.operations) >= WORTH else None
    if path is not None:
        with contextlib.suppress(InputError):
            write_bytes(path, packed(trace))


def packed(trace: Trace) -> bytes:
    """A trace with its digest in front."""
    arrays = {name: getattr(trace, name) for name in WIDTHS}
    texts = {name: np.array(getattr(trace, name)) for name in TEXTS}
    out = io.BytesIO()
    np.savez(out, **arrays, **texts)  # type: ignore[arg-type]
    body = out.getvalue()
    return FORMAT + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def unpacked(content: bytes, path: Path) -> Trace:
    """The trace of `packed`, checked.

    Raises
    ------
    InputError, MalformedError, KeyError
        If it is damaged.
    """
    head, _, body = content.partition(b"\n")
    if head != FORMAT + hashlib.sha256(body).hexdigest().encode():
        raise InputError(path, "", "", "damaged: its content is not what its digest says")
    arrays = read_arrays(body, path)
    texts = {name: tuple(str(x) for x in arrays[name]) for name in TEXTS}
    trace = Trace(**{name: arrays[name] for name in WIDTHS}, **texts)  # type: ignore[arg-type]
    check(trace)
    return trace
