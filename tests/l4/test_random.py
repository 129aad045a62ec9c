"""Long random programs: every invariant after every call, and refusals change nothing."""

from __future__ import annotations

from copy import deepcopy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microbench.l4 import calls
from microbench.l4.invariants import broken
from microbench.l4.kernel import Kernel
from microbench.l4.model import ANY, NIL, Fpage, MapItem, Message, Refused, irq_partner
from microbench.l4.policy import POLICIES

TIDS = st.integers(0, 9)
PARTNERS = st.one_of(TIDS, st.just(ANY), st.just(NIL), st.just(irq_partner(1)))
SIDS = st.integers(0, 19)
PRIORITIES = st.integers(0, 5)
PAGES = st.integers(0, 5)
RIGHTS = st.integers(0, 8)
FPAGES = st.builds(lambda p, s: Fpage((p << s) & ~((1 << s) - 1), s), PAGES, st.integers(12, 14))
ITEMS = st.builds(
    lambda f, at, r, g: MapItem(f, at << f.size_bits, r, g), FPAGES, PAGES, RIGHTS, st.booleans()
)
MESSAGES = st.builds(
    Message,
    st.integers(0, 3),
    st.lists(st.integers(0, 9), max_size=7).map(tuple),
    st.lists(ITEMS, max_size=2).map(tuple),
)
CALLS = st.one_of(
    st.builds(calls.Ipc, PARTNERS, PARTNERS, MESSAGES, st.booleans(), st.booleans()),
    st.builds(calls.call, TIDS, MESSAGES),
    st.builds(calls.reply_wait, TIDS, MESSAGES),
    st.builds(calls.PageFault, st.integers(0, 6).map(lambda p: p << 12), st.integers(1, 4)),
    st.builds(calls.Exception_, st.integers(0, 2)),
    st.builds(calls.ThreadCreate, SIDS, PRIORITIES, TIDS, TIDS),
    st.builds(calls.ThreadStart, TIDS),
    st.builds(calls.ThreadStop, TIDS),
    st.builds(calls.ThreadDelete, TIDS),
    st.builds(calls.ThreadModify, TIDS, PRIORITIES, TIDS, TIDS),
    st.builds(calls.ThreadSwitch, TIDS),
    st.builds(calls.Registers, TIDS),
    st.builds(calls.SpaceCreate, st.integers(0, 3), st.booleans()),
    st.builds(calls.SpaceDelete, SIDS),
    st.builds(calls.SpaceSlot, SIDS, st.integers(0, 3)),
    st.builds(calls.MapControl, SIDS, SIDS, st.lists(ITEMS, max_size=2).map(tuple)),
    st.builds(calls.Unmap, FPAGES, RIGHTS, st.booleans(), SIDS),
    st.builds(calls.IrqAttach, st.integers(0, 2), TIDS),
    st.builds(calls.Interrupt, st.integers(0, 2)),
    st.just(calls.Tick()),
)


def populated(policy: str) -> Kernel:
    """A kernel with several privileged spaces and ready threads, so that programs go far."""
    kernel = Kernel(8, policy=POLICIES[policy])
    for slot in range(3):
        sid = kernel.do(calls.SpaceCreate(slot, True))
        assert isinstance(sid, int)
        for priority in (2, 3):
            tid = kernel.do(calls.ThreadCreate(sid, priority, 1, 1))
            assert isinstance(tid, int)
            kernel.do(calls.ThreadStart(tid))
    kernel.do(calls.ThreadModify(1, priority=2))
    return kernel


@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
@given(st.sampled_from(sorted(POLICIES)), st.lists(CALLS, min_size=20, max_size=60))
def test_random_programs_keep_every_invariant(policy: str, program: list[object]) -> None:
    kernel = populated(policy)
    assert broken(kernel.state) == []
    for call in program:
        before = deepcopy(kernel.state)
        try:
            kernel.do(call)
        except Refused:
            assert kernel.state == before
        assert broken(kernel.state) == [], call


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(CALLS, min_size=10, max_size=40))
def test_equal_programs_give_equal_states(program: list[object]) -> None:
    first, second = populated("okl4-2007"), populated("okl4-2007")
    for call in program:
        outcomes = []
        for kernel in (first, second):
            try:
                outcomes.append(kernel.do(call))
            except Refused as refused:
                outcomes.append(str(refused))  # type: ignore[arg-type]
        assert outcomes[0] == outcomes[1]
    assert first.state == second.state
