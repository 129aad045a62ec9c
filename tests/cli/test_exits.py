"""How the command ends: codes, full or closed streams, interruptions, nobody's mistakes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from microbench.cli import _exit, main
from microbench.errors import InputError, MismatchError

MKBENCH = f"{sys.executable} -m microbench"


def shell(command: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root, "M": MKBENCH}
    words = ["bash", "-c", command]
    return subprocess.run(
        words, capture_output=True, text=True, cwd=folder, env=environment, check=False
    )


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError("f.toml", "a.b", 3, "wrong"), 2, "mkbench: f.toml: a.b = 3: wrong\n"),
        (MismatchError("other"), 3, "mkbench: other\n"),
        (KeyboardInterrupt(), 130, "mkbench: interrupted\n"),
        (BrokenPipeError(), 141, ""),
        (OSError(28, "No space left on device"), 2, "mkbench: standard output: cannot write: "),
        (EOFError("x"), 4, "mkbench: internal failure: EOFError: x; --debug shows where\n"),
        (OSError(28, "No space", "/a/file"), 4, "mkbench: internal failure: OSError"),
        (ZeroDivisionError("a\x1b[31m\nb"), 4, "ZeroDivisionError: a\\x1b[31m b; --debug"),
        (SystemExit(7), 7, ""),
        (SystemExit(None), 0, ""),
    ],
)
def test_every_end_is_a_line_and_a_code(
    error: BaseException,
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails() -> None:
        raise error

    monkeypatch.delenv("MKBENCH_DEBUG", raising=False)
    monkeypatch.setattr(signal, "signal", lambda *words: None)
    assert _exit.guarded(fails) == code
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == bool(said)


def test_debug_shows_where(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MKBENCH_DEBUG", "1")
    monkeypatch.setattr(signal, "signal", lambda *words: None)
    assert _exit.guarded(lambda: 1 // 0) == 4
    assert "test_exits.py" in capsys.readouterr().err


def test_debug_may_stand_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["mkbench", "show", "source", "--debug", "TALK"])
    monkeypatch.setenv("MKBENCH_DEBUG", "")
    main()
    assert os.environ["MKBENCH_DEBUG"] == "1"


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("$M list > /dev/full", 2, "No space left"),
        ("$M --help > /dev/full", 2, "No space left"),
        ("$M list >&-", 2, "closed"),
        ("$M list 2>&- | grep -q pxa255", 0, ""),
        ("$M run nothing 2>&-", 2, ""),
        ("$M smp list -o /dev/stdout | grep -q numachine", 0, ""),
    ],
)
def test_standard_streams(command: str, code: int, said: str) -> None:
    done = shell(command)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 1


def test_a_reader_that_is_gone() -> None:
    """As `| head -1`, but with nobody there from the start: how fast head leaves is chance."""
    reading, writing = os.pipe()
    os.close(reading)
    words = [sys.executable, "-m", "microbench", "show", "machine", "pxa255"]
    done = subprocess.run(words, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_deleted_directory(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    done = shell("rmdir ../gone; $M smp list -o x.txt", folder)
    assert done.returncode == 2
    assert done.stderr.startswith("mkbench: x.txt: cannot write: ")
