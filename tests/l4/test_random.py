"""Long random programs: every invariant after every call, and refusals change nothing.

Half of the calls are drawn blindly, so that most are illegal; the other half aim at what
is there (a waiting receiver, a mapped page), so that programs go far.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microbench.l4 import calls
from microbench.l4.events import Event, ListSink
from microbench.l4.invariants import broken
from microbench.l4.kernel import Kernel
from microbench.l4.model import ANY, NIL, Fpage, MapItem, Message, Refused, ThreadState, irq_partner
from microbench.l4.policy import POLICIES

FRAMES = 8


def fpage(r: Random) -> Fpage:
    bits = r.choice((12, 12, 12, 13, 14, 20))
    return Fpage((r.randrange(6) << 12) & ~((1 << bits) - 1), bits)


def item(r: Random) -> MapItem:
    """One in eight is damaged: rights that do not exist, or a base that is not aligned."""
    area = fpage(r)
    base = (r.randrange(6) << 12) & ~((1 << area.size_bits) - 1)
    rights = r.choice((7, 7, 7, 4, 2, 5, 5, 5, 5, 5, 5, 5, 5, 5, 0, 15))
    return MapItem(area, base + r.choice((0,) * 15 + (2048,)), rights, r.random() < 0.2)


def message(r: Random) -> Message:
    items = tuple(item(r) for _ in range(r.choice((0, 0, 0, 1, 2))))
    return Message(r.randrange(3), tuple(range(r.choice((0, 1, 5, 7, 20, 63, 64)))), items)


def mine(kernel: Kernel, r: Random) -> int:
    """An interrupt that the running thread handles, if there is one, as a partner."""
    own = [i for i, tid in kernel.state.irq_handler.items() if tid == kernel.current]
    return irq_partner(r.choice(own) if own else r.randrange(3))


def waiting(kernel: Kernel, r: Random) -> int:
    """A thread that receives from anybody or from the running one, if there is one."""
    ready = [
        t.tid
        for t in kernel.state.threads.values()
        if t.state is ThreadState.RECEIVING and t.partner in (ANY, kernel.current)
    ]
    return r.choice(ready) if ready else any_tid(kernel, r)


def inactive(kernel: Kernel, r: Random) -> int:
    """A thread that can be started, if there is one."""
    idle = [t.tid for t in kernel.state.threads.values() if t.state is ThreadState.INACTIVE]
    return r.choice(idle) if idle else any_tid(kernel, r)


def empty(kernel: Kernel, r: Random) -> int:
    """A space without threads, if there is one."""
    lived = {t.space for t in kernel.state.threads.values()}
    free = sorted(set(kernel.state.spaces) - lived)
    return r.choice(free) if free else any_sid(kernel, r)


def any_tid(kernel: Kernel, r: Random) -> int:
    return r.choice([*kernel.state.threads, NIL, 77])


def any_sid(kernel: Kernel, r: Random) -> int:
    return r.choice([*kernel.state.spaces, 77])


def wild_ipc(kernel: Kernel, r: Random) -> calls.Ipc:
    partners = [*kernel.state.threads, ANY, NIL, 77, irq_partner(r.randrange(3))]
    return calls.Ipc(
        r.choice(partners), r.choice(partners), message(r), r.random() < 0.7, r.random() < 0.8
    )


Make = Callable[[Kernel, Random], object]
AIMED: list[Make] = [
    lambda k, r: calls.receive(),
    lambda k, r: calls.call(waiting(k, r), message(r)),
    lambda k, r: calls.call(waiting(k, r), message(r)),
    lambda k, r: calls.reply_wait(waiting(k, r), message(r)),
    lambda k, r: calls.reply_wait(waiting(k, r), message(r)),
    lambda k, r: calls.send(waiting(k, r), message(r)),
    lambda k, r: calls.send(mine(k, r), waits=r.random() < 0.5),
    lambda k, r: calls.call(mine(k, r)),
    lambda k, r: calls.ThreadSwitch(any_tid(k, r)),
    lambda k, r: calls.Tick(),
    lambda k, r: calls.Exception_(r.randrange(2)),
    lambda k, r: calls.PageFault(r.randrange(7) << 12, r.choice((1, 2, 4))),
    lambda k, r: calls.MapControl(1, any_sid(k, r), (item(r),)),
    lambda k, r: calls.Unmap(fpage(r), r.choice((7, 2)), r.random() < 0.5, any_sid(k, r)),
]
BLIND: list[Make] = [
    wild_ipc,
    wild_ipc,
    lambda k, r: calls.MapControl(any_sid(k, r), any_sid(k, r), (item(r), item(r))),
    lambda k, r: calls.ThreadCreate(any_sid(k, r), r.randrange(6), any_tid(k, r), any_tid(k, r)),
    lambda k, r: calls.ThreadStart(inactive(k, r)),
    lambda k, r: calls.ThreadStop(any_tid(k, r)),
    lambda k, r: calls.ThreadDelete(any_tid(k, r)),
    lambda k, r: calls.ThreadModify(any_tid(k, r), r.randrange(6), any_tid(k, r), any_tid(k, r)),
    lambda k, r: calls.ThreadSwitch(any_tid(k, r)),
    lambda k, r: calls.Registers(any_tid(k, r)),
    lambda k, r: calls.SpaceCreate(r.randrange(4), True),
    lambda k, r: calls.SpaceDelete(empty(k, r)),
    lambda k, r: calls.SpaceDelete(any_sid(k, r)),
    lambda k, r: calls.SpaceSlot(any_sid(k, r), r.randrange(4)),
    lambda k, r: calls.IrqAttach(r.randrange(3), any_tid(k, r)),
    lambda k, r: calls.Interrupt(r.randrange(3)),
    lambda k, r: calls.Tick(),
]


def populated(policy: str) -> tuple[Kernel, ListSink]:
    """A kernel with three privileged spaces of two ready threads each."""
    sink = ListSink()
    kernel = Kernel(FRAMES, sink, POLICIES[policy])
    for slot in range(3):
        sid = kernel.do(calls.SpaceCreate(slot, True))
        assert isinstance(sid, int)
        for priority in (2, 3):
            tid = kernel.do(calls.ThreadCreate(sid, priority, 1, 1))
            assert isinstance(tid, int)
            kernel.do(calls.ThreadStart(tid))
    kernel.do(calls.IrqAttach(0, 1))
    kernel.do(calls.ThreadModify(1, priority=2))
    return kernel, sink


def step(kernel: Kernel, r: Random) -> str:
    """One random call; returns what became of it."""
    call = r.choice(AIMED if r.random() < 0.7 else BLIND)(kernel, r)
    if kernel.current == NIL and r.random() < 0.8:
        call = calls.Interrupt(0)
    before = pickle.dumps(kernel.state)
    try:
        kernel.do(call)
        outcome = "done"
    except Refused:
        assert kernel.state == pickle.loads(before), call
        outcome = "refused"
    assert broken(kernel.state) == [], call
    if type(call) is calls.Tick and kernel.current != NIL:
        most_urgent = max((*kernel.state.ready, -1))
        assert kernel.state.threads[kernel.current].priority >= most_urgent
    return f"{outcome} {type(call).__name__}"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(POLICIES)), st.integers(0, 2**32), st.integers(20, 80))
def test_random_programs_keep_every_invariant(policy: str, seed: int, length: int) -> None:
    kernel, _ = populated(policy)
    r = Random(seed)
    for _ in range(length):
        step(kernel, r)


@cache
def programs(policy: str) -> tuple[Counter[str], list[Event]]:
    """What became of the calls of fifty programs, and all that the kernel said."""
    outcomes: Counter[str] = Counter()
    events: list[Event] = []
    for seed in range(50):
        kernel, sink = populated(policy)
        r = Random(seed)
        outcomes.update(step(kernel, r) for _ in range(60))
        events += sink.events
    return outcomes, events


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_random_programs_reach_every_path_and_both_outcomes(policy: str) -> None:
    """What the random test is worth: it has been nearly everywhere."""
    outcomes, events = programs(policy)
    paths = {event.detail["name"] for event in events if event.kind == "path"}
    kernel, _ = populated(policy)
    names = {type(make(kernel, Random(1))).__name__ for make in (*AIMED, *BLIND)}
    assert {n for n in names if outcomes[f"done {n}"] == 0} == set()
    fast = {"ipc_fast_call_inter", "ipc_fast_reply_wait_inter"}
    if POLICIES[policy].skips_same_space:
        fast.add("ipc_fast_call_intra")
    slow = {"ipc_slow", "ipc_transfer", "send_enqueue", "dispatch", "thread_switch"}
    mapping = {"map_page", "unmap_page", "section_fill", "page_fault_ipc"}
    assert (fast | slow | mapping) - paths == set()


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_equal_programs_give_equal_states(seed: int) -> None:
    (first, one), (second, two) = populated("okl4-2007"), populated("okl4-2007")
    r, s = Random(seed), Random(seed)
    for _ in range(40):
        assert step(first, r) == step(second, s)
    assert first.state == second.state
    assert one.events == two.events
