"""A copy of the package in which tests are tried, each trial in a process forked for it.

The fork has the libraries loaded and nothing of the package; the compiled engines are copied
along, and what a trial does not change is read from the bytecode of the first one.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.mutation.rooms import SKIPPED

REPOSITORY = Path(__file__).parents[2]
COPIED = ("microbench", "tests")
LINKED = ("data", "results", "pyproject.toml", "README.md")
LONGEST_SECONDS, MOST_CPU_SECONDS = 300, 45
SAID = "said.txt"
"""What the tests of the last trial said."""
OPTIONS = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", "-m", "not slow")


def copy(place: Path) -> None:
    """The repository in another folder: package and tests by copy, the rest by link."""
    for name in COPIED:
        shutil.copytree(REPOSITORY / name, place / name)
    for name in LINKED:
        (place / name).symlink_to(REPOSITORY / name)


def preload() -> None:
    """Load what does not change, once for all trials."""
    for name in ("hypothesis", "numpy", "pandas", "click", "rich.console", "pytest", "numba"):
        try:
            __import__(name)
        except ImportError:
            print(f"{name} is not installed", file=sys.stderr)


def passes(place: Path, tests: Sequence[str], plain: bool = False) -> bool:
    """Whether the tests come to a good end in the copy; if `plain`, with engines as Python."""
    child = os.fork()
    if child == 0:
        os.environ |= {"MKBENCH_ENGINE": "plain"} if plain else {}
        _try(place, tests)
    limit = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < limit:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _try(place: Path, tests: Sequence[str]) -> None:
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))
    nowhere = os.open(place / SAID, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    code = 1
    try:
        import pytest

        os.chdir(place)
        os.environ |= {"PYTHONPATH": str(place), "XDG_CACHE_HOME": str(place / "cache")}
        os.environ["CI"] = "true"  # hypothesis then draws the same examples every time
        sys.path[:] = [str(place), *(p for p in sys.path if Path(p or ".").resolve() != REPOSITORY)]
        for name in [n for n in sys.modules if n.partition(".")[0] in ("tests", "microbench")]:
            del sys.modules[name]
        skipped = [f"--deselect={test}" for test in SKIPPED]
        options = [*OPTIONS, *skipped, "--basetemp", str(place / "temporary")]
        code = pytest.main([*options, *tests])
    finally:
        os._exit(int(code))


class Written:
    """A file of the copy with another text, for as long as the block lasts."""

    def __init__(self, target: Path, text: str) -> None:
        self.target, self.text = target, text

    def __enter__(self) -> None:
        self.keep = self.target.read_bytes()
        self._forget()
        self.target.write_text(self.text)

    def __exit__(self, *error: object) -> None:
        self.target.write_bytes(self.keep)
        self._forget()

    def _forget(self) -> None:
        """Bytecode is known by time and size only: an old one must not stand for the new text."""
        for stale in (self.target.parent / "__pycache__").glob(f"{self.target.stem}.*.pyc"):
            stale.unlink()
