"""What the README tells a newcomer to type works."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
NEEDS_FILES = ("app --", "./mine.toml", "--out", "baseline", "check")
SLOW = ("--uncertainty", "--choices")
COMMANDS = sorted({" ".join(found.split()) for found in re.findall(r"`(mkbench [^`]+)`", README)})
RUNNABLE = [c for c in COMMANDS if not any(word in c for word in (*NEEDS_FILES, *SLOW))]


def test_the_readme_names_commands() -> None:
    assert "mkbench table all" in RUNNABLE
    assert len(RUNNABLE) >= 5


@pytest.mark.parametrize("line", RUNNABLE)
@pytest.mark.usefixtures("kept_in_session")
def test_commands_run(
    line: str, mkbench: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = mkbench(*shlex.split(line)[1:])
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


NAMED = set(re.findall(r"`((?:microbench|data|results|tests)/[\w./-]+)`", README))


@pytest.mark.parametrize("path", sorted(name for name in NAMED if "mine" not in name))
def test_files_exist(path: str) -> None:
    assert (Path(__file__).parent.parent / path).exists()
