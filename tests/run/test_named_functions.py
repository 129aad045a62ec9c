"""How a function is named: by its place in the package, elsewhere by what it does as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from microbench.run.identity import identity


def made(source: str, module: str, name: str) -> Callable[..., Any]:
    """A function of this source that says it stands there."""
    scope: dict[str, Any] = {"__name__": module}
    exec(source, scope)
    function: Callable[..., Any] = scope["f"]
    function.__qualname__ = name
    return function


ONE, TWO = "f = lambda a: a + 1", "f = lambda a: a + 2"


@pytest.mark.parametrize(
    ("module", "name", "alike"),
    [
        ("microbench.run.x", "play", True),  # the version of the package says what it does
        ("microbench", "Kernel.play", True),
        ("microbench.run.x", "play.<locals>.inner", False),
        ("microbench.run.x", "<lambda>", False),
        ("mine", "play", False),
        ("microbench_mine", "play", False),
    ],
)
def test_two_functions_of_one_place_are_alike_only_in_the_package(
    module: str, name: str, alike: bool
) -> None:
    assert (identity(made(ONE, module, name)) == identity(made(TWO, module, name))) is alike
    assert identity(made(ONE, module, name)) == identity(made(ONE, module, name))
    assert identity(made(ONE, module, name)) != identity(made(ONE, module, name + "2"))


def test_defaults_and_what_is_enclosed_are_part_of_a_function() -> None:
    def enclosing(a: int, default: int, keyword: int) -> Callable[..., int]:
        def f(x: int = default, *, y: int = keyword) -> int:
            return a + x + y

        return f

    base = identity(enclosing(1, 2, 3))
    assert base == identity(enclosing(1, 2, 3))
    for other in (enclosing(9, 2, 3), enclosing(1, 9, 3), enclosing(1, 2, 9)):
        assert identity(other) != base


def test_a_mapping_is_named_whatever_order_it_has_and_whoever_it_is() -> None:
    assert identity({"a": 1, 2: 3}) == identity({2: 3, "a": 1})
    assert identity({"1": 1}) != identity({1: 1})
    assert identity({"a": 1}) != identity([("a", 1)])


def test_what_has_no_insides_is_refused_wherever_it_is() -> None:
    for thing in (iter([]), [iter([])], {"a": iter([])}, object()):
        with pytest.raises(TypeError, match="has no name that a trace could be kept under"):
            identity(thing)
