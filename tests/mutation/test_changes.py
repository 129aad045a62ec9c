"""The tool itself: what is changed, what is left alone, and that each change is one change."""

from __future__ import annotations

from pathlib import Path

from tests.mutation.changes import changed, changes

SOURCE = '''"""A file."""
from functools import cache

@cache(True)
def f(x: int | None = 3) -> int | None:
    """Says 4."""
    if x < 3 and not x:
        print(x)
    y: int | str = x + 1
    return y
'''


def test_every_place_is_changed_in_its_way_and_no_hint_or_decorator(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(SOURCE)
    found = changes(path)
    assert sorted((c.line, c.kind, c.text) for c in found) == [
        (5, "constant", "3"),
        (7, "comparison", "x < 3"),
        (7, "condition", "x < 3 and (not x)"),
        (7, "constant", "3"),
        (7, "operator", "x < 3 and (not x)"),
        (8, "call left out", "print(x)"),
        (9, "constant", "1"),
        (9, "operator", "x + 1"),
    ]
    texts = [changed(c) for c in found]
    assert len(set(texts)) == len(texts)
    assert any("x <= 3 and" in text for text in texts)
    assert any("x - 1" in text for text in texts)
    assert any("if not (x < 3" in text for text in texts)
    assert not any("True + 1" in text or "int & None" in text for text in texts)
