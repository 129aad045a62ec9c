"""Rules of L4 at their edges: what a moved slot leaves behind, where addresses end."""

from __future__ import annotations

import pytest

from microbench.l4 import calls
from microbench.l4.kernel import Kernel, boot
from microbench.l4.model import SECTION_BITS, SLOT_BITS, Refused
from tests.l4.support import client_and_server

SECTIONS = 1 << (SLOT_BITS - SECTION_BITS)


@pytest.mark.parametrize("slot", [1, 3])
def test_a_moved_slot_leaves_none_of_its_sections_and_all_others(slot: int) -> None:
    kernel = Kernel(64)
    sid = kernel.do(calls.SpaceCreate(slot))
    space = kernel.state.spaces[sid]
    first = slot * SECTIONS
    space.sections |= {first - 1, first, first + SECTIONS - 1, first + SECTIONS}
    kernel.do(calls.SpaceSlot(sid, 5))
    assert space.sections == {first - 1, first + SECTIONS}
    assert space.pid_slot == 5


@pytest.mark.parametrize(("page", "moves"), [(0, False), (8191, False), (8192, True), (9000, True)])
def test_a_slot_of_32_mb_can_be_moved_while_none_of_its_8192_pages_is_there(
    page: int, moves: bool
) -> None:
    kernel = Kernel(64)
    space = kernel.state.spaces[kernel.do(calls.SpaceCreate(1))]
    space.pages[page] = space.pages  # type: ignore[assignment]
    if moves:
        kernel.do(calls.SpaceSlot(space.sid, 5))
    else:
        with pytest.raises(Refused, match="has pages in its slot"):
            kernel.do(calls.SpaceSlot(space.sid, 5))
    assert space.pid_slot == (5 if moves else 1)


def test_victims_are_drawn_from_the_first_seed_unless_another_is_given() -> None:
    assert boot(4).domains == boot(4, 1).domains != boot(4, 2).domains


@pytest.mark.parametrize(
    ("address", "access"), [(1 << 32, 1), (-1, 1), ((1 << 32) + 4096, 1), (0, 0), (0, 8), (0, -1)]
)
def test_an_address_has_32_bits_and_an_access_is_some_of_three_rights(
    address: int, access: int
) -> None:
    kernel, client, server = client_and_server()
    with pytest.raises(Refused, match=f"access {access} at {address:#x}"):
        kernel.do(calls.PageFault(address, access))
    assert kernel.current == client
    kernel.do(calls.PageFault((1 << 32) - 1, 7, 0x100))
    found = kernel.result(server)
    assert found is not None
    assert found.message.words == ((1 << 32) - 1, 0x100, 7)
