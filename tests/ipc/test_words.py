"""What a word of a message costs where the copy loop was counted."""

from __future__ import annotations

import pytest

from microbench.run.runner import run
from microbench.run.setup import prepare
from microbench.workloads.registry import workloads


def one_way(words: int, machine: str = "pxa255") -> float:
    (workload,) = workloads("lat_ipc", ["--words", str(words)])
    return run(workload, "l4", prepare(machine)).metrics[0].value


def test_words_in_registers_are_free() -> None:
    assert one_way(4) == one_way(0)


@pytest.mark.parametrize("words", [8, 16])
def test_a_word_in_memory_takes_its_turn_of_the_loop(words: int) -> None:
    """Load, count, store, branch, and a cycle in which the store waits for the loaded word."""
    assert one_way(words + 4) - one_way(words) == pytest.approx(4 * 5)


def test_the_first_words_in_memory_take_the_way_to_the_loop_as_well() -> None:
    step = one_way(8) - one_way(4) - 4 * 5
    assert 14 <= step <= 14 + 5
