"""Files written whole or not at all, and the directories for them.

A file gets its content under a temporary name beside it and is renamed when complete: who
is killed in between leaves the old file, or none. Knows nothing about contents.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from microbench.errors import InputError


@contextmanager
def replacing(path: str | Path) -> Iterator[IO[bytes]]:
    """Open a file for writing that takes the place of `path` when the block ends well.

    Parameters
    ----------
    path : str or Path
        Target; a symbolic link is followed, a device or pipe is written directly.

    Raises
    ------
    InputError
        If the directory does not exist or cannot be written.
    """
    try:
        with _opened(_target(Path(path))) as file:
            yield file
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise InputError(path, "", "", f"cannot write: {error.strerror or error}") from None


def check_folder(path: str | Path) -> None:
    """Refuse early what `make_folder` would refuse late: a file stands at `path`."""
    if Path(path).exists() and not Path(path).is_dir():
        raise InputError(path, "", "", "not a directory")


def check_file(path: str | Path) -> None:
    """Refuse early what `replacing` would refuse late, so that nothing is computed in vain.

    Raises
    ------
    InputError
        If a directory stands at `path`, or its own is not there or cannot be written.
    """
    try:
        target = _target(Path(path))
        problem = _problem(target, _mode(target))
    except OSError as error:
        problem = error.strerror or str(error)
    if problem:
        raise InputError(path, "", "", f"cannot write: {problem}")


def _problem(target: Path, mode: int | None) -> str:
    folder = target.parent
    if mode is not None and stat.S_ISDIR(mode):
        return "it is a directory"
    if mode is not None and not stat.S_ISREG(mode):
        return "" if os.access(target, os.W_OK) else "permission denied"
    if not folder.is_dir():
        return f"no directory {folder}"
    return "" if os.access(folder, os.W_OK | os.X_OK) else f"{folder} is not writable"


def make_folder(path: str | Path) -> Path:
    """The directory at `path`, with its parents; made if it is not there.

    Raises
    ------
    InputError
        If something else stands there or it cannot be made.
    """
    folder = Path(path)
    check_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(path, "", "", f"cannot make: {error.strerror or error}") from None
    return folder


def write_text(path: str | Path, text: str) -> None:
    """Replace the content of `path` by `text`, in UTF-8 with newlines as they are."""
    write_bytes(path, text.encode())


def write_bytes(path: str | Path, content: bytes) -> None:
    """Replace the content of `path`; see `replacing`."""
    with replacing(path) as file:
        file.write(content)


def _target(path: Path) -> Path:
    """Where links lead; of a device or a pipe, the name it was given by."""
    mode = _mode(path)
    return path if mode is not None and not stat.S_ISREG(mode) else Path(os.path.realpath(path))


@contextmanager
def _opened(target: Path) -> Iterator[IO[bytes]]:
    mode = _mode(target)
    if mode is not None and not stat.S_ISREG(mode):
        with target.open("wb") as file:
            yield file
        return
    temporary = target.with_name(f".{target.name[:200]}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(stat.S_IMODE(mode))
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _mode(target: Path) -> int | None:
    try:
        return target.stat().st_mode
    except FileNotFoundError:
        return None
