"""The systems, one line each: every command, table, plot and completion asks here.

To add one, write a player: a function `play(part, stage, **given)` that returns what a
machine can price, a `Trace` (kind "recorded": a kernel whose operations are replayed; "smp": an
operation; "files": also counts and answers). Add one `System` line below that names it. A
recorded kernel is a system by its description in `data/kernels/recordings`, one of many CPUs by
its table in `data/smp/operations`; they need no line, but may have one with settings of its own.

`needs` lists what the player reads of the stage; nothing else is handed to it, and what is handed
to it decides which kept trace serves, so nothing can be left out of that.

A `part` has `kind` ("linux": programs of the functional Linux; "message": an IPC; "files": a
program of file calls; "recorded": operations added up), `name`, `build`, `iterations`, `options`;
of kind "smp" it is an operation's name and the principles taken out. A workload's name and
arguments stand in the stage under "benchmark" and "args". `stage` further knows "numbers"
(calibrated numbers of workloads), "images" (programs with the pages they use, as a study has
drawn them) and "described" (as they are described), "architecture", "isolated" (page tables of the
kernel's own), "level" ("low", "value", "high": which end of the paths' ranges).

Nothing is imported before a system plays.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from microbench.errors import unknown
from microbench.recording.description import Description, recorded_names

LINUX = ("numbers",)
MESSAGE = ("architecture", "isolated", "level")


@dataclass(frozen=True)
class Play:
    """How a system plays one kind of part.

    Attributes
    ----------
    function : str or callable
        The player, or "room.module:name" of it, imported when it is first called.
    needs : tuple of str
        What it reads of the stage.
    given : tuple of (str, value)
        Its further arguments.
    """

    function: str | Callable[..., Any]
    needs: tuple[str, ...] = ()
    given: tuple[tuple[str, Any], ...] = ()

    def __call__(self, part: Any, stage: Mapping[str, Any]) -> Any:
        """What the part does on this system, as a machine can price it."""
        player = named(self.function) if isinstance(self.function, str) else self.function
        return player(part, stage, **dict(self.given))


@dataclass(frozen=True)
class System:
    """One system.

    Attributes
    ----------
    name, summary : str
        As in the column `system`, and one line about it.
    play : mapping of str to Play
        Kind of part to how it is played.
    settings : tuple of str
        `key=value` changes of the machine it always runs on.
    standing : str
        "talk": its tables show it; "beside": also run and explained without being asked for;
        "": only when asked for.
    operations : tuple of str
        What it does on many CPUs.
    """

    name: str
    summary: str
    play: Mapping[str, Play] = field(default_factory=dict)
    settings: tuple[str, ...] = ()
    standing: str = ""
    operations: tuple[str, ...] = ()


def named(reference: str) -> Callable[..., Any]:
    """The object behind "room.module:name" of this package."""
    module, _, name = reference.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(f"microbench.{module}"), name)
    return found


def _on(host: str, arguments: Iterable[tuple[str, Any]] = (), **options: Any) -> Play:
    """Linux on a host, with arguments of the host and settings of the kernel."""
    given = (("host", host), ("arguments", tuple(arguments)), ("options", tuple(options.items())))
    return Play("systems.players:play_linux", LINUX, given)


NATIVE, FASS, L4 = "systems.native:Native", "systems.fass:NativeFass", "systems.l4:L4Linux"


def _messages(kernel: str) -> Play:
    """Messages on a microkernel of this name, in the file for the machine's architecture."""
    return Play("ipc.players:play_messages", MESSAGE, (("kernel", kernel),))


def _files(host: str = "", fuse: bool = False) -> Play:
    """Files in the kernel of a host, behind a daemon on it, or behind servers on L4 itself."""
    return Play("servers.played:play_files", ("level",), (("host", host), ("fuse", fuse)))


_LISTED = (
    System(
        "native",
        "Linux on the bare machine; a switch does what the machine demands",
        {"linux": _on(NATIVE), "files": _files(NATIVE)},
        standing="talk",
    ),
    System(
        "native-fass",
        "Linux with the domain patches: relocated spaces, tagged switch, no L4",
        {"linux": _on(FASS)},
        standing="beside",
    ),
    System(
        "l4",
        "Linux as a server on L4: a system call is an exception IPC; lat_ipc: L4 Pistachio itself",
        {"linux": _on(L4), "message": _messages("pistachio"), "files": _files(L4)},
        standing="talk",
    ),
    System(
        "native-tagged",
        "native, on a machine that switches spaces by a tag",
        {"linux": _on(NATIVE)},
        ("space_switch=tagged",),
    ),
    System(
        "l4-full-flush",
        "l4, flushing at each switch as native Linux does",
        {"linux": _on(L4, [("tagged", False)])},
    ),
    System(
        "native-64k-pipe",
        "native, with the 64 KB pipe of Linux 2.6.11 and later",
        {"linux": _on(NATIVE, pipe_bytes=65536)},
    ),
    System(
        "l4-64k-pipe",
        "l4, with the 64 KB pipe of Linux 2.6.11 and later",
        {"linux": _on(L4, pipe_bytes=65536)},
    ),
    System(
        "native-fuse", "files behind a FUSE daemon on native Linux", {"files": _files(NATIVE, True)}
    ),
    System("native-fass-fuse", "the same with tagged spaces", {"files": _files(FASS, True)}),
    System(
        "l4-fuse", "files behind a FUSE daemon, Linux a server on L4", {"files": _files(L4, True)}
    ),
    System("l4-server", "file server and driver as tasks of L4, no Linux", {"files": _files()}),
    System("sel4", "seL4: synchronous IPC", {"message": _messages("sel4")}),
    System(
        "mach",
        "IPC by ports, queues and buffers, as Mach described it; all estimates",
        {"message": Play("ipc.players:play_queued", MESSAGE[1:])},
    ),
)
SYSTEMS: dict[str, System] = {system.name: system for system in _LISTED}
"""Systems with a line here; `every_system` has those with a file of their own as well."""


@cache
def _recorded() -> dict[str, System]:
    """Recorded kernels that have no functional model."""
    found = {}
    for name in recorded_names():
        about = Description(name)
        if not about.functional:
            play = Play("systems.described:play_recorded", ("architecture",), (("kernel", name),))
            found[name] = System(name, about.title, {"recorded": play})
    return found


@cache
def _many() -> dict[str, System]:
    """What operations on many CPUs are described for."""
    described = importlib.import_module("microbench.smp.operation")
    does: dict[str, list[str]] = {}
    for operation in described.operation_names():
        for name in described.system_names(operation):
            does.setdefault(name, []).append(operation)
    return {
        name: System(
            name,
            described.title_of(operations[0], name),
            {"smp": Play("systems.described:play_many", given=(("system", name),))},
            operations=tuple(operations),
        )
        for name, operations in does.items()
    }


def every_system(kind: str = "") -> dict[str, System]:
    """Every system that plays a kind of part, or all: listed here, recorded, of many CPUs."""
    found = {**_recorded(), **_many(), **SYSTEMS}
    ordered = {name: found[name] for name in (*SYSTEMS, *found)}
    return {name: s for name, s in ordered.items() if not kind or kind in s.play}


def doing(operation: str) -> list[str]:
    """Names of the systems that do an operation on many CPUs."""
    return [s.name for s in every_system("smp").values() if operation in s.operations]


def find(name: str) -> System:
    """A system by name.

    Raises
    ------
    UsageError
        If there is none.
    """
    found = SYSTEMS.get(name) or every_system().get(name)
    if found is None:
        raise unknown("system", name, every_system())
    return found


def talk(kind: str = "linux") -> tuple[str, ...]:
    """Names of the systems that tables show."""
    return tuple(s.name for s in SYSTEMS.values() if s.standing == "talk" and kind in s.play)


def usual(kind: str = "linux") -> tuple[str, ...]:
    """Names of the systems that run a kind of part without being asked for."""
    return tuple(s.name for s in SYSTEMS.values() if s.standing and kind in s.play)


def replayed(names: Iterable[str]) -> list[str]:
    """Those of some systems whose kernel was recorded and is replayed.

    Raises
    ------
    UsageError
        For one that does not exist.
    """
    return [name for name in names if "recorded" in find(name).play]


def check_systems(names: Iterable[str], kind: str = "linux") -> list[str]:
    """The names, in the order given, without repeats.

    Raises
    ------
    UsageError
        For an unknown system, or one that cannot play this kind of part.
    """
    found = list(dict.fromkeys(names))
    for name in found:
        if name not in SYSTEMS and name not in every_system():
            raise unknown("system", name, every_system(kind))
        if kind not in find(name).play:
            raise unknown("system", name, every_system(kind), " for this")
    return found
