"""Control calls: the path each one reports and whose objects it touches; what a stop undoes."""

from __future__ import annotations

import pytest

from microbench.l4 import calls
from microbench.l4.model import NIL, REGISTERS, Fpage, IpcError, Refused, ThreadState
from tests.l4.support import PAGE, Checked, client_and_server, page_item, spawn, words

Objects = dict[str, tuple[str, int]]


def reported(kernel: Checked, call: object) -> list[tuple[str, Objects]]:
    """Paths of one call with the objects of each role."""
    kernel.log.events.clear()
    kernel.do(call)
    found = []
    for event in kernel.log.events:
        if event.kind == "path":
            objects = event.detail["objects"]
            assert isinstance(objects, dict)
            roles = {role: (ref.kind, ref.number) for role, ref in objects.items()}
            found.append((str(event.detail["name"]), roles))
    return found


def kernel_with_thread() -> tuple[Checked, int, int]:
    """The root runs; a space with one inactive thread."""
    kernel = Checked()
    space = kernel.do(calls.SpaceCreate(1))
    return kernel, space, kernel.do(calls.ThreadCreate(space, 0))


ROOT = ("tcb", 1)


def test_a_space_is_created_and_deleted_by_a_path_of_its_own() -> None:
    kernel = Checked()
    ((name, roles),) = reported(kernel, calls.SpaceCreate(1))
    space = max(kernel.state.spaces)
    assert (name, roles) == ("space_create", {"from_tcb": ROOT, "space": ("space", space)})
    ((name, roles),) = reported(kernel, calls.SpaceDelete(space))
    assert (name, roles) == ("space_delete", {"from_tcb": ROOT, "space": ("space", space)})


def test_the_first_thread_of_a_space_takes_a_utcb_page_and_the_last_gives_it_back() -> None:
    kernel = Checked()
    space = kernel.do(calls.SpaceCreate(1))
    first = reported(kernel, calls.ThreadCreate(space, 0))
    one = max(kernel.state.threads)
    page = ("utcb_page", {"utcb_page": ("utcb_page", space)})
    assert first == [("thread_create", {"from_tcb": ROOT, "to_tcb": ("tcb", one)}), page]
    assert [name for name, _ in reported(kernel, calls.ThreadCreate(space, 0))] == ["thread_create"]
    names = [name for name, _ in reported(kernel, calls.ThreadDelete(one))]
    assert names == ["thread_delete"]
    last = reported(kernel, calls.ThreadDelete(one + 1))
    assert last[-1] == ("utcb_page_free", {"utcb_page": ("utcb_page", space)})


def test_start_stop_and_registers_are_the_same_path() -> None:
    kernel, _, thread = kernel_with_thread()
    roles = {"from_tcb": ROOT, "to_tcb": ("tcb", thread)}
    path = [("exchange_registers", roles)]
    assert reported(kernel, calls.ThreadStart(thread)) == path
    assert reported(kernel, calls.Registers(thread)) == path
    assert reported(kernel, calls.ThreadStop(thread)) == path


def test_registers_are_read_and_written_whole() -> None:
    kernel, _, thread = kernel_with_thread()
    values = tuple(range(REGISTERS))
    assert kernel.do(calls.Registers(thread, values)) == values
    assert kernel.do(calls.Registers(thread)) == values
    with pytest.raises(Refused, match="registers instead of"):
        kernel.do(calls.Registers(thread, values[1:]))
    with pytest.raises(Refused, match="own registers"):
        kernel.do(calls.Registers(1))


def test_start_may_set_registers() -> None:
    kernel, _, thread = kernel_with_thread()
    kernel.do(calls.ThreadStart(thread, tuple(range(REGISTERS))))
    assert kernel.state.threads[thread].registers == tuple(range(REGISTERS))


def test_thread_control_names_caller_and_thread() -> None:
    kernel, _, thread = kernel_with_thread()
    roles = {"from_tcb": ROOT, "to_tcb": ("tcb", thread)}
    assert reported(kernel, calls.ThreadModify(thread, 3)) == [("thread_control", roles)]
    assert reported(kernel, calls.IrqAttach(4, thread)) == [("thread_control", roles)]


def test_a_slot_is_moved_by_space_control() -> None:
    kernel, space, _ = kernel_with_thread()
    roles = {"from_tcb": ROOT, "space": ("space", space)}
    assert reported(kernel, calls.SpaceSlot(space, 5)) == [("space_control", roles)]
    assert kernel.state.spaces[space].pid_slot == 5


def test_map_control_and_unmap_run_one_path_before_the_pages() -> None:
    kernel, space, _ = kernel_with_thread()
    roles = {"from_tcb": ROOT, "from_utcb": ("utcb", 1), "from_space": ("space", 1)}
    mapped = reported(kernel, calls.MapControl(1, space, (page_item(1, 1), page_item(2, 2))))
    assert mapped[0] == ("map_control", roles)
    assert [name for name, _ in mapped] == ["map_control", "map_page", "map_table", "map_page"]
    taken = reported(kernel, calls.Unmap(Fpage(PAGE, 12), 7))
    assert [name for name, _ in taken] == ["map_control", "unmap_page"]
    assert taken[1][1] == {"space": ("space", space), "page_table": ("page_table", space)}


def test_yield_goes_behind_ones_equals_or_to_a_ready_thread_of_any_priority() -> None:
    kernel, space, _ = kernel_with_thread()
    low, equal = spawn(kernel, space, 1), spawn(kernel, space, 2)
    kernel.do(calls.ThreadModify(1, priority=2))
    assert [name for name, _ in reported(kernel, calls.ThreadSwitch(NIL))][:2] == [
        "yield", "dispatch",
    ]  # fmt: skip
    assert kernel.current == equal
    assert kernel.seen(calls.ThreadSwitch(low))[:2] == ["yield", "thread_switch"]
    assert kernel.current == low


def test_yield_to_a_thread_that_is_not_ready_is_a_plain_yield() -> None:
    kernel, _, inactive = kernel_with_thread()
    assert kernel.seen(calls.ThreadSwitch(inactive)) == ["yield", "dispatch"]
    assert kernel.current == 1


def test_a_new_priority_moves_a_ready_thread_to_its_new_queue() -> None:
    kernel, space, _ = kernel_with_thread()
    thread = spawn(kernel, space, 1)
    kernel.do(calls.ThreadModify(thread, priority=3))
    assert kernel.state.ready == {3: [thread]}
    kernel.do(calls.ThreadModify(thread, pager=1))
    assert (kernel.state.threads[thread].priority, kernel.state.threads[thread].pager) == (3, 1)


def test_a_thread_made_more_urgent_runs_at_once_and_who_lost_stays_first() -> None:
    kernel, space, _ = kernel_with_thread()
    kernel.do(calls.ThreadModify(1, priority=5))
    others = [spawn(kernel, space, 5), spawn(kernel, space, 5)]
    kernel.do(calls.ThreadModify(others[1], priority=6))
    assert kernel.current == others[1]
    assert kernel.state.ready[5] == [1, others[0]]


def test_who_waits_for_a_deleted_thread_is_told() -> None:
    kernel, client, server = client_and_server()
    kernel.do(calls.call(server, words(1)))
    kernel.do(calls.send(1, words()) if kernel.current == 1 else calls.receive())
    assert kernel.current == 1
    kernel.do(calls.ThreadDelete(server))
    told = kernel.result(client)
    assert told is not None
    assert (told.error, told.sender) == (IpcError.ABORTED, server)
    assert client in kernel.state.threads
    assert kernel.state.threads[client].state is ThreadState.READY


def test_stop_takes_a_thread_out_of_whatever_it_waits_in() -> None:
    kernel, client, server = client_and_server()
    kernel.do(calls.ThreadSwitch(1))
    kernel.do(calls.ThreadModify(1, priority=200))
    kernel.do(calls.ThreadStop(server))
    stopped = kernel.state.threads[server]
    assert (stopped.state, stopped.partner) == (ThreadState.INACTIVE, NIL)
    kernel.do(calls.ThreadStop(client))
    assert client not in [tid for queue in kernel.state.ready.values() for tid in queue]
    with pytest.raises(Refused, match="is inactive"):
        kernel.do(calls.ThreadStop(client))
