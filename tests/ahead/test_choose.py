"""Which engine runs: a twin of this very text, else numba, else Python; a wish is obeyed."""

from __future__ import annotations

import importlib
import sys
import types

import pytest

from microbench.ahead import choose as chosen
from microbench.ahead.choose import VARIABLE, Choice, choose
from microbench.ahead.modules import ENGINES
from microbench.errors import InputError

ONE = ENGINES[0]


def decide(monkeypatch: pytest.MonkeyPatch, digest: str | None, numba: bool, wish: str) -> Choice:
    """A choice with a twin of that digest (None: there is none), with numba or without."""
    twin = types.ModuleType(ONE.twin)
    twin.DIGEST, twin.replay = digest, "compiled replay"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, ONE.twin, twin if digest else None)  # type: ignore[arg-type]
    monkeypatch.setattr(chosen.importlib.util, "find_spec", lambda name: numba or None)
    monkeypatch.setenv(VARIABLE, wish)
    return choose(
        ONE.module, lambda: (lambda function: "helper", lambda function: "by numba", float)
    )


def replay() -> None:
    """What would be compiled."""


@pytest.mark.parametrize(
    ("digest", "numba", "wish", "kind", "why", "entry"),
    [
        ("fresh", True, "", "ahead", "", "compiled replay"),
        ("fresh", False, "ahead", "ahead", "", "compiled replay"),
        ("fresh", True, "numba", "numba", "MKBENCH_ENGINE says so", "by numba"),
        ("fresh", True, "plain", "plain", "MKBENCH_ENGINE says so", replay),
        ("stale", True, "", "numba", "another text; install it again", "by numba"),
        ("stale", False, "", "plain", "numba is not installed", replay),
        (None, True, "", "numba", "not compiled when it was installed", "by numba"),
        (None, False, "", "plain", "numba is not installed", replay),
    ],
)
def test_choices(
    monkeypatch: pytest.MonkeyPatch, digest: str, numba: bool, wish: str, kind: str, why: str, entry
) -> None:
    found = decide(monkeypatch, ONE.digest() if digest == "fresh" else digest, numba, wish)
    assert found.kind == kind
    assert why in found.why
    assert found.entry(replay) == entry
    assert found.helper(replay) == ("helper" if kind == "numba" else replay)
    assert found.index is (float if kind == "numba" else int)


@pytest.mark.parametrize(
    ("digest", "numba", "wish", "said"),
    [
        ("stale", True, "ahead", "compiled from another text"),
        (None, True, "ahead", "not compiled when it was installed"),
        ("fresh", False, "numba", "numba is not installed"),
        ("fresh", True, "fast", "one of ahead, numba, plain"),
    ],
)
def test_a_wish_that_cannot_be_met(
    monkeypatch: pytest.MonkeyPatch, digest: str, numba: bool, wish: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        decide(monkeypatch, ONE.digest() if digest == "fresh" else digest, numba, wish)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda e: e.module)
def test_the_version_says_which_engine_runs(engine) -> None:
    from microbench.ahead.describe import WORDS, describe

    kind = importlib.import_module(engine.module).CHOICE.kind
    said = next(line for line in describe() if line.startswith(engine.module))
    assert WORDS.get(kind, "plain Python") in said
