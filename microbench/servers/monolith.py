"""The same faults in a kernel that has file system and driver inside.

A fault in the context of a process kills that process and leaves its locks held; one in an
interrupt, or a loop that never ends, takes the system with it. What was acknowledged and not
yet written is gone then.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from microbench.linux.kernel import Linux
from microbench.linux.oops import Oops, Wedged
from microbench.servers.checked import FILES, Ledger, program
from microbench.servers.structures import Mount, Mounted, Structure, mount
from microbench.systems.players import boot
from microbench.workloads.programs import filecalls as fc
from microbench.workloads.programs.onlinux import as_process

NATIVE = "systems.native:Native"
SERVERS_CODE = ("fs_", "block_", "file_", "page_add", "vfs_")
IN_INTERRUPT = ("block_done",)
KILLED, LOCKED = "oops, process killed", "oops, locks held for ever"
PANIC = "panic or endless loop, reboot"
OUTCOMES = (KILLED, LOCKED, PANIC)
CALLS = 120
"""Calls of the program on files in one run."""


@dataclass(frozen=True)
class Fate:
    """What a fault at one point does.

    Attributes
    ----------
    outcome : str
    wrong, lost_bytes : int
        Bytes that were wrong for the next process; acknowledged bytes that a reboot loses.
    """

    outcome: str
    wrong: int
    lost_bytes: int


RE_READ = 30
"""After so many calls everything is read from the device again."""


class _Injector:
    """Counts the paths of file system and driver, and lets one of them trap."""

    def __init__(self, host: Any, at: int) -> None:
        self._path, self.count, self.at, self.name = host.path, 0, at, ""

    def __call__(self, name: str, process: Any, **roles: Any) -> None:
        """Run a path, or trap in it."""
        if name.startswith(SERVERS_CODE):
            self.count += 1
            if self.count == self.at:
                self.name = name
                raise Oops(name)
        self._path(name, process, **roles)


def _system(seed: int, at: int) -> tuple[Mounted, Ledger, _Injector]:
    linux = boot(NATIVE)
    mounted = mount(Structure(NATIVE, False), Mount(disk="flash"), linux.host)
    injector = _Injector(mounted.linux.host, at)
    mounted.linux.host.path = injector  # type: ignore[method-assign]
    return mounted, Ledger(random.Random(seed)), injector


def _run(
    mounted: Mounted, ledger: Ledger, check: bool, watch: Callable[[], None] = lambda: None
) -> None:
    """One process for some calls; or, to check, until all files were read."""

    def limited() -> Any:
        ledger.want_check, checks = check, ledger.checks
        calls, answer = program(ledger), None
        error: fc.FileError | None = None
        for number in range(CALLS):
            asked = calls.throw(error) if error else calls.send(answer)
            answer, error = None, None
            if check and ledger.checks > checks:
                yield from _write_all(ledger)
                return
            if not check and number % RE_READ == RE_READ - 1:
                ledger.want_check = True
            watch()
            try:
                answer = yield asked
            except fc.FileError as failure:
                error = failure

    linux: Linux = mounted.linux
    process = linux.spawn("client", as_process(limited, mounted.files, mounted))
    linux.scheduler.current = process
    linux.scheduler.queues[process.priority].clear()
    assert process.program is not None
    for _ in process.program:
        raise AssertionError("nobody else can run")


def _write_all(ledger: Ledger) -> fc.FileProgram:
    """A byte of each file again: whoever needs a lock that is held for ever finds out."""
    for number in range(FILES):
        fd = yield fc.Open(f"file {number}")
        yield fc.Write(fd, bytes(ledger.held[number][:1]))
        yield fc.Close(fd)


@cache
def points(seed: int) -> tuple[int, int]:
    """First and last path of file system and driver behind the set-up of the files."""
    mounted, ledger, injector = _system(seed, 0)
    first: list[int] = []
    _run(mounted, ledger, False, lambda: first.append(injector.count) if ledger.done else None)
    return first[0] + 1, injector.count


@cache
def fate(seed: int, at: int, kind: str) -> Fate:
    """What a fault of a kind does when it comes at the `at`-th path."""
    mounted, ledger, injector = _system(seed, at)
    with suppress(Oops):
        _run(mounted, ledger, False)
    dirty = sum(4096 * len(inode.dirty) for inode in mounted.files.super.inodes.values())
    if kind == "hang" or injector.name.startswith(IN_INTERRUPT):
        return Fate(PANIC, 0, dirty)
    ledger.fresh = False
    try:
        _run(mounted, ledger, True)
    except Wedged:
        return Fate(LOCKED, ledger.wrong, dirty)
    return Fate(KILLED, ledger.wrong, 0)


def totals(outcomes: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """How many faults had each of `OUTCOMES`, whatever their kind."""
    return {o: sum(n for (_, got), n in outcomes.items() if got == o) for o in OUTCOMES}


def campaign(faults: int, mix: Mapping[str, float], seed: int) -> tuple[Counter[Any], int, int]:
    """So many faults at drawn points: (kind, outcome) to how often, wrong bytes, lost bytes."""
    draw, outcomes = random.Random(seed), Counter[Any]()
    wrong = lost = 0
    first, last = points(seed)
    for _ in range(faults):
        kind = draw.choices(list(mix), list(mix.values()))[0]
        found = fate(seed, draw.randrange(first, last + 1), kind)
        outcomes[kind, found.outcome] += 1
        wrong, lost = wrong + found.wrong, lost + found.lost_bytes
    return outcomes, wrong, lost
