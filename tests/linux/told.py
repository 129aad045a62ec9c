"""Stories on a machine that keeps what it was asked for, with the memory each path was given."""

from __future__ import annotations

from typing import Any, NamedTuple

from microbench.linux.kernel import Linux
from microbench.linux.pagetable import AddressSpace
from microbench.linux.process import Process, Program
from microbench.linux.vma import Vma
from microbench.trace import Region
from tests.linux.heard import ASKED, BSS, Heard
from tests.linux.stories import Act, Story


class Asked(NamedTuple):
    """One path: on whose behalf, in which place of the software, with which memory."""

    name: str
    who: str
    place: str
    roles: dict[str, Region]


class Told(Heard):
    """Native, with every path it ran and every other request: its name, its arguments."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Asked] = []
        self.calls: list[tuple[Any, ...]] = []

    def path(self, name: str, process: Process, **roles: Any) -> None:
        """Run a kernel path, and keep what it was given."""
        place = list(self.recorder._places)[self.recorder._stack[-1]]
        self.told.append(Asked(name, process.name, place, roles))
        super().path(name, process, **roles)

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in ASKED:
            return found
        calls = super().__getattribute__("calls")

        def kept(process: Any, *words: Any, **more: Any) -> Any:
            calls.append((name, *words))
            return found(process, *words, **more)

        return kept


class ToldStory(Story):
    """A story on such a machine."""

    def __init__(self, pipe_bytes: int = 4096) -> None:
        super().__init__(pipe_bytes)
        self.linux = Linux(Told(), pipe_bytes=pipe_bytes)
        self._rest = self.linux.pipe()

    @property
    def paths(self) -> list[Asked]:
        """All that ran."""
        host: Any = self.linux.host
        told: list[Asked] = host.told
        return told

    def names(self, *heads: str) -> list[str]:
        """Names of the paths that begin so, and of the machine's copies between them."""
        host: Any = self.linux.host
        return [name for name in host.log if name.startswith(heads)]

    def named(self, name: str) -> list[Asked]:
        """The paths of a name."""
        return [asked for asked in self.paths if asked.name == name]

    @property
    def copied(self) -> list[tuple[str, Region, Region, int]]:
        """Copies: "in" or "out", the user's memory, the kernel's, bytes."""
        host: Any = self.linux.host
        return copies(host)


def copies(host: Told) -> list[tuple[str, Region, Region, int]]:
    """Copies: "in" or "out", the user's memory, the kernel's, bytes."""
    turned = {"copy_in": ("in", 1, 2), "copy_out": ("out", 2, 1)}
    return [
        (turned[c[0]][0], c[turned[c[0]][1]], c[turned[c[0]][2]], c[3])
        for c in host.calls
        if c[0] in turned
    ]


class Step(NamedTuple):
    """What one step of a program did: all by name, then paths and requests in full."""

    log: list[str]
    paths: list[Asked]
    calls: list[tuple[Any, ...]]
    answer: Any


def steps(*acts: Act, mappings: bool = True) -> list[Step]:
    """What each act of one program asked for; four zero-filled pages lie at `BSS`."""
    host = Told()
    linux, found = Linux(host), []

    def program(linux: Linux, process: Process) -> Program:
        if mappings:
            process.mm = AddressSpace(process.space)
            process.mm.heap_end = 0x200
            process.mm.add(Vma(BSS, 4, linux.memory.vma_region(), name="bss"))
        for act in acts:
            host.log.clear()
            host.told.clear()
            host.calls.clear()
            answer = yield from act(linux, process)
            found.append(Step(list(host.log), list(host.told), list(host.calls), answer))

    linux.spawn("one", program)
    linux.run()
    return found
