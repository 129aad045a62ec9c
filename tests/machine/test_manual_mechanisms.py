"""Each mechanism once, where it can be seen, on the machine as it is read and as it runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from test_manual import COSTS, SECOND, THIRD, agree
from toy import Toy, toy

from microbench.machine.spec import MachineSpec
from microbench.trace import Trace, ops

LOADED = {**COSTS, "core__btb_entries": 4.0, "sdram__banks": 3.0, "sdram__row_bytes": 512.0}
LOADED |= {f"special__{name}_cycles": 2.0 + i for i, name in enumerate(ops.SPECIALS)}
KINDS: dict[str, dict[str, float | str]] = {
    "virtual": {},
    "read walks": {"tlb__walk": "memory", "l1d__index": "vipt", "l1i__index": "vipt"},
    "code virtual": {"l1d__index": "pipt"},
    "data virtual": {"l1i__index": "pipt", "l1d__replacement": "lru"},
    "tagged": {"tlb__tag": "asid", "space_switch": "tagged"},
    "domains": {"tlb__tag": "domain", "tlb__global_pages": "yes"},
    "global": {"tlb__global_pages": "yes", "tlb__second_entries": 8.0},
    "filtered": {"tlb__flush_filter": "yes"},
    "isolated": {"kernel_isolation": "yes", "tlb__global_pages": "yes"},
    "isolated, tagged": {"kernel_isolation": "yes", "tlb__tag": "pcid"},
    "through": {"l1d__write_policy": "write_through"},
    "allocating": {"l1d__write_allocate": "yes", "l1d__dirty_bytes": 32.0},
    "no queue": {"write_queue__entries": 0.0},
    "apart": {"write_queue__coalesces": "no", "write_queue__entries": 1.0},
    "no targets": {"core__btb_entries": 0.0},
    "second": {**SECOND, "l2__latency_cycles": 9.0, "tlb__second_entries": 4.0},
    "third": {**SECOND, **THIRD, "l2__latency_cycles": 9.0, "l3__latency_cycles": 30.0,
              "l2__replacement": "lru", "l1d__write_allocate": "yes", "l1i__replacement": "lru"},
}  # fmt: skip


def caches(t: Toy) -> None:
    """Misses, hits, victims, a victim's dirty halves, words of several kinds."""
    t.load(0, 4, 64, 128, 0, 192)
    t.store(0, 16, 64, 2048)
    t.load(128, 192, 256, 320)
    t.refs([(ops.LOAD, 8, 4, 0), (ops.LOAD, 8, 3, 1), (ops.STORE, 24, 3, 0)], t.data)
    t.load(0, region=t.kernel)


def code(t: Toy) -> None:
    """Lines in order, jumps known and unknown, both kinds of return."""
    for how in (ops.FALL_THROUGH, ops.BRANCH, ops.BRANCH, ops.RETURN_LOAD, ops.RETURN_REGISTER):
        t.fetch(0, n=9, how=how)
        t.fetch(512, n=2, how=ops.BRANCH)
    t.fetch(96, n=1, how=ops.EXCEPTION)


def flushed_code(t: Toy) -> None:
    """Code is fetched again only where its lines were dropped as such."""
    for executable in (0, 1, 0):
        t.fetch(0, 32)
        t.emit(ops.FLUSH_RANGE, t.text.base, 40, executable)
        t.fetch(0, 32, 64)


def flushed_data(t: Toy) -> None:
    """Dirty and clean lines by range, and a range that is only cleaned."""
    t.load(0, 32)
    t.store(0, 36)
    t.emit(ops.FLUSH_RANGE, t.data.base + 30, 4, 0)
    t.load(0, 32)
    t.store(32)
    t.emit(ops.CLEAN_RANGE, t.data.base, 64)
    t.load(0, 32)
    t.store(0)
    t.emit(ops.FLUSH_ALL)
    t.load(0)
    t.fetch(0)


def spaces(t: Toy) -> None:
    """There and back, in each way, with pages of both and of the kernel."""
    other = t.page(0, space=2)
    for how in (ops.FULL, ops.TAGGED, ops.COUNTED):
        for space, region in ((2, other), (2, other), (1, t.data)):
            t.emit(ops.SWITCH, space, how)
            t.load(0, region=region)
            t.load(0, region=t.kernel)
            t.fetch(0)


def kernel_ways(t: Toy) -> None:
    """In by each trap, out again, with translations used on both sides."""
    for number in range(len(ops.TRAPS)):
        t.load(0)
        t.emit(ops.TRAP, number)
        t.load(0, region=t.kernel)
        t.emit(ops.TRAP_RETURN)
        t.load(0)
    for number in range(len(ops.SPECIALS)):
        t.emit(ops.SPECIAL, number, 1 + number)
    registers = [(ops.COPROCESSOR, 0, number, 2 + number) for number in range(len(ops.SPECIALS))]
    t.refs([(ops.FETCH, 0, 2, 0), *registers, (ops.LOAD, 0, 1, 0)], t.text)


def tables(t: Toy) -> None:
    """Entries are written and forgotten, one and all; sections walk shorter."""
    large = t.page(ops.LARGE)
    for _ in range(2):
        t.load(0)
        t.load(4096)
        t.load(0, region=large)
        t.emit(ops.PTE_WRITE, t.kernel.base + 40)
        t.emit(ops.TLB_INVALIDATE, t.data.base)
        t.load(0, 4096)
    t.emit(ops.TLB_INVALIDATE, -1)
    t.load(0)
    t.fetch(0)
    t.load(*[4096 * n for n in range(4)], region=t.kernel)
    t.load(0, 4096)


def pages(t: Toy) -> None:
    """Pages that go through, allocate, or are not cached at all."""
    for flags in (ops.WRITE_THROUGH, ops.WRITE_ALLOCATE, ops.UNCACHED):
        region = t.page(flags)
        t.store(0, 8, region=region)
        t.load(0, region=region)
        t.store(4, 12, region=region)
        t.refs([(ops.STORE, 28, 6, 0)], region)


def writes(t: Toy) -> None:
    """A queue that merges, is full, is waited for, and drains while nothing else happens."""
    far = [1024 + 64 * n for n in range(6)]
    for merging in (1, 0, 1):
        t.emit(ops.COALESCING, merging)
        t.store(*far)
        t.store(far[0], far[0] + 4, far[0] + 8, far[0] + 4)
        t.refs([(ops.STORE, 1020, 7, 0)], t.data)
        t.load(4000)
        t.store(*far)
        t.emit(ops.DRAIN)
    t.store(*far)
    t.emit(ops.IDLE, 35)
    t.store(*far)
    t.recorder.compute(23)
    t.store(*far)


def devices(t: Toy) -> None:
    """One that is done before it is waited for, one that is not, one nobody started."""
    t.emit(ops.DEVICE_START, 3, 50)
    t.emit(ops.DEVICE_START, 4, 90_000)
    t.recorder.compute(40)
    t.recorder.compute(0)
    t.emit(ops.IDLE, 0)
    for number in (3, 4, 4, 9):
        t.emit(ops.DEVICE_WAIT, number)
        t.store(2048)


def loops(t: Toy) -> None:
    """Elements loaded, stored or both, code in one line or several, results waited for."""
    for body, element in ((0, 0), (96, 12), (40, 20)):
        for dependent in (0, 1):
            t.recorder.loop(
                7, 20, t.text.at(8), 3, source=t.data, target=t.kernel, load_words=4,
                dependent=dependent, body_bytes=body, element_bytes=element,
            )  # fmt: skip
            t.recorder.loop(5, 4, t.text, 2, source=t.data, dependent=dependent)
            t.recorder.loop(5, 32, t.text, 2, target=t.data, store_words=3)


STEPS = (caches, code, flushed_code, flushed_data, spaces, kernel_ways, tables, pages, writes,
         devices, loops)  # fmt: skip
SCALES = {"linux": 1.25, "l4/x": 1.7}


def traced(*steps: Callable[[Toy], None]) -> Trace:
    """The steps twice, each in a place of its own."""
    t = Toy()
    for turn in range(2):
        for step in steps:
            with t.recorder.place(step.__name__):
                step(t)
        t.recorder.mark(turn)
    return t.recorder.finish()


def machine(kind: str) -> MachineSpec:
    return toy(**{**LOADED, **KINDS[kind]})


@pytest.mark.parametrize("kind", KINDS)
def test_every_mechanism_on_every_kind_of_machine(kind: str) -> None:
    for step in STEPS:
        agree(machine(kind), traced(step), SCALES)


@pytest.mark.parametrize("kind", KINDS)
def test_mechanisms_that_meet(kind: str) -> None:
    agree(machine(kind), traced(*STEPS), SCALES)
