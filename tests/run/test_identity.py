"""A trace's name holds whatever built it; rows have one value, in any order and company."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microbench.run import runner, tracecache
from microbench.run.identity import identity
from microbench.run.rows import benchmark_rows
from microbench.run.runner import record, stage_of
from microbench.systems.registry import SYSTEMS, Play
from microbench.workloads.base import Part
from microbench.workloads.lat_ctx import LatCtx
from microbench.workloads.registry import workloads

CALLS = (
    ("lat_ctx", "-s 0 2"),
    ("lat_ctx", "-s 0 2 3"),
    ("lat_syscall", "null read"),
    ("lat_syscall", "null"),
)


def build(size: int, iterations: int, linux: object) -> None:
    """A program that is never run here."""


def closed(over: int) -> Callable[..., None]:
    return lambda iterations, linux: print(over)


def one_program(iterations: int, linux: object) -> None:
    print(1)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (partial(build, 1), partial(build, 2)),
        (partial(build, 1), partial(build, True)),
        (partial(build, 1), partial(build, 1.0)),
        (partial(build, 1), partial(build, size=1)),
        (partial(build, 1), partial(one_program)),
        (closed(1), closed(2)),
        (Part("p", build), Part("p", build, warm_up=1)),
        (Part("p", build, options={"a": 1}), Part("p", build, options={"a": 2})),
        (SYSTEMS["l4"].play["linux"], SYSTEMS["l4-full-flush"].play["linux"]),
        (SYSTEMS["native"].play["linux"], SYSTEMS["native-64k-pipe"].play["linux"]),
        (LatCtx(0, 2).parts()[1], LatCtx(0, 3).parts()[1]),
        ({"a": 1, "b": 2}, {"a": 2, "b": 1}),
        ((1, (2, 3)), ((1, 2), 3)),
        ("1", 1),
    ],
)
def test_what_differs_has_another_name(first: Any, second: Any) -> None:
    assert identity(first) != identity(second)
    assert identity(first) == identity(first)


def test_order_of_settings_is_no_difference() -> None:
    assert identity({"a": 1, "b": 2}) == identity({"b": 2, "a": 1})
    assert identity(partial(build, 1)) == identity(partial(build, 1))


def test_what_cannot_be_named_is_refused(tmp_path: Any) -> None:
    with (tmp_path / "x").open("w") as file, pytest.raises(TypeError, match="no name"):
        identity(partial(build, file.fileno, iter([])))


def test_a_player_sees_only_what_names_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []

    def spy(part: Any, stage: Any) -> Any:
        seen.append(dict(stage))
        return SYSTEMS["native"].play["linux"](part, stage)

    found = SYSTEMS["native-tagged"]
    monkeypatch.setitem(
        SYSTEMS, "spied", type(found)("spied", "", {"linux": Play(spy, ("numbers",))})
    )
    workload = workloads("lat_syscall", ["null"])[0]
    record(workload, workload.parts()[0], "spied")
    assert [set(stage) for stage in seen] == [{"numbers"}]
    assert {"architecture", "level", "images"} - set(stage_of(workload, None)) == {"architecture"}


def values(call: tuple[str, str]) -> dict[tuple[str, ...], tuple[float, int | None]]:
    rows = benchmark_rows(*call, systems=None if call[0] == "lat_ipc" else ("native", "l4"))
    return {row.key: (row.value, row.cycles) for row in rows}


@settings(max_examples=3, deadline=None, derandomize=True)
@given(st.permutations(CALLS), st.booleans())
def test_rows_are_the_same_in_any_order_fresh_and_warm(
    order: list[tuple[str, str]], fresh: bool
) -> None:
    """No kept trace of another call, and none of an earlier one, may change a row."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracecache, "load", lambda name: None)
        if fresh:
            patch.setattr(runner, "_TRACES", {})
            patch.setattr(runner, "_PRICED", {})
        known: dict[tuple[str, ...], tuple[float, int | None]] = {}
        for call in order:
            for key, value in values(call).items():
                assert known.setdefault(key, value) == value, (key, order)
        assert REFERENCE or not REFERENCE.update(known)
        assert known == REFERENCE


REFERENCE: dict[tuple[str, ...], tuple[float, int | None]] = {}
