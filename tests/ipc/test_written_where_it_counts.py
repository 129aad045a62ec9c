"""What an IPC's trace must hold: register writes, whole words, code lines of their own."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from microbench.ipc.kernels import IpcKernel, named_kernel, packaged_kernels
from microbench.ipc.players import Message
from microbench.ipc.ports import Port
from microbench.ipc.queued import BUFFERS, QueuedIpc
from microbench.ipc.synchronous import RawIpc
from microbench.trace import Trace, ops
from microbench.trace.ops import LOOP_COLUMNS

MACH = named_kernel("mach")
KERNELS = [k for k in packaged_kernels() if "ipc_slow" in k.shapes]
EVERY = pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.file.rpartition("/")[2])
SPACE = ops.SPECIALS.index("space_register")
LINE = 32


def last_turn(trace: Trace) -> np.ndarray:
    """Operations of the last round trip."""
    return trace.operations[trace.marks[-2] : trace.marks[-1]]


def space_writes(trace: Trace) -> int:
    """How often its paths write the register of a space."""
    found = 0
    for row in last_turn(trace):
        if row[0] == ops.PATH:
            first, end, _ = trace.templates[row[1]]
            refs = trace.refs[first:end]
            found += int(((refs[:, 0] == ops.COPROCESSOR) & (refs[:, 3] == SPACE)).sum())
    return found


def loops(trace: Trace, name: str) -> list[int]:
    return trace.loops[:, LOOP_COLUMNS.index(name)].tolist()


def lines_by_path(trace: Trace) -> dict[str, set[int]]:
    """Addresses of the code lines each path runs through."""
    found: dict[str, set[int]] = {}
    for row in trace.operations:
        if row[0] == ops.PATH:
            first, end, _ = trace.templates[row[1]]
            refs = trace.refs[first:end]
            code = refs[refs[:, 0] == ops.FETCH]
            at = trace.frames[row[2]][code[:, 1]] + code[:, 2]
            found.setdefault(trace.names[row[1]], set()).update((at // LINE).tolist())
    return found


def one_way(kernel: IpcKernel, spaces: str) -> int:
    """Writes of the register that the fast path of a kernel has in itself."""
    shape = kernel.find(f"ipc_fast_call_{spaces}")
    assert shape is not None
    return shape.coprocessor.count("space_register")


@EVERY
def test_between_two_spaces_each_way_writes_the_register_as_its_path_does(
    kernel: IpcKernel,
) -> None:
    assert space_writes(RawIpc(kernel).run(0, 3)) == 2 * one_way(kernel, "inter")


@EVERY
def test_within_one_space_only_a_kernel_that_does_not_look_writes_it(kernel: IpcKernel) -> None:
    found = space_writes(RawIpc(kernel, same_space=True).run(0, 3))
    assert found == 2 * one_way(kernel, "intra")
    assert bool(found) == kernel.always_writes


@EVERY
def test_the_slow_path_writes_it_when_it_switches_threads_of_two_spaces(kernel: IpcKernel) -> None:
    assert space_writes(RawIpc(kernel, slow=True).run(0, 3)) == 2
    always = 2 if kernel.always_writes else 0
    assert space_writes(RawIpc(kernel, same_space=True, slow=True).run(0, 3)) == always


@EVERY
def test_where_entry_and_exit_write_it_no_path_does(kernel: IpcKernel) -> None:
    for same in (True, False):
        assert space_writes(RawIpc(kernel, same, isolated=True).run(0, 3)) == 0


def test_mach_switches_its_space_with_each_of_the_two_messages() -> None:
    assert space_writes(QueuedIpc(MACH).run(0, 3)) == 2
    assert space_writes(QueuedIpc(MACH, same_space=True).run(0, 3)) == 0
    assert space_writes(QueuedIpc(MACH, isolated=True).run(0, 3)) == 0


def test_a_word_of_mach_is_one_load_and_one_store_of_four_bytes() -> None:
    trace = QueuedIpc(MACH).run(3, 1)
    assert set(loops(trace, "stride")) == {4}
    assert set(loops(trace, "load_words")) == set(loops(trace, "store_words")) == {1}
    assert set(loops(trace, "instructions")) == {MACH.number("copy_instructions")}


@EVERY
def test_a_long_word_is_as_many_words_of_four_bytes_in_and_out(kernel: IpcKernel) -> None:
    most = RawIpc(kernel).most_words
    trace = RawIpc(kernel).run(min(most, 40), 1)
    words = kernel.word_bytes // 4
    assert set(loops(trace, "stride")) == {kernel.word_bytes}
    assert set(loops(trace, "load_words")) == set(loops(trace, "store_words")) == {words}


@EVERY
def test_the_copy_reads_the_sender_s_page_and_writes_the_receiver_s(kernel: IpcKernel) -> None:
    trace = RawIpc(kernel).run(min(RawIpc(kernel).most_words, 40), 3)
    ways = list(zip(loops(trace, "source"), loops(trace, "target"), strict=True))
    assert len(set(ways)) == 2
    assert {source for source, _ in ways}.isdisjoint({target for _, target in ways})


@pytest.mark.parametrize("level", ["low", "value", "high"])
def test_a_level_is_that_of_copies_as_well(level: str) -> None:
    found = QueuedIpc(MACH, level=level).run(2, 1)
    assert set(loops(found, "instructions")) == {MACH.number("copy_instructions", level)}
    assert set(loops(found, "count")) == {2 + MACH.number("header_words", level)}


def test_code_of_different_paths_lies_on_different_lines() -> None:
    found = list(lines_by_path(QueuedIpc(MACH).run(0, 2)).values())
    assert sum(map(len, found)) == len(set().union(*found))


@pytest.mark.parametrize("slow", [False, True])
@EVERY
def test_code_of_a_kernel_s_paths_lies_apart_but_variants_of_the_fast_one_together(
    kernel: IpcKernel, slow: bool
) -> None:
    found = lines_by_path(RawIpc(kernel, slow=slow).run(0, 2))
    fast = [lines for name, lines in found.items() if name.startswith("ipc_fast")]
    apart = [lines for name, lines in found.items() if not name.startswith("ipc_fast")]
    pieces = [*apart, set().union(*fast)]
    assert sum(map(len, pieces)) == len(set().union(*pieces))
    assert bool(fast) is not slow
    assert len({min(lines) for lines in fast}) <= 1


def test_two_threads_run_their_own_code_lines_of_one_page() -> None:
    trace = QueuedIpc(MACH, same_space=True).run(0, 2)
    bases = [
        int(trace.frames[row[2]][0])
        for row in last_turn(trace)
        if row[0] == ops.PATH and trace.names[row[1]] == "user_loop"
    ]
    assert len(set(bases)) == 2
    length = LINE * MACH.shapes["user_loop"].code_lines
    assert all(b - a >= length and a >> 12 == b >> 12 for a, b in pairwise(sorted(bases)))


def test_by_default_five_messages_wait_in_a_port_of_mach() -> None:
    """The backlog of a new port (Mach 3 kernel interfaces, port_set_backlog)."""
    port, waiting = Port(1), 0
    while not port.full:
        port.queue.append((0, ()))
        waiting += 1
    assert waiting == 5
    assert 2 * waiting > BUFFERS > waiting, "one full port leaves buffers for the replies"


def test_a_message_is_empty_and_takes_the_fast_path_between_spaces_unless_it_says_else() -> None:
    usual = Message()
    assert (usual.words, usual.same_space, usual.slow) == (0, False, False)
    plain, slow = (RawIpc(KERNELS[0], slow=x).run(0, 2) for x in (False, True))
    fast = [any(n.startswith("ipc_fast") for n in lines_by_path(t)) for t in (plain, slow)]
    assert fast == [True, False]


@EVERY
def test_a_fast_path_takes_as_many_words_as_the_kernel_says(kernel: IpcKernel) -> None:
    fits = min(kernel.number("fast_words"), RawIpc(kernel).most_words)
    names = lines_by_path(RawIpc(kernel).run(fits, 2))
    assert any(n.startswith("ipc_fast") for n in names)
    if fits < RawIpc(kernel).most_words:
        names = lines_by_path(RawIpc(kernel).run(fits + 1, 2))
        assert not any(n.startswith("ipc_fast") for n in names)


@EVERY
def test_turns_after_the_first_repeat_it(kernel: IpcKernel) -> None:
    trace = RawIpc(kernel).run(0, 4)
    assert len(trace.marks) == 4
    turns = [trace.operations[a + 1 : b, :4] for a, b in pairwise(trace.marks)]
    assert all(np.array_equal(turns[1][:-1], turn[:-1]) for turn in turns)
