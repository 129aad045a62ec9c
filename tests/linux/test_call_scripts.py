"""Calls of the kernel as a whole: in, body, perhaps somebody else, out; signals, files, the run."""

from __future__ import annotations

from typing import Any

import pytest

from microbench.linux.kernel import ORDINARY, Linux
from microbench.linux.process import HEAP_BYTES, STACK_BYTES, TASK_BYTES, Process, Program
from microbench.linux.signal import (
    SEGMENT,
    USER_1,
    kill_self,
    probe_self,
    sigaction,
    write_protected,
)
from microbench.linux.vma import Vma
from microbench.trace import ops
from tests.linux.heard import BSS
from tests.linux.stories import read, write
from tests.linux.told import Step, Told, ToldStory, copies, steps


def test_a_call_enters_runs_its_path_and_leaves() -> None:
    (step,) = steps(lambda linux, process: linux.simple(process, "stat", "answer"))
    assert (step.log, step.answer) == (["enter", "stat", "leave"], "answer")
    assert [a.place for a in step.paths] == ["entry", "syscall", "entry"]
    assert step.paths[1].roles["buffer"].name == "process"
    (plain,) = steps(lambda linux, process: linux.simple(process, "stat"))
    assert plain.answer == 0


def test_the_null_call_tells_the_parent_s_number() -> None:
    def child(linux: Linux, process: Process) -> Program:
        process.parent = Process(77, "parent")
        return (yield from linux.getppid(process))

    orphan, (step,) = steps(lambda linux, process: linux.getppid(process))[0], steps(child)
    assert (orphan.answer, step.answer) == (0, 77)
    assert orphan.log == ["enter", "getppid", "leave"]


def test_a_better_process_runs_between_the_body_and_the_way_out() -> None:
    story = ToldStory()
    pipe = story.linux.pipe()
    story.cast("reader", read(pipe, 1), priority=110)
    story.cast("writer", write(pipe, b"x"), priority=120)
    story.run()
    names = [(a.who, a.name) for a in story.paths]
    end = names.index(("writer", "pipe_write_end"))
    assert names[end + 1][1] == "schedule_out"
    assert ("writer", "leave") not in names[end:]


def test_programs_run_until_the_first_one_is_done() -> None:
    linux, log = Linux(Told()), []

    def one(linux: Linux, process: Process) -> Program:
        for turn in range(3):
            log.append((process.name, turn))
            linux.scheduler.add(process)
            yield from linux.scheduler.schedule(process)

    for name in ("a", "b"):
        linux.spawn(name, one)
    linux.run()
    assert log == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 2), ("b", 2)]
    assert linux.scheduler.switches == 6


def test_another_one_that_ends_without_exit_is_a_mistake_by_name() -> None:
    linux = Linux(Told())
    pipe = linux.pipe()
    linux.spawn("first", lambda linux, p: linux.read(p, pipe, p.user("user_data"), 1))
    linux.spawn("second", lambda linux, p: linux.getppid(p))
    with pytest.raises(RuntimeError, match="second ended without exit"):
        linux.run()


def test_a_process_has_a_stack_a_task_and_a_heap_of_the_kernel_s() -> None:
    linux = Linux(Told())
    made = [linux.spawn(name, lambda linux, process: iter(())) for name in "ab"]
    regions = made[0].kernel_regions
    assert {n: r.size for n, r in regions.items()} == {
        "stack": STACK_BYTES, "task": TASK_BYTES, "process": HEAP_BYTES,
    }  # fmt: skip
    assert regions["stack"].base % STACK_BYTES == 0, "found from the stack pointer by a mask"
    assert STACK_BYTES == 2 * 4096, "two pages on ARM"
    assert [p.pid for p in made] == [1, 2]
    assert made[0].space != made[1].space
    assert not set(regions.values()) & set(made[1].kernel_regions.values())


def test_a_task_fits_what_is_recorded_of_it() -> None:
    """struct task_struct of the recorded kernel; thread_info lies below the stack, not in it."""
    assert TASK_BYTES % 32 == 0, "whole cache lines"
    assert 512 < TASK_BYTES < 1024
    assert TASK_BYTES == 704


def test_a_process_has_the_priority_it_is_given_or_is_like_all_others() -> None:
    linux = Linux(Told())
    assert linux.spawn("x", lambda linux, process: iter(()), 115).priority == 115
    assert linux.spawn("y", lambda linux, process: iter(())).priority == ORDINARY


def test_settings_are_kept_and_merging_is_told_the_machine_once() -> None:
    plain = Linux(Told())
    assert (plain.pipe_bytes, plain.plain_loops) == (4096, 0)
    assert (plain.sleep, plain.ticks, plain.images) == (1.0, 1, None)
    for merge, rows in ((0, []), (1, [1])):
        host = Told()
        Linux(host, stores_merge=merge)
        table = host.recorder.finish().operations
        assert table[table[:, 0] == ops.COALESCING, 1].tolist() == rows
    assert Linux(Told(), pipe_bytes=65_536.0).pipe().capacity == 65_536


# signals


def test_a_handler_is_installed_and_the_old_one_told() -> None:
    ran: list[str] = []
    first, second, third = steps(
        lambda linux, process: sigaction(linux, process, USER_1, lambda: ran.append("old")),
        lambda linux, process: sigaction(linux, process, USER_1, lambda: ran.append("new")),
        lambda linux, process: kill_self(linux, process, USER_1),
    )
    assert first.answer is None
    assert callable(second.answer)
    assert (third.answer, ran) == (0, ["new"])
    assert first.log == ["enter", "sigaction", "leave"]


def test_a_signal_to_oneself_is_delivered_on_the_way_back_and_returned_from() -> None:
    order: list[int] = []

    def sends(linux: Linux, process: Process) -> Program:
        host: Any = linux.host
        process.handlers[USER_1] = lambda: order.append(len(host.log))
        return (yield from kill_self(linux, process, USER_1))

    (step,) = steps(sends)
    assert step.log == [
        "enter",
        "signal_send",
        "signal_deliver",
        "leave",
        "enter",
        "sigreturn",
        "leave",
    ]
    assert order == [4], "the handler runs when the call is left"
    assert {a.place for a in step.paths if a.name.startswith("signal")} == {"signal"}
    with pytest.raises(KeyError):
        steps(lambda linux, process: kill_self(linux, process, USER_1))


def test_signal_0_only_checks() -> None:
    (step,) = steps(lambda linux, process: probe_self(linux, process))
    assert (step.log, step.answer) == (["enter", "signal_send", "leave"], 0)


def protected(writable: bool) -> Step:
    ran: list[int] = []

    def act(linux: Linux, process: Process) -> Program:
        host: Any = linux.host
        process.handlers[SEGMENT] = lambda: ran.append(len(host.log))
        file = linux.memory.file("f", 1)
        process.mm.add(Vma(0x300, 1, linux.memory.vma_region(), file, writable=writable))
        answer = yield from write_protected(linux, process, 0x300)
        return answer, ran

    return steps(act)[0]


def test_a_store_nobody_allows_is_a_fault_a_handler_and_a_return() -> None:
    step = protected(False)
    log = step.log[step.log.index("fault_leave") + 1 :]
    assert log == [
        "fault_enter()", "fault_enter", "signal_forced", "signal_deliver_forced", "fault_leave()",
        "fault_leave", "enter", "sigreturn", "leave",
    ]  # fmt: skip
    assert step.answer[0] == SEGMENT == 11
    assert len(step.answer[1]) == 1
    forced = [c for c in step.calls if c[0] == "fault_enter"][-1]
    assert forced == ("fault_enter", 0x300, True, False)
    assert [c for c in step.calls if c[0] == "fault_leave"][-1] == ("fault_leave", False)


def test_a_store_that_is_allowed_is_a_mistake_of_the_program() -> None:
    with pytest.raises(AssertionError, match=r"page 0x300 of .* can be written"):
        protected(True)
    with pytest.raises(KeyError):
        steps(lambda linux, process: write_protected(linux, process, BSS))
    assert USER_1 == 10


# files in the page cache


def test_a_file_is_read_from_its_position_page_by_page() -> None:
    content = bytes(range(250)) * 40
    answers: list[bytes] = []

    def reads(linux: Linux, process: Process) -> Program:
        file = linux.file(content)
        user = linux.host.user_memory(process, "buffer", 0x40_0000, 1 << 16)
        for size in (5000, 5000, 9):
            answers.append((yield from linux.read_file(process, file, user, size)))
        assert (yield from linux.seek(process, file, 4090)) == 4090
        answers.append((yield from linux.read_file(process, file, user, 10)))
        return file.pages.base, user.base

    (step,) = steps(reads)
    assert answers == [content[:5000], content[5000:10_000], b"", content[4090:4100]]
    page = ["file_read_page", "copy_out()", "copy_out", "file_read_copied"]
    read = lambda n: ["enter", "file_read_begin", *page * n, "file_read_end", "leave"]  # noqa: E731
    assert step.log == [*read(2), *read(2), *read(0), "enter", "lseek", "leave", *read(2)]
    pages, user = step.answer
    host: Any = type("H", (), {"calls": step.calls})
    moved = [(k.base - pages, u.base - user, n) for _, u, k, n in copies(host)]
    assert moved == [
        (0, 0, 4096), (4096, 4096, 904), (5000, 0, 3192), (8192, 3192, 1808), (4090, 0, 6),
        (4096, 6, 4),
    ]  # fmt: skip
    buffers = [a.roles["buffer"].base - pages for a in step.paths if a.name == "file_read_page"]
    assert buffers == [0, 4096, 4096, 8192, 0, 4096]
    assert {a.place for a in step.paths if a.name.startswith(("file", "lseek"))} == {"file"}


def test_an_empty_file_has_a_page_and_no_bytes() -> None:
    def reads(linux: Linux, process: Process) -> Program:
        file = linux.file(b"")
        assert file.pages.size == 4096
        return (yield from linux.read_file(process, file, process.user("user_data"), 5))

    (step,) = steps(reads)
    assert step.answer == b""
    assert step.log == ["enter", "file_read_begin", "file_read_end", "leave"]
