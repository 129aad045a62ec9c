"""A counted path is drawn with the return it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from microbench.errors import InputError
from microbench.trace import ops
from microbench.trace.draw import draw
from microbench.trace.shapes import read_file

TEXT = """
[path.called]
instructions = 14
loads = 2
stores = 1
taken = 3
code_lines = 3
source = "a toy"
certainty = "counted"
objects = {{ user_stack = [1, 1] }}
{rest}
"""


def ways_out(tmp_path: Path, rest: str) -> list[int]:
    """How each line of code is left."""
    file = tmp_path / "toy.toml"
    file.write_text(TEXT.format(rest=rest), encoding="utf-8")
    refs = draw(read_file(file).paths["called"], "").refs
    return [int(aux) for kind, *_, aux in refs if kind == ops.FETCH]


@pytest.mark.parametrize(("rest", "way"), [
    ("", ops.BRANCH),
    ('returns = "load"', ops.RETURN_LOAD),
    ('returns = "register"', ops.RETURN_REGISTER),
])  # fmt: skip
def test_the_last_branch_but_one_is_the_return(tmp_path: Path, rest: str, way: int) -> None:
    assert ways_out(tmp_path, rest) == [ops.BRANCH, way, ops.BRANCH]


def test_several_returns_stand_in_order_before_the_last_branch(tmp_path: Path) -> None:
    both = [ops.RETURN_LOAD, ops.RETURN_REGISTER, ops.BRANCH]
    assert ways_out(tmp_path, 'returns = ["load", "register"]') == both
    with pytest.raises(InputError, match="with a line of code a branch"):
        ways_out(tmp_path, 'returns = ["load", "load", "load"]')


def test_a_return_of_no_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="returns"):
        ways_out(tmp_path, 'returns = "magic"')
