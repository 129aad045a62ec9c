"""Local work from recorded paths: sums of sub-paths, holds of locks, least one cycle, a range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from microbench.errors import UsageError
from microbench.run import many
from microbench.run.many import part_cycles, with_work_of
from microbench.smp.machine import load_machine
from microbench.smp.operation import load_operation

COST = {"low": 1.0, "value": 2.0, "high": 5.0}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """A kernel of operation "open", whose sub-paths take 10, 20, 0.2 and 400 cycles at `low`."""
    found: list[Any] = []
    groups = {"walk": 10.0, "copy": 20.0, "tiny": 0.2, "entry_exit": 400.0, "user": 70.0}
    kernel = SimpleNamespace(
        recording="file", operations=lambda: ["open"],
        string=lambda name: SimpleNamespace(instructions=60.0),
    )  # fmt: skip

    def priced(recipe: Any, kernel: Any, spec: Any, level: str) -> SimpleNamespace:
        found.append((recipe.terms[0].operation, spec.value("core.clock_hz"), level))
        scaled = {
            g: np.array([c * COST[level] / 2, c * COST[level] / 2]) for g, c in groups.items()
        }
        return SimpleNamespace(by_group=scaled)

    monkeypatch.setattr(many, "kernel_of", lambda spec: kernel)
    monkeypatch.setattr(many, "priced", priced)
    monkeypatch.setattr(many, "mean_hold", lambda *words: 12.0 if words[2] == "alloc" else 0.0)
    caches = (many.part_cycles, many._by_group)
    for cache in caches:
        cache.cache_clear()
    yield found
    for cache in caches:
        cache.cache_clear()


def test_a_sub_path_has_the_middle_and_both_ends(asked: list[Any]) -> None:
    found = part_cycles("open/walk", "skylake", 2e9)
    assert (found.low, found.value, found.high, found.unit) == (10, 20, 50, "cycles")
    assert found.certainty == "computed"
    assert found.source == "recorded open/walk, priced on the core of skylake"
    assert set(asked) == {("open", 2e9, level) for level in COST}


def test_sub_paths_are_added_and_less_than_a_cycle_is_one(asked: list[Any]) -> None:
    assert part_cycles("open/walk + open/copy", "skylake", 2e9).value == 60
    tiny = part_cycles("open/tiny", "skylake", 2e9)
    assert (tiny.low, tiny.value, tiny.high) == (1, 1, 1)


def test_a_hold_runs_at_the_pace_of_what_is_inside_the_kernel(asked: list[Any]) -> None:
    """12 of 60 instructions; entry, exit and user code hold no lock."""
    found = part_cycles("hold open/alloc:lock", "skylake", 2e9)
    inside = 2 * (10 + 20 + 0.2)
    assert found.value == round(12 * inside / 60)
    assert found.low == 12 * inside / 2 / 60


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("open/dance", "path open/dance: open has copy, entry_exit, tiny, user, walk"),
        ("hold close/alloc:lock", "close was not recorded"),
        ("hold open/other:lock", "other holds no lock in open"),
    ],
)
def test_what_is_not_there_is_said(asked: list[Any], path: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        part_cycles(path, "skylake", 2e9)


def test_a_core_without_a_recorded_kernel_is_refused(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "kernel_of", lambda spec: None)
    with pytest.raises(UsageError, match="no kernel was recorded for skylake"):
        part_cycles("open/walk", "skylake", 2e9)


def test_only_parts_that_name_a_path_change_and_the_digest_says_the_core(asked: list[Any]) -> None:
    machine = load_machine("icelake128")
    typed = replace(load_operation("fstat", "linux-2.4"), recorded={})
    assert with_work_of(typed, machine) is typed
    name = next(iter(typed.parts))
    given = replace(typed, recorded={name: "open/walk"})
    found = with_work_of(given, machine)
    assert found.parts[name].value == 20
    assert {k: v for k, v in found.parts.items() if k != name} == {
        k: v for k, v in typed.parts.items() if k != name
    }
    assert found.digest == f"{typed.digest}-{machine.core}"
    assert asked[0][1] == machine.clock_hz
    assert with_work_of(given, load_machine("numachine")) is given
