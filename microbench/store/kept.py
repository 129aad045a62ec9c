"""What is worked out once and kept between runs of the command: traces, ledgers, ranges.

An entry hangs on its key and on all code and data of this package; each version of these has
its own folder, and all versions share a bounded room from which the least recently used goes.
An entry carries a digest; a damaged one is none, is said once and is made again. Where nothing
can be written, everything works as before, only slower. `MKBENCH_CACHE=off` turns it off.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.reading import read_bytes
from microbench.said import say

Thing = TypeVar("Thing")
FORMAT = b"mkbench-kept-3 "
ROOM_BYTES = 1 << 30
"""Of all versions together."""
_ANEW: ContextVar[bool] = ContextVar("anew", default=False)


def files() -> dict[str, Path]:
    """Everything an entry can depend on besides its key: the text of the package, all data."""
    package, data = Path(__file__).parents[1], data_dir()
    found = {f"code/{path.relative_to(package)}": path for path in package.rglob("*.py")}
    found |= {f"data/{p.relative_to(data)}": p for p in data.rglob("*") if p.is_file()}
    return dict(sorted(found.items()))


@cache
def version() -> str:
    """Hash of NumPy's version and of the names and contents of `files`."""
    found = hashlib.sha256(str(np.__version__).encode())
    for name, path in files().items():
        with path.open("rb") as file:
            found.update(name.encode() + b"\0" + hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()[:16]


@cache
def folder() -> Path | None:
    """Where entries of this version are kept; None where nothing is to be kept."""
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


def file_of(kind: str, key: str) -> Path | None:
    """The file of an entry, if anything is kept.

    Parameters
    ----------
    kind : str
        "trace", "ledgers", "ranges"; entries of different kinds may share a key.
    key : str
        All that decides the entry.
    """
    place = folder()
    return None if place is None else place / f"{kind}-{hashlib.sha256(key.encode()).hexdigest()}"


@contextlib.contextmanager
def anew() -> Iterator[None]:
    """Within this, nothing that was kept is believed: all is made again."""
    token = _ANEW.set(True)
    try:
        yield
    finally:
        _ANEW.reset(token)


def load(kind: str, key: str, unpack: Callable[[bytes, Path], Thing]) -> Thing | None:
    """The entry of a key, if there is one that is whole.

    Parameters
    ----------
    unpack : callable
        From the content and the file it stands in to the entry; raises InputError, ValueError,
        KeyError or TypeError for what is none.
    """
    path = file_of(kind, key)
    if _ANEW.get() or path is None or not path.exists():
        return None
    try:
        found = unpack(_opened(read_bytes(path), path), path)
    except (InputError, ValueError, KeyError, TypeError):
        say(f"a kept entry was damaged ({path}); it is made again")
        with contextlib.suppress(OSError):
            path.unlink()
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    return found


def keep(kind: str, key: str, body: bytes) -> None:
    """Keep the entry of a key, whole or not at all; the digest spares waiting for the disk."""
    path = file_of(kind, key)
    if path is None:
        return
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    with contextlib.suppress(OSError):
        try:
            partial.write_bytes(sealed(body))
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def sealed(body: bytes) -> bytes:
    """A content with its digest in front."""
    return FORMAT + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def _opened(content: bytes, path: Path) -> bytes:
    head, _, body = content.partition(b"\n")
    if head != FORMAT + hashlib.sha256(body).hexdigest().encode():
        raise InputError(path, "", "", "damaged: its content is not what its digest says")
    return body
