"""From what the microkernel says to a trace: entries, exits, copies, switches, code apart."""

from __future__ import annotations

import pytest

from microbench.ipc.kernels import IpcKernel, packaged_kernels
from microbench.ipc.sink import APART, LINE
from microbench.ipc.synchronous import RawIpc
from microbench.trace import Trace, ops

KERNELS = [k for k in packaged_kernels() if "ipc_slow" in k.shapes]


def rows(trace: Trace, kind: int) -> list[list[int]]:
    """Operations of a kind in the last round trip."""
    return [r.tolist() for r in trace.operations[trace.marks[-2] :] if r[0] == kind]


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.file.rpartition("/")[2])
def test_each_of_the_two_calls_enters_once_the_way_of_the_kernel(kernel: IpcKernel) -> None:
    trace = RawIpc(kernel).run(0, 3)
    entry = kernel.words["entry"]
    if entry == "fast_entry":
        found = [row[1:3] for row in rows(trace, ops.SPECIAL)]
        assert found.count([ops.SPECIALS.index(entry), 1]) == 2
        assert rows(trace, ops.TRAP) == []
    else:
        assert [row[1] for row in rows(trace, ops.TRAP)] == [ops.TRAPS.index(entry)] * 2
    returns = 2 if kernel.words["exit"] == "return" else 0
    assert len(rows(trace, ops.TRAP_RETURN)) == returns


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.file.rpartition("/")[2])
def test_two_spaces_switch_twice_and_one_never(kernel: IpcKernel) -> None:
    two, one = RawIpc(kernel).run(0, 3), RawIpc(kernel, same_space=True).run(0, 3)
    assert [row[2] for row in rows(two, ops.SWITCH)] == [ops.COUNTED] * 2
    assert len({row[1] for row in rows(two, ops.SWITCH)}) == 2
    assert rows(one, ops.SWITCH) == []


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.file.rpartition("/")[2])
def test_the_fast_path_copies_what_registers_do_not_hold_the_slow_one_all(
    kernel: IpcKernel,
) -> None:
    registers = kernel.number("register_words")
    assert rows(RawIpc(kernel).run(min(registers, 1), 3), ops.LOOP) == []
    most = RawIpc(kernel).most_words
    for words in {min(registers + 1, most), min(registers + 5, most)} - {registers}:
        trace = RawIpc(kernel).run(words, 3)
        copied = [int(trace.loops[row[1], 2]) for row in rows(trace, ops.LOOP)]
        fast = words <= kernel.number("fast_words")
        assert copied == [words - registers if fast else words] * 2
        assert trace.loops[0, 3] == kernel.word_bytes


def test_code_of_two_threads_takes_other_lines_of_a_page() -> None:
    """A branch target buffer must not see one in the place of the other."""
    assert APART % LINE == 0


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.file.rpartition("/")[2])
def test_a_kernel_that_always_flushes_does_so_in_each_direction(kernel: IpcKernel) -> None:
    always = kernel.words["flush"] == "always"
    for same in (True, False):
        trace = RawIpc(kernel, same).run(0, 3)
        found = [row[1] for row in rows(trace, ops.TLB_INVALIDATE)]
        assert found == ([-1, -1] if always else [])


@pytest.mark.parametrize("kernel", KERNELS[:3], ids=lambda k: k.name)
def test_a_message_holds_so_many_words_and_no_more(kernel: IpcKernel) -> None:
    system = RawIpc(kernel)
    with pytest.raises(Exception, match=f"holds {system.most_words} words"):
        system.run(system.most_words + 1, 1)
    system.run(system.most_words, 1)
    assert [len(m.words) for m in system.received] == [system.most_words] * 2
