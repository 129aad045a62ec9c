"""Files whose server or driver dies in the middle: removed ones, holes, small caches."""

from __future__ import annotations

from typing import Any

import pytest

from microbench.l4.kernel import Kernel
from microbench.linux.disk import Disk, disk_model
from microbench.servers.busy import FAULTS
from microbench.servers.campaign import SMALL
from microbench.servers.l4files import FRAMES, L4Files, build
from microbench.servers.policies import policy
from microbench.workloads.programs import filecalls as fc
from microbench.workloads.programs.filecalls import FileProgram

OLD, NEW = b"x", b"y"


def tried(call: fc.Call) -> FileProgram:
    """A call that may fail; what it brought, or the name of its error."""
    try:
        return (yield call)
    except fc.FileError as error:
        return error.code


def holes() -> FileProgram:
    """A file with a hole, where an earlier one lay that had none."""
    fd = yield fc.Open("a", True)
    yield fc.Write(fd, OLD * 12_288)
    yield fc.Close(fd)
    yield fc.Unlink("a")
    fd = yield fc.Open("b", True)
    yield fc.Mark(0)
    yield fc.Write(fd, NEW, 9000)
    yield fc.Stat("b")
    yield fc.Drop()
    yield from tried(fc.Read(fd, 12_288))


def removed_while_open() -> FileProgram:
    """A file without a name, and another one of the name it had."""
    old = yield fc.Open("/a", True)
    yield fc.Write(old, OLD * 9)
    yield fc.Unlink("//a")
    new = yield fc.Open("a", True)
    yield fc.Write(new, NEW * 9)
    yield fc.Mark(0)
    yield fc.Stat("a")
    yield from tried(fc.Read(old, 9))
    yield from tried(fc.Write(old, OLD * 9))
    yield from tried(fc.Read(new, 9))


def removed() -> FileProgram:
    """A file goes once, however often its server is asked."""
    yield fc.Close((yield fc.Open("a", True)))
    yield fc.Mark(0)
    yield from tried(fc.Unlink("a"))
    yield from tried(fc.Stat("a"))


def answers(program: Any, component: str, steps: int | None) -> list[Any]:
    """What calls brought; a component dies so many steps behind the mark."""
    begun: list[int] = []
    system: L4Files = build(
        [program], Disk(disk_model("flash")), policy("ham"), Kernel(FRAMES),
        mark=lambda number: begun.append(system.machine.steps), write_through=True, shape=SMALL,
    )  # fmt: skip
    machine, end = system.machine, 60_000
    while not system.finished():
        if begun and steps is not None and machine.steps >= begun[0] + steps:
            machine.faults = {system.components[component].tid: FAULTS["exit"]}
            steps = None
        machine.step()
        assert machine.steps < end
    return list(system.clients[0].answers)


@pytest.mark.parametrize("component", ["fs", "disk"])
@pytest.mark.parametrize("program", [holes, removed])
def test_nobody_sees_that_a_component_died(program: Any, component: str) -> None:
    told = answers(program, component, None)
    if program is holes:
        assert told[-1] == bytes(9000) + NEW
    for steps in range(0, 60, 3):
        assert answers(program, component, steps) == told, steps


def test_a_removed_file_is_gone_with_its_server_and_no_other_one_takes_its_place() -> None:
    assert answers(removed_while_open, "fs", None)[-3:] == [OLD * 9, 9, NEW * 9]
    for steps in range(0, 40, 3):
        read, written, other = answers(removed_while_open, "fs", steps)[-3:]
        assert read in (OLD * 9, "EBADF"), steps
        assert written in (9, "EBADF"), steps
        assert other == NEW * 9, steps
