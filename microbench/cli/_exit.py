"""How the command ends: one line, one exit code, whatever happens; the standard library only.

0 fine, 1 a row differs, 2 a mistake or a stream that cannot be written, 3 not the same thing,
4 nobody thought of it, 130 interrupted, 141 whoever read the output went away.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

from microbench.errors import MkbenchError, printable

DEBUG = "--debug"
INTERNAL, INTERRUPTED, PIPE_GONE = 4, 130, 141
_OF_STREAMS = {errno.ENOSPC, errno.EBADF, errno.EIO, errno.EFBIG, errno.EDQUOT, errno.EINVAL}


class Closed(io.TextIOBase):
    """Stands for a standard output that was closed before the command began."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        """Refuse, as the stream would have."""
        raise OSError(errno.EBADF, "closed")

    def writable(self) -> bool:
        """As a stream that is there."""
        return True


def guarded(command: Callable[[], object]) -> int:
    """Run a command and say in one line how it failed.

    Returns
    -------
    int
        The exit code.
    """
    try:
        _open_streams()
        command()
        sys.stdout.flush()
    except BaseException as error:
        with suppress(ValueError):
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        return _told(error)
    return 0


def _open_streams() -> None:
    """Let no file take the number of a closed standard stream."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = Closed()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115


def _told(error: BaseException) -> int:
    if isinstance(error, SystemExit):
        return _flushed(error.code)
    if isinstance(error, MkbenchError):
        _say(str(error))
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        _say("interrupted")
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        _let_go()
        return PIPE_GONE
    if isinstance(error, OSError) and error.errno in _OF_STREAMS and error.filename is None:
        _let_go()
        _say(f"standard output: cannot write: {error.strerror}")
        return 2
    if os.environ.get("MKBENCH_DEBUG"):
        import traceback

        traceback.print_exception(error)
    _say(f"internal failure: {type(error).__name__}: {error}; {DEBUG} shows where")
    return INTERNAL


def _flushed(code: object) -> int:
    """The code of an end that was asked for, unless its last words cannot be written."""
    try:
        sys.stdout.flush()
    except OSError as error:
        return _told(error)
    return code if isinstance(code, int) else int(code is not None)


def _say(text: str) -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write(f"mkbench: {printable(text)}\n")
        sys.stderr.flush()


def _let_go() -> None:
    """Point standard output nowhere, so that what is left in it does not fail again at the end."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
