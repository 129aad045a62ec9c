"""A disk's arm and a device's time: seeks, transfers, who waits, what is begun ahead."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from microbench.errors import InputError, UsageError
from microbench.linux.devices import NOMINAL_NS_PER_INSTRUCTION, Devices
from microbench.linux.disk import BLOCK, UNITS, Disk, DiskModel, disk_model, disk_names
from microbench.linux.inode import ROOT, Inode
from microbench.linux.kernel import Linux
from microbench.linux.localfs import AHEAD, LocalFs
from microbench.linux.process import SLEEPING, Process, Program, WaitQueue
from microbench.quantity import Quantity, numbers
from microbench.trace import Region, ops
from tests.linux.told import Told

MS = 1_000_000


@pytest.mark.parametrize(
    ("key", "line", "said"),
    [
        ("half_turn", "value = -5", "half_turn.value = -5.0: must not be negative"),
        ("full_seek", "value = 1, low = -1", "full_seek.low = -1.0: must not be negative"),
        ("blocks", "value = 0", "blocks.value = 0.0: must be more than 0"),
        ("colour", "value = 1", "colour = "),
    ],
)
def test_a_device_that_cannot_be_is_refused_by_key(
    key: str, line: str, said: str, tmp_path: Path
) -> None:
    usual = dict.fromkeys(UNITS, "value = 1") | {key: line}
    text = "".join(
        f'{k} = {{{v}, unit = "{next(iter(UNITS.get(k, ["ms"])))}", source = "JUDGEMENT; a test", '
        'certainty = "choice"}\n'
        for k, v in usual.items()
    )
    (tmp_path / "disk.toml").write_text(text)
    with pytest.raises(InputError, match=re.escape(said)):
        numbers(tmp_path / "disk.toml", UNITS, {"blocks"})


def model(**numbers: float) -> DiskModel:
    given = dict.fromkeys(UNITS, 0.0) | {"blocks": 100.0} | numbers
    return DiskModel(
        "made", {k: Quantity(v, "", "a test", "choice", v / 2, v * 2) for k, v in given.items()}
    )


def test_a_transfer_where_the_arm_stands_costs_its_bytes_alone() -> None:
    disk = Disk(model(transfer=4.096, half_turn=4.0, track_seek=1.0, full_seek=9.0))
    assert disk.time_ns(0, 1) == MS
    assert disk.time_ns(1, 3) == 3 * MS
    assert disk.time_ns(4, 1) == MS


@pytest.mark.parametrize(
    ("first", "ms"), [(25, 5 + 8 * 0.5), (100, 5 + 8), (500, 5 + 8), (1, 5 + 8 * 0.1)]
)
def test_any_other_one_seeks_by_the_root_of_the_distance_and_waits_half_a_turn(
    first: int, ms: float
) -> None:
    disk = Disk(model(half_turn=4.0, track_seek=1.0, full_seek=9.0))
    assert disk.time_ns(first, 1) == round(ms * MS)
    back = disk.time_ns(0, 1)
    distance = min(1.0, (first + 1) / 100)
    assert back == round((5 + 8 * distance**0.5) * MS)


def test_a_command_costs_its_time_whatever_it_moves() -> None:
    disk = Disk(model(command=7.5, transfer=0.0))
    assert disk.time_ns(0, 9) == 7500
    assert Disk(model(command=7.0, transfer=BLOCK)).time_ns(0, 2) == 9000


def test_a_block_nobody_wrote_is_zeros() -> None:
    disk = Disk(model())
    disk.store(3, b"x" * BLOCK)
    assert disk.load(3) == b"x" * BLOCK
    assert disk.load(4) == bytes(BLOCK)
    with pytest.raises(AssertionError):
        disk.store(3, b"short")


def test_every_packaged_device_has_its_numbers_with_ranges() -> None:
    assert {"ram", "flash", "ata"} <= set(disk_names())
    for name in disk_names():
        found = disk_model(name)
        assert set(found.numbers) == set(UNITS)
        for key in UNITS:
            assert found.value(key, "low") <= found.value(key) <= found.value(key, "high")
    with pytest.raises(UsageError, match="no device 'tape'; there are "):
        disk_model("tape")
    assert not any(name.startswith("disk-") for name in disk_names())


class Room:
    """A kernel with devices; what its processes did, and what the machine was told."""

    def __init__(self) -> None:
        self.host = Told()
        self.linux = Linux(self.host)
        self.devices = Devices(self.linux.scheduler)
        self.log: list[tuple[str, int]] = []

    def cast(self, name: str, *waits: int) -> Process:
        """A process that waits for devices, so long each, and then works a little."""

        def program(linux: Linux, process: Process) -> Program:
            for nanoseconds in waits:
                yield from self.devices.wait(process, nanoseconds)
                self.log.append((name, self.devices.now_ns))

        return self.linux.spawn(name, program)

    def said(self) -> list[tuple[str, int, int]]:
        kinds = {ops.DEVICE_START: "start", ops.DEVICE_WAIT: "wait"}
        rows = self.host.recorder.finish().operations
        return [(kinds[int(r[0])], int(r[1]), int(r[2])) for r in rows if int(r[0]) in kinds]


def test_alone_the_machine_idles_until_the_device_is_done() -> None:
    room = Room()
    room.cast("one", 500, 200)
    room.linux.run()
    assert room.log == [("one", 500), ("one", 700)]
    device = room.said()[0][1]
    assert room.said() == [
        ("start", device, 500), ("wait", device, 0), ("start", device, 200), ("wait", device, 0),
    ]  # fmt: skip
    trace = room.host.recorder.finish()
    waits = trace.operations[trace.operations[:, 0] == ops.DEVICE_WAIT]
    assert {trace.places[int(r[4])] for r in waits} == {"idle"}


def test_of_several_devices_the_one_that_is_due_first_wakes_its_process() -> None:
    room = Room()
    room.cast("slow", 900)
    room.cast("fast", 100, 300, 10_000)
    room.cast("middle", 450, 10_000)
    room.linux.run()
    assert room.log == [("fast", 100), ("fast", 400), ("middle", 450), ("slow", 900)]
    assert len({device for kind, device, _ in room.said() if kind == "start"}) >= 3


def test_work_takes_time_and_wakes_all_who_are_due_by_then() -> None:
    room = Room()
    first, second, third = (
        room.linux.spawn(n, lambda linux, process: iter(()), 120) for n in "abc"
    )
    room.linux.scheduler.queues[120].clear()
    for process, due in ((first, 50), (second, 20), (third, 51)):
        process.state = SLEEPING
        room.devices._waiting.append((due, room.devices._free.pop(), process))
    room.devices.worked(50 // NOMINAL_NS_PER_INSTRUCTION)
    assert room.devices.now_ns == 50
    assert list(room.linux.scheduler.queues[120]) == [second, first]
    room.devices.worked(0)
    assert list(room.linux.scheduler.queues[120]) == [second, first]
    room.devices.worked(1)
    assert list(room.linux.scheduler.queues[120]) == [second, first, third]


def test_time_that_passes_moves_the_clock_and_wakes_nobody() -> None:
    room = Room()
    room.devices.pass_time(70)
    assert room.devices.now_ns == 70
    assert room.devices.begin(30)[0] == 100


def test_a_device_is_not_waited_for_while_somebody_can_run() -> None:
    room = Room()
    a, b = (room.linux.spawn(n, lambda linux, process: iter(()), 120) for n in "ab")
    room.linux.scheduler.queues[120].remove(a)
    a.state = SLEEPING
    room.devices._waiting.append((50, room.devices._free.pop(), a))
    room.devices.ready()
    assert (room.devices.now_ns, list(room.linux.scheduler.queues[120])) == (0, [b])
    room.linux.scheduler.queues[120].clear()
    room.devices.pass_time(80)
    room.devices.ready()
    assert (room.devices.now_ns, list(room.linux.scheduler.queues[120])) == (80, [a])


def test_who_sleeps_on_a_queue_with_nobody_to_run_lets_the_first_device_finish() -> None:
    room = Room()
    queue = WaitQueue()

    def sleeper(linux: Linux, process: Process) -> Program:
        yield from room.devices.sleep(process, queue)
        room.log.append(("sleeper", room.devices.now_ns))

    def waiter(linux: Linux, process: Process) -> Program:
        yield from room.devices.wait(process, 700)
        room.log.append(("waiter", room.devices.now_ns))
        linux.scheduler.wake(queue.sleepers[0])
        yield from room.devices.sleep(process, WaitQueue())

    room.linux.spawn("sleeper", sleeper, 130)
    room.linux.spawn("waiter", waiter, 120)
    room.linux.run()
    assert room.log == [("waiter", 700), ("sleeper", 700)]
    assert list(queue.sleepers) == []


class Files:
    """A local file system on a made disk, and calls on it by one process."""

    def __init__(self, *calls: Any, **numbers: float) -> None:
        self.host = Told()
        linux = Linux(self.host)
        self.devices, self.tally = Devices(linux.scheduler), Counter[str]()
        self.disk = Disk(model(**numbers))
        self.fs = LocalFs(linux.host, self.devices, self.disk, self.tally)
        self.answers: list[Any] = []
        self.paths: list[list[str]] = []

        def program(linux: Linux, process: Process) -> Program:
            for call in calls:
                self.host.log.clear()
                self.answers.append((yield from call(self.fs, process)))
                self.paths.append([n for n in self.host.log if n.startswith(("fs", "block"))])

        linux.spawn("one", program)
        linux.run()


def node(fs: LocalFs, ino: int) -> Inode:
    return Inode(ino, fs._entry(ino).attributes.size, False)


def create(name: str) -> Any:
    return lambda fs, process: fs.create(process, ROOT, name)


def write(ino: int, offset: int, data: bytes) -> Any:
    return lambda fs, process: fs.write(process, node(fs, ino), offset, data, [])


def read(ino: int, offset: int, size: int) -> Any:
    target: list[Region] = []
    return lambda fs, process: fs.read(process, node(fs, ino), offset, size, target)


A, B = ROOT + 1, ROOT + 2


def test_directories_hold_names_and_files_their_size() -> None:
    found = Files(
        create("a"), lambda fs, p: fs.lookup(p, ROOT, "a"), lambda fs, p: fs.lookup(p, ROOT, "b"),
        write(A, 10, b"xyz"), lambda fs, p: fs.getattr(p, A), lambda fs, p: fs.getattr(p, ROOT),
        lambda fs, p: fs.unlink(p, ROOT, "a"), lambda fs, p: fs.lookup(p, ROOT, "a"),
        lambda fs, p: fs.getattr(p, A), lambda fs, p: fs.forget(p, A),
    )  # fmt: skip
    attributes = found.answers[0].attributes
    assert (attributes.ino, attributes.size, attributes.directory) == (A, 0, False)
    assert found.answers[1].attributes.ino == A
    assert found.answers[2] is None
    assert found.answers[4].attributes.size == 13
    assert found.answers[5].attributes.directory
    assert found.answers[7] is None
    assert found.answers[8].attributes.size == 13, "open files stay until they are forgotten"
    assert [p[:1] for p in found.paths[:3]] == [["fs_create"], ["fs_lookup"], ["fs_lookup"]]
    assert found.paths[6] == ["fs_unlink"]
    assert A not in found.fs._nodes


def test_a_directory_made_beforehand_runs_nothing() -> None:
    found = Files()
    inner = found.fs.make_directory(ROOT, "d")
    assert (inner, found.fs.make_directory(inner, "e")) == (ROOT + 1, ROOT + 2)
    assert found.fs._entry(inner).attributes.directory
    assert found.fs._names(inner) == {"e": ROOT + 2}
    assert found.host.told[-1].name != "fs_create"


def test_what_needs_no_device_runs_nothing() -> None:
    for call in ("access", "open", "flush", "release", "sync"):
        found = Files(create("a"), lambda fs, p, call=call: getattr(fs, call)(p, A))
        assert (found.answers[1], found.paths[1]) == (0, [])


def test_bytes_come_back_wherever_they_were_put() -> None:
    found = Files(
        create("a"), write(A, 0, b"a" * 5000), write(A, 4090, b"b" * 10), write(A, 12_288, b"c"),
        read(A, 0, 99_999), read(A, 4085, 20), read(A, 20_000, 5), read(A, 4999, 5),
    )  # fmt: skip
    data = b"a" * 4090 + b"b" * 10 + b"a" * 900
    assert found.answers[4] == data + bytes(12_288 - 5000) + b"c"
    assert found.answers[5:] == [data[4085:4105], b"", data[4999:] + bytes(4)]


def test_pages_of_two_files_take_blocks_in_the_order_they_are_written() -> None:
    found = Files(create("a"), create("b"), write(A, 0, bytes(8192)), write(B, 0, b"x"),
                  write(A, 8192, b"y"), write(A, 0, b"z"))  # fmt: skip
    blocks = [found.fs._nodes[n].blocks for n in (A, B)]
    assert blocks == [{0: 0, 1: 1, 2: 3}, {0: 2}]


def test_blocks_that_lie_together_are_one_transfer() -> None:
    found = Files(create("a"), create("b"), write(A, 0, bytes(8192)), write(B, 0, b"x"),
                  write(A, 8192, b"y"), read(A, 0, 12_288))  # fmt: skip
    assert found.paths[2] == ["block_request", "block_done"]
    assert found.paths[5] == ["block_request", "block_done"] * 2
    assert found.tally["transfers"] == 3 + 2


def test_a_device_that_takes_time_is_slept_for_and_one_that_takes_none_is_not() -> None:
    slow = Files(create("a"), write(A, 0, b"x"), command=5.0)
    assert slow.devices.now_ns == 5000
    assert (slow.tally["device_ns"], slow.tally["transfers"]) == (5000, 1)
    assert {a.place for a in slow.host.told if a.name.startswith("block")} == {"file system"}
    fast = Files(create("a"), write(A, 0, b"x"))
    assert (fast.devices.now_ns, fast.tally["device_ns"], fast.tally["transfers"]) == (0, 0, 1)


def pages(first: int, count: int) -> Any:
    return read(A, first * BLOCK, count * BLOCK)


def ahead(*calls: Any) -> Files:
    """A file of a hundred blocks on a device of a millisecond a block, read so."""
    return Files(create("a"), write(A, 0, bytes(100 * BLOCK)), *calls, transfer=4.096)


def test_a_read_of_several_pages_starts_the_device_on_the_next_window() -> None:
    found = ahead(pages(0, 4), pages(4, 2))
    begun = 100 * MS + 4 * MS
    assert found.paths[2] == ["block_request", "block_done", "block_request"]
    assert found.paths[3] == ["block_done", "block_request"], "what was begun is waited for"
    assert found.devices.now_ns == begun + AHEAD * MS
    assert found.tally["transfers"] == 4
    assert AHEAD * BLOCK == 128 << 10, "the kernel of the time reads 128 KB ahead"


def test_a_single_page_starts_nothing() -> None:
    assert ahead(pages(0, 1)).paths[2] == ["block_request", "block_done"]
    assert ahead(pages(0, 2)).paths[2][-1] == "block_request"


def test_what_was_begun_for_other_blocks_is_finished_first_and_then_the_own_read() -> None:
    found = ahead(pages(0, 4), pages(60, 1))
    assert found.paths[3] == ["block_done", "block_request", "block_done"]
    for first, hit in ((4, True), (4 + AHEAD - 1, True), (4 + AHEAD, False), (3, False)):
        paths = ahead(pages(0, 4), pages(first, 1)).paths[3]
        assert (paths == ["block_done"]) is hit, first


def test_nothing_is_read_ahead_behind_the_last_block() -> None:
    assert ahead(pages(96, 4)).paths[2] == ["block_request", "block_done"]
    found = ahead(pages(94, 4), pages(98, 2))
    assert found.tally["device_ns"] == (100 + 4 + 2) * MS
