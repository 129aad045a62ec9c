"""Two things share a name only if they are built alike; what has no name is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from microbench.run.identity import identity
from microbench.workloads.base import parse_size, whole


@dataclass(frozen=True)
class Point:
    x: int
    y: int = 0


@dataclass(frozen=True)
class Other:
    x: int
    y: int = 0


class Plain:
    def __init__(self, size: int) -> None:
        self.size = size

    def method(self) -> int:
        return self.size


def adder(step: int) -> Callable[[int], int]:
    return lambda n: n + step


def test_equal_things_share_a_name() -> None:
    assert identity(Point(1), 2) == identity(Point(1), 2)
    assert identity(Plain(1)) == identity(Plain(1))
    assert identity(adder(1)) == identity(adder(1))
    assert identity([1, 2]) == identity((1, 2))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 2),
        (1, "1"),
        (1, 1.0),
        (0, None),
        ((1, 2), (2, 1)),
        ((1, (2, 3)), ((1, 2), 3)),
        (Point(1), Point(2)),
        (Point(1, 2), Point(2, 1)),
        (Point(1), Other(1)),
        (Point, Other),
        (Plain(1), Plain(2)),
        (Plain(1).method, Plain(2).method),
        (partial(parse_size, "a"), partial(parse_size, "b")),
        (partial(parse_size, least=1), partial(parse_size, least=2)),
        (partial(parse_size, 1), partial(whole, 1)),
        (parse_size, whole),
        (adder(1), adder(2)),
        (lambda: 1, lambda: 2),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"b": 1}),
        ({1: "x"}, {"1": "x"}),
        (b"a", "a"),
    ],
)
def test_whatever_differs_has_another_name(one: object, other: object) -> None:
    assert identity(one) != identity(other)


def test_defaults_of_a_function_are_part_of_it() -> None:
    def made(size: int) -> tuple[Callable[..., int], Callable[..., int]]:
        return lambda n=size: n, lambda *, n=size: n

    (first, keyword), (second, other) = made(1), made(2)
    assert identity(first) != identity(second)
    assert identity(keyword) != identity(other)


def test_the_order_of_a_mapping_does_not_matter() -> None:
    assert identity({"a": 1, "b": 2}) == identity({"b": 2, "a": 1})


def test_a_function_of_the_package_is_its_name_the_version_says_the_rest() -> None:
    assert identity(parse_size) == "('microbench.workloads.base.parse_size',)"
    assert "Point" in identity(Point)


def test_what_cannot_be_taken_apart_is_refused() -> None:
    with pytest.raises(TypeError, match="has no name"):
        identity(object())
