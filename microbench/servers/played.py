"""Play a program of file calls on a structure: its trace, its counts, its answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from microbench.linux.disk import Disk, disk_model
from microbench.servers.costing import ServerCosts
from microbench.servers.l4files import build
from microbench.servers.policies import policy
from microbench.servers.structures import Mount, Structure, mount, spawn_daemons
from microbench.systems.players import boot
from microbench.trace import Trace
from microbench.workloads.files import FileOptions
from microbench.workloads.programs.filecalls import FileProgram
from microbench.workloads.programs.onlinux import as_process


@dataclass(frozen=True)
class Played:
    """What came of it.

    Attributes
    ----------
    trace : Trace
    counts : list of Counter
        Running totals at each mark.
    answers : list
        What each call brought the program, or the name of its error.
    """

    trace: Trace
    counts: list[Counter[str]]
    answers: list[Any]


@dataclass(frozen=True)
class Files:
    """A part of a workload: a program of file calls, and where its files are."""

    program: Callable[[int], FileProgram]
    iterations: int
    options: FileOptions


def play_files(part: Files, stage: Mapping[str, Any], host: str, fuse: bool) -> Played:
    """Run a program to its end on a fresh system; what the registry of systems calls."""
    program, options = partial(part.program, part.iterations), part.options
    if not host:
        return play_server(program, options, stage["level"])
    how = Mount(options.cache, options.era, options.daemon, options.disk)
    return play_mounted(program, how, Structure(host, fuse), stage["level"])


def play_server(
    program: Callable[[], FileProgram], options: FileOptions, level: str = "value"
) -> Played:
    """Run a program on servers of the microkernel."""
    costs, counts = ServerCosts(level), []
    silent = _Silent(costs)

    def mark(number: int) -> None:
        costs.recorder.mark(number)
        counts.append(Counter(system.machine.tally))

    system = build(
        [program],
        Disk(disk_model(options.disk).at_cost(level)),
        policy("direct"),
        costs.kernel,
        silent,
        mark,
        ticks=False,
        mapped=options.data == "mapped",
    )
    while not system.finished():
        system.machine.step()
    return Played(costs.recorder.finish(), counts, list(system.clients[0].answers))


class _Silent:
    """The costs of a system in which no recovery is timed: its steps are no marks."""

    def __init__(self, costs: ServerCosts) -> None:
        self.run, self.copy = costs.run, costs.copy
        self.device, self.waited = costs.device, costs.waited
        self.started = costs.started

    def note(self, name: str) -> None:
        """Nothing."""


def play_mounted(
    program: Callable[[], FileProgram], how: Mount, kind: Structure, level: str = "value"
) -> Played:
    """Run a program on files mounted in a given way."""
    host: Any = boot(kind.host).host
    host.level = level
    mounted = mount(kind, how, host, level)
    client = mounted.linux.spawn("client", as_process(program, mounted.files, mounted))
    spawn_daemons(mounted, how)
    mounted.linux.run()
    return Played(host.recorder.finish(), mounted.counts, client.output)
