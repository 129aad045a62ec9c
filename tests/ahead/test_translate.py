"""An engine's text as Cython: heads by rule, bodies word for word, broken rules said."""

from __future__ import annotations

import pytest

from microbench.ahead.build import constants
from microbench.ahead.modules import ENGINES, PACKAGE, Engine
from microbench.ahead.translate import TranslationError, translate

TEXT = '''
"""A toy engine."""
STEP = 3

@_jit
def _next(S, at):
    """The next number."""
    return S[at] + STEP

@_jit
def _both(S):
    return S[0], S[1]

@_jit
def _clear(S):
    for place in range(2):
        S[place] = 0

@_entry
def go(T, S, first):
    a, b = _both(S)
    S[0] = _next(S, a + b) + T[first, 0]

def helper():
    return [1]
'''
TYPES = {"S": "long long[::1]", "T": "const long long[:, ::1]"}


def lines(text: str = TEXT) -> list[str]:
    return translate(text, TYPES, {"STEP": 3}, "abc").splitlines()


@pytest.mark.parametrize(
    "line",
    [
        'DIGEST = "abc"',
        "    #define mkbench_STEP 3LL",
        '    const long long STEP "mkbench_STEP"',
        "cdef inline long long _next(long long[::1] S, long long at) noexcept nogil:",
        "cdef inline (long long, long long) _both(long long[::1] S) noexcept nogil:",
        "cdef inline void _clear(long long[::1] S) noexcept nogil:",
        "    cdef long long place",
        "def go(const long long[:, ::1] T, long long[::1] S, long long first):",
        "    cdef long long a, b",
        "    S[0] = _next(S, a + b) + T[first, 0]",
    ],
)
def test_each_part_becomes_this_line(line: str) -> None:
    assert lines().count(line) == 1


def test_what_is_not_decorated_stays_out() -> None:
    assert not [line for line in lines() if "helper" in line or line.startswith("@")]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("    S = 1\n", "_f assigns to S, an array"),
        ("    if at:\n        return 1\n    return 1, 2\n", "_f does not return the same"),
        ("    if at:\n        return\n    return 1\n", "_f does not return the same"),
    ],
)
def test_a_broken_rule_is_named(body: str, said: str) -> None:
    with pytest.raises(TranslationError, match=said):
        lines(f"@_jit\ndef _f(S, at):\n{body}")


@pytest.mark.parametrize("engine", ENGINES, ids=lambda e: e.module)
def test_the_engines_keep_the_rules(engine: Engine) -> None:
    text = (PACKAGE / engine.source).read_text(encoding="utf-8")
    made = translate(text, engine.types(), constants(engine), engine.digest())
    assert made.count("\ncdef inline") == text.count("\n@_jit\n") + 1  # and `_u`
    assert f'DIGEST = "{engine.digest()}"' in made


def test_a_changed_source_changes_the_digest(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    (tmp_path / "ahead").mkdir()
    for name in ("ahead/modules.py", "ahead/translate.py", "toy.py", "words.py"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr("microbench.ahead.modules.PACKAGE", tmp_path)
    toy = Engine("microbench.toy", ("words.py",), {}, {})
    digests = [toy.digest()]
    for name in ("toy.py", "words.py", "ahead/translate.py"):
        (tmp_path / name).write_text("changed")
        digests.append(toy.digest())
    assert len(set(digests)) == len(digests)
