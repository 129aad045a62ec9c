"""Switches whose writes a path has counted, flush filters, and page tables of user mode's own."""

from __future__ import annotations

import pytest
from toy import WALK, Toy, causes, last, toy

from microbench.trace import ops

WRITE, SPACE = 7, 5
ISOLATED = {"kernel_isolation": "yes", "special__space_register_cycles": float(WRITE)}
WARM = {"l1d__size_bytes": 4096.0}


def switch(how: int, space: int = 2):
    return lambda t: t.emit(ops.SWITCH, space, how)


def load(t: Toy) -> None:
    t.load(0)


def trap(t: Toy) -> None:
    t.emit(ops.TRAP, 0)


def trap_return(t: Toy) -> None:
    t.emit(ops.TRAP_RETURN)


def test_a_counted_switch_costs_nothing_itself_but_flushes() -> None:
    spec = toy(switch__cycles=float(SPACE), **WARM)
    assert causes(last(spec, switch(ops.TAGGED))) == {"control": SPACE}
    assert causes(last(spec, switch(ops.COUNTED))) == {}
    for how in (ops.TAGGED, ops.COUNTED):
        assert last(spec, load, switch(how), load).by_cause()["tlb"] == WALK


@pytest.mark.parametrize(("changes", "cycles"), [
    ({}, WALK),
    ({"tlb__flush_filter": "yes"}, 0),
    ({"tlb__tag": "asid"}, 0),
    ({"tlb__global_pages": "yes"}, WALK),
])  # fmt: skip
def test_what_keeps_a_users_translation_over_a_switch(
    changes: dict[str, str], cycles: float
) -> None:
    spec = toy(**WARM, **changes)
    assert last(spec, load, switch(ops.COUNTED), load).by_cause()["tlb"] == cycles


def test_the_kernels_global_pages_survive_a_switch_and_no_isolation() -> None:
    def touch(t: Toy) -> None:
        t.load(0, region=t.kernel)

    steps = [touch, switch(ops.COUNTED), touch]
    globally = {"tlb__global_pages": "yes"}
    assert last(toy(**WARM, **globally), *steps).by_cause()["tlb"] == 0
    assert last(toy(**WARM), *steps).by_cause()["tlb"] == WALK
    assert last(toy(**WARM, **globally, **ISOLATED), *steps).by_cause()["tlb"] == WALK


def test_free_places_are_taken_before_a_global_entry_goes() -> None:
    """Four entries, one global: three user pages fit after each flush, for ever."""
    spec = toy(l1d__size_bytes=65536.0, tlb__global_pages="yes")

    def turn(t: Toy) -> None:
        t.load(0, region=t.kernel)
        t.load(0, 4096, 8192)

    steps = [turn, switch(ops.COUNTED, 2), turn, switch(ops.COUNTED, 1)] * 3
    ledger = last(spec, *steps, turn)
    assert ledger.count("d_walks") == 3
    crowded = last(spec, *steps, lambda t: t.load(0, 4096, 8192, 12288, 0))
    assert crowded.count("d_walks") == 4


def test_isolation_writes_the_register_at_entry_and_exit() -> None:
    assert causes(last(toy(**ISOLATED), trap)) == {"control": WRITE}
    assert causes(last(toy(**ISOLATED), trap_return)) == {"control": WRITE}
    assert causes(last(toy(special__space_register_cycles=7.0), trap)) == {}


@pytest.mark.parametrize(("tag", "cycles"), [("none", WALK), ("pcid", 0)])
def test_an_isolated_trap_flushes_where_there_are_no_tags(tag: str, cycles: float) -> None:
    spec = toy(tlb__tag=tag, **WARM, **ISOLATED)
    assert last(spec, load, trap, load).by_cause()["tlb"] == cycles
