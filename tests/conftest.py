"""What all tests share: traces made anew, and the command called in this process."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

os.environ["MKBENCH_CACHE"] = "off"  # what an earlier run kept must not hide a change


class Done(NamedTuple):
    """How a call of the command ended, named as in `subprocess`."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="session")
def mkbench() -> Callable[..., Done]:
    """`mkbench WORDS` from its words to its exit code, without the start of a process."""
    return _called


def _called(*words: str) -> Done:
    from microbench import said
    from microbench.cli import main

    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    interrupt = signal.getsignal(signal.SIGINT)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["mkbench", *words])
        patch.setattr(said, "_told", set())
        patch.setattr(said, "_listeners", [])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            signal.signal(signal.SIGINT, interrupt)
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
    return Done(code, *texts)


@pytest.fixture(scope="module")
def kept_in_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is kept is worked out once per session, whichever worker asks for it first."""
    from microbench.store import kept

    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "kept"
    place.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "folder", lambda: place)
        yield


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache home of the test's own, and what is kept is believed."""
    from microbench.store import kept

    monkeypatch.setenv("MKBENCH_CACHE", "on")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kept.folder.cache_clear()
    yield tmp_path
    kept.folder.cache_clear()
