"""Requests, switches, calls of the daemon and copies per operation: the facts' own table.

FS-RESTART 2.4. Copies are those added to the kernel file system's, in bytes.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from microbench.study.fast17.rules import WAITED
from microbench.workloads.programs import filecalls as fc
from microbench.workloads.programs.filecalls import FileProgram

KB = 1024
TURNS = 6
DATA = bytes(i % 251 for i in range(128 * KB))


def again(
    size: int, operation: Callable[[int, int], FileProgram], drop: bool = False
) -> Callable[[], FileProgram]:
    """A file of a size that is open, then the operation again and again."""

    def program() -> FileProgram:
        fd = yield fc.Open("f", create=True)
        yield fc.Write(fd, DATA[:size])
        yield fc.Sync(fd)
        for number in range(TURNS):
            other = yield fc.Open(f"file {number}", create=True)
            yield fc.Write(other, DATA[: 4 * KB])
            yield fc.Close(other)
        yield fc.Null(fd)
        for turn in range(TURNS):
            if drop:
                yield fc.Drop()
            yield from operation(fd, turn)
            yield fc.Mark(turn)

    return program


def one(call: Callable[[int], fc.Call]) -> Callable[[int, int], FileProgram]:
    def operation(fd: int, turn: int) -> FileProgram:
        yield call(fd)

    return operation


def open_close(fd: int, turn: int) -> FileProgram:
    yield fc.Close((yield fc.Open("f")))


def create_write_close(fd: int, turn: int) -> FileProgram:
    new = yield fc.Open(f"new {turn}", create=True)
    yield fc.Fstat(new)
    yield fc.Write(new, DATA[: 4 * KB])
    yield fc.Close(new)


def read_whole(fd: int, turn: int) -> FileProgram:
    old = yield fc.Open(f"file {turn}")
    yield fc.Fstat(old)
    at = 0
    while part := (yield fc.Read(old, 8 * KB, at)):
        at += len(part)
    yield fc.Close(old)


def unlink(fd: int, turn: int) -> FileProgram:
    yield fc.Unlink(f"file {turn}")


def in_order(fd: int, turn: int) -> FileProgram:
    for page in range(32):
        yield fc.Read(fd, 4 * KB, page * 4 * KB)


OFF = {"attributes_ns": 0}
NONE = {"name_ns": 0, "attributes_ns": 0}
# operation, size of the file, program, mount, requests, switches, daemon calls, added copies
TABLE = [
    ("stat, all cached", 4 * KB, one(lambda fd: fc.Stat("f")), {}, 0, 0, 0, 0),
    ("stat, timeouts 0", 4 * KB, one(lambda fd: fc.Stat("f")), NONE, 2, 4, 4, 0),
    ("fstat, timeout 0", 4 * KB, one(lambda fd: fc.Fstat(fd)), OFF, 1, 2, 2, 0),
    ("open + close, names cached", 4 * KB, open_close, {}, 3, 4, 6, 0),
    ("read 1 KB, page cached", KB, one(lambda fd: fc.Read(fd, KB)), {}, 0, 0, 0, 0),
    ("read 4 KB, page cached", 4 * KB, one(lambda fd: fc.Read(fd, 4 * KB)), {}, 0, 0, 0, 0),
    ("read 128 KB cached", 128 * KB, one(lambda fd: fc.Read(fd, 128 * KB)), {}, 0, 0, 0, 0),
    ("read 1 KB direct", KB, one(lambda fd: fc.Read(fd, KB)), {"direct": True}, 1, 2, 2, KB),
    ("read 4 KB direct", 4 * KB, one(lambda fd: fc.Read(fd, 4 * KB)), {"direct": True},
     1, 2, 2, 4 * KB),
    ("read 128 KB direct, unaligned", 128 * KB, one(lambda fd: fc.Read(fd, 128 * KB, 0, True)),
     {"direct": True}, 2, 4, 4, 128 * KB),
    ("write 4 KB", 4 * KB, one(lambda fd: fc.Write(fd, DATA[: 4 * KB])), {}, 1, 2, 2, 8 * KB),
    ("write 128 KB, 2.6", 128 * KB, one(lambda fd: fc.Write(fd, DATA)), {}, 32, 64, 64, 256 * KB),
    ("write 128 KB, today", 128 * KB, one(lambda fd: fc.Write(fd, DATA)), {"era": "today"},
     1, 2, 2, 256 * KB),
    ("create + write 4 KB + close", 4 * KB, create_write_close, OFF, 6, 10, 12, 8 * KB),
    ("access, names cached", 4 * KB, one(lambda fd: fc.Access("f")), {"asks_access": True},
     1, 2, 2, 0),
]  # fmt: skip
COLD = [
    ("read 1 KB uncached", KB, one(lambda fd: fc.Read(fd, KB)), 1, 2, 2, 2 * KB),
    ("32 reads of 4 KB, in order", 128 * KB, in_order, 1, 2, 2, 256 * KB),
    ("read 128 KB uncached", 128 * KB, one(lambda fd: fc.Read(fd, 128 * KB)), 1, 2, 2, 256 * KB),
    ("open + read whole 4 KB file + close", 4 * KB, read_whole, 7, 12, 14, 8 * KB),
    ("unlink", 4 * KB, unlink, 3, 4, 5, 0),
]  # fmt: skip
COUNTED = ("requests", "switches", "daemon calls")


@pytest.mark.parametrize(
    ("size", "operation", "how", "requests", "switches", "calls", "copies"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_operation(count, size, operation, how, requests, switches, calls, copies) -> None:
    fuse, kernel = count(again(size, operation), **how), count(again(size, operation), "native")
    assert [fuse.get(key, 0) for key in COUNTED] == [requests, switches, calls]
    assert fuse.get("copied", 0) - kernel.get("copied", 0) == copies


@pytest.mark.parametrize(
    ("size", "operation", "requests", "switches", "calls", "copies"),
    [row[1:] for row in COLD],
    ids=[row[0] for row in COLD],
)
def test_cold_operation(count, size, operation, requests, switches, calls, copies) -> None:
    program = again(size, operation, drop=True)
    fuse, kernel = count(program, attributes_ns=0), count(program, "native")
    assert [fuse.get(key, 0) for key in COUNTED] == [requests, switches, calls]
    assert fuse.get("copied", 0) - kernel.get("copied", 0) == copies


def test_a_name_is_believed_until_its_time_is_over(count) -> None:
    """One look-up at first; with no time, one for each call."""
    assert count(again(4, one(lambda fd: fc.Stat("f"))), name_ns=1).get("LOOKUP", 0) == 0
    assert count(again(4, one(lambda fd: fc.Stat("f"))), name_ns=0)["LOOKUP"] == 1


def test_an_absent_name_is_asked_for_again(count) -> None:
    codes: list[str] = []

    def absent(fd: int, turn: int) -> FileProgram:
        try:
            yield fc.Stat("nobody")
        except fc.FileError as error:
            codes.append(error.code)

    assert count(again(4, absent))["LOOKUP"] == 1
    assert codes == ["ENOENT"] * TURNS


@pytest.mark.parametrize(
    ("kind", "operation", "drop"),
    [
        ("cr-wr", create_write_close, False),
        ("preall-re", read_whole, True),
        ("preall-de", unlink, True),
    ],
)
def test_a_rule_waits_for_the_requests_the_kernel_sends(count, kind, operation, drop) -> None:
    """What `table fs` lists for a file is what is counted, but for those nobody waits for."""
    counted = count(again(4 * KB, operation, drop=drop), attributes_ns=0)
    sent = {op: n for op, n in counted.items() if op.isupper() and n}
    listed = WAITED[kind][0]
    unwaited = {"RELEASE", "FORGET"}
    assert {op: n for op, n in sent.items() if op not in unwaited} == {
        op: listed.count(op) for op in listed
    }
