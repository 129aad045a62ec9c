"""A slow engine is said before it runs, and only then."""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import Any

import pytest

from microbench.ahead.choose import AHEAD, NUMBA, PLAIN
from microbench.run import compiled
from microbench.run.compiled import MAIN, MANY_CPUS, ONE_CPU, announce


def index(found: Any) -> SimpleNamespace:
    """A compiled function whose store holds that."""

    def load() -> Any:
        if isinstance(found, Exception):
            raise found
        return found

    return SimpleNamespace(_cache=SimpleNamespace(_cache_file=SimpleNamespace(_load_index=load)))


def said(monkeypatch: pytest.MonkeyPatch, kind: str, stored: Any = None) -> list[str]:
    found: list[str] = []
    engine = SimpleNamespace(CHOICE=SimpleNamespace(kind=kind, why="so"), replay=index(stored))
    monkeypatch.setattr(compiled.importlib, "import_module", lambda name: engine)
    announce(found.append)
    return found


def test_a_compilation_is_said_if_it_has_to_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    (text,) = said(monkeypatch, NUMBA, {})
    assert text.startswith("compiling the engine, once")
    assert text.endswith("(so)")
    assert said(monkeypatch, NUMBA, {"int64": 1}) == []
    assert said(monkeypatch, NUMBA, OSError()) == [], "what is not known is not said"


def test_plain_python_is_said_each_time_and_the_fast_engine_never(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (text,) = said(monkeypatch, PLAIN)
    assert "plain Python" in text
    assert "(so)" in text
    assert said(monkeypatch, AHEAD) == []


@pytest.mark.parametrize("module", [ONE_CPU, MANY_CPUS])
def test_each_engine_has_the_function_that_is_asked_for(module: str) -> None:
    engine = importlib.import_module(module)
    assert callable(getattr(engine, MAIN[module]))
    announce(lambda text: None, module)
