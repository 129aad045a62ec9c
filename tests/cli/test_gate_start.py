"""Help and completion load click and the standard library alone; progress stays on stderr."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time

import pytest

from microbench.ahead.choose import AHEAD
from microbench.cli import _say
from microbench.machine import engine

MINE = ("baseline", "check", "compare", "export", "plot")
HEAVY = ("numpy", "pandas", "numba", "rich", "tabulate", "matplotlib")


def python(code: str, **environment: str) -> str:
    words = [sys.executable, "-c", code]
    done = subprocess.run(
        words, capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    return done.stdout


def test_command_modules_import_nothing_heavy() -> None:
    imports = ";".join(f"import microbench.cli.{name}" for name in MINE)
    loaded = python(f"import sys;{imports};print(*sys.modules)").split()
    assert "click" in loaded
    assert [name for name in HEAVY if name in loaded] == []


NEVER = ("pandas", "numba", "matplotlib", "jinja2", "multiprocessing", "rich._emoji_codes")


@pytest.mark.parametrize(
    ("command", "spared"),
    [
        (["list"], HEAVY),
        (["list", "settings"], HEAVY),
        (["help", "hop"], HEAVY),
        (["run", "lat_syscall", "null", "-q"], NEVER),
        (["run", "lat_syscall", "null", "-q", "--format", "csv"], (*NEVER, "rich", "tabulate")),
    ],
)
def test_a_command_loads_only_what_it_needs(command: list[str], spared: tuple[str, ...]) -> None:
    code = (
        f"import sys;sys.argv=['mkbench',*{command!r}]\n"
        "from microbench.cli import main\n"
        "try: main()\n"
        "except SystemExit as ended: assert not ended.code\n"
        "print('loaded', *sys.modules)"
    )
    shown, _, loaded = python(code).rpartition("loaded ")
    assert shown
    if engine.CHOICE.kind != AHEAD and command[0] == "run":  # no C compiler: numba is the engine
        spared = tuple(name for name in spared if name != "numba")
    assert [name for name in spared if name in loaded.split()] == []


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("mkbench bas", "plain,baseline"),
        ("mkbench baseline s", "plain,save"),
        ("mkbench export --system nat", "plain,native"),
        ("mkbench export --machine pxa2", "plain,pxa255"),
        ("mkbench run lat_ct", "plain,lat_ctx"),
        ("mkbench table over", "plain,overhead"),
        ("mkbench check --format ju", "plain,junit"),
    ],
)
def test_completion(typed: str, offered: str) -> None:
    count = len(typed.split()) - 1
    code = "import sys;sys.argv=['mkbench'];from microbench.cli import main;main()"
    out = python(code, COMP_WORDS=typed, COMP_CWORD=str(count), _MKBENCH_COMPLETE="bash_complete")
    assert offered in out.splitlines()


class Screen(io.StringIO):
    """A stream that says whether it is a terminal."""

    terminal = True

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(("terminal", "end"), [(True, "\r\x1b[K"), (False, "\n")])
def test_progress_shows_after_a_second_on_stderr_only(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    terminal: bool,
    end: str,
) -> None:
    now = [0.0]
    screen = Screen()
    screen.terminal = terminal
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(sys, "stderr", screen)
    with _say.progress(3) as tick:
        tick("first")
        now[0] = 5.0
        tick("second")
    assert "first" not in screen.getvalue()
    assert "2/3 second" in screen.getvalue()
    assert screen.getvalue().endswith(end)
    assert capsys.readouterr().out == ""


def test_quiet_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(_say, "SHOW_AFTER_SECONDS", 0.0)
    with _say.progress(2, quiet=True) as tick:
        tick("one")
    _say.note("done", quiet=True)
    assert screen.getvalue() == ""
