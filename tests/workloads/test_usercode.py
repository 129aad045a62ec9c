"""User loops are counted code: three ways to compile the same, one of them taken for all."""

from __future__ import annotations

import pytest

from microbench.machine.parameters import ticks
from microbench.run.setup import prepare
from microbench.workloads.programs.usercode import COMPILED, LIBRARY, PLAIN, loops


def cycles(kind: str, compiled: str) -> float:
    """Cycles of an element whose data are in the cache."""
    spec, shape = prepare("pxa255").spec, loops(compiled)[kind]
    stall = spec.value("core.load_result_cycles") - spec.value("core.instruction_cycles")
    return ticks(shape["instructions"] + shape["dependent"] * stall) / 100


@pytest.mark.parametrize(
    ("kind", "unoptimised", "registers", "optimised"),
    [("sum", 8, 5, 4), ("store", 6, 3, 1), ("update", 16, 8, 5), ("copy", 11, 5, 4)],
)
def test_an_element_takes_what_a_scoreboard_of_the_assembly_gives(
    kind: str, unoptimised: int, registers: int, optimised: int
) -> None:
    ways = ("O0", "O0_register", "O1")
    assert [cycles(kind, way) for way in ways] == [unoptimised, registers, optimised]


def test_the_librarys_loops_do_not_hang_on_the_programs_flags() -> None:
    for kind in LIBRARY:
        assert loops(COMPILED)[kind] == loops(PLAIN)[kind]


def test_code_is_as_long_as_its_instructions() -> None:
    for way in ("O0", "O0_register", "O1"):
        for kind, shape in loops(way).items():
            assert kind in LIBRARY or shape["code_bytes"] == 4 * shape["instructions"]
