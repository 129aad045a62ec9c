"""A program that knows what its files must hold, whatever failed in between.

A write that was acknowledged must be there; one that failed may be there or not, and each of
its bytes is then either old or new. Anything else is a wrong byte.
"""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, field

from microbench.workloads.programs import filecalls as fc
from microbench.workloads.programs.filecalls import FileProgram

FILES, FILE_BYTES = 4, 12_000


@dataclass
class Ledger:
    """What the program has seen.

    Attributes
    ----------
    held : list of bytearray
        What each file must hold.
    doubts : list of dict of int to set of int
        By file: places whose byte may also be another one, of a write that failed.
    trying : (int, int, bytes) or None
        File, place and data of the write under way.
    done, errors : int
        Calls that came back good, and those that did not.
    checks, wrong : int
        Verifications of all files, and bytes that were not what they must be.
    want_check : bool
        Set from outside: verify next.
    """

    draw: random.Random
    held: list[bytearray] = field(
        default_factory=lambda: [bytearray(FILE_BYTES) for _ in range(FILES)]
    )
    doubts: list[dict[int, set[int]]] = field(default_factory=lambda: [{} for _ in range(FILES)])
    trying: tuple[int, int, bytes] | None = None
    done: int = 0
    errors: int = 0
    checks: int = 0
    wrong: int = 0
    want_check: bool = False
    fresh: bool = True


def program(ledger: Ledger) -> FileProgram:
    """Write and read at random for ever; verify everything when asked to."""
    doubt(ledger)
    fds = [-1] * FILES
    for number in range(FILES):
        yield from _ready(ledger, fds, number)
    ledger.fresh = False
    while True:
        number = ledger.draw.randrange(FILES)
        if ledger.want_check:
            yield from _verify(ledger, fds)
        elif ledger.draw.random() < 0.5:
            yield from _write(ledger, fds, number)
        else:
            yield from _read(ledger, fds, number)


def _ready(ledger: Ledger, fds: list[int], number: int) -> FileProgram:
    """Open a file, as often as it takes; a new one is filled."""
    while fds[number] < 0:
        try:
            fds[number] = yield fc.Open(f"file {number}", create=True)
            if ledger.fresh:
                ledger.doubts[number].clear()
                yield fc.Write(fds[number], bytes(ledger.held[number]))
        except fc.FileError:
            ledger.errors += 1
            fds[number] = -1


def _write(ledger: Ledger, fds: list[int], number: int) -> FileProgram:
    size = ledger.draw.choice([1, 300, 4096])
    at = ledger.draw.randrange(FILE_BYTES - size)
    data = ledger.draw.randbytes(size)
    yield from _ready(ledger, fds, number)
    ledger.trying = (number, at, data)
    try:
        yield fc.Write(fds[number], data, at)
    except fc.FileError:
        doubt(ledger)
        yield from _failed(ledger, fds, number)
        return
    ledger.trying = None
    for place in range(at, at + size) if ledger.doubts[number] else ():
        ledger.doubts[number].pop(place, None)
    ledger.held[number][at : at + size] = data
    ledger.done += 1


def doubt(ledger: Ledger) -> None:
    """The write that was under way may have come to the device or not, byte by byte."""
    if ledger.trying is not None:
        number, at, data = ledger.trying
        for place, byte in enumerate(data, at):
            ledger.doubts[number].setdefault(place, set()).add(byte)
    ledger.trying = None


def _failed(ledger: Ledger, fds: list[int], number: int) -> FileProgram:
    """Give a file up, to open it again."""
    ledger.errors += 1
    with suppress(fc.FileError):
        yield fc.Close(fds[number])
    fds[number] = -1


def _read(ledger: Ledger, fds: list[int], number: int) -> FileProgram:
    """Read a whole file and compare."""
    yield from _ready(ledger, fds, number)
    try:
        data = yield fc.Read(fds[number], FILE_BYTES)
    except fc.FileError:
        yield from _failed(ledger, fds, number)
        return
    ledger.done += 1
    ledger.wrong += wrong_bytes(ledger, number, data)
    ledger.held[number] = bytearray(data.ljust(FILE_BYTES, b"\0"))
    ledger.doubts[number].clear()


def wrong_bytes(ledger: Ledger, number: int, data: bytes) -> int:
    """How many bytes of a file are neither what was acknowledged nor what was tried."""
    held, doubts = ledger.held[number], ledger.doubts[number]
    if data == held:
        return 0
    differ = [at for at, (is_, was) in enumerate(zip(data, held, strict=False)) if is_ != was]
    wrong = sum(data[at] not in doubts.get(at, ()) for at in differ)
    return wrong + FILE_BYTES - len(data)


def _verify(ledger: Ledger, fds: list[int]) -> FileProgram:
    """All files, from the device."""
    try:
        yield fc.Drop()
    except fc.FileError:
        ledger.errors += 1
        return
    errors = ledger.errors
    for number in range(FILES):
        yield from _read(ledger, fds, number)
    if ledger.errors == errors:
        ledger.checks += 1
        ledger.want_check = False
