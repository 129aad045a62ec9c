"""Play a program of file calls on a structure: its trace, its counts, its answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from microbench.servers.structures import Mount, Structure, mount, spawn_daemons
from microbench.systems.players import boot_system
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


def play(
    program: Callable[[int], FileProgram],
    iterations: int,
    options: FileOptions,
    kind: Structure,
    level: str = "value",
) -> Played:
    """Run a program to its end on a fresh system of a structure."""
    how = Mount(options.cache, options.era, options.daemon, options.disk)
    return play_mounted(partial(program, iterations), how, kind, level)


def play_mounted(
    program: Callable[[], FileProgram], how: Mount, kind: Structure, level: str = "value"
) -> Played:
    """Run a program on files mounted in a given way."""
    host: Any = boot_system(kind.host).host
    host.level = level
    mounted = mount(kind, how, host)
    client = mounted.linux.spawn("client", as_process(program, mounted.files, mounted))
    spawn_daemons(mounted, how)
    mounted.linux.run()
    return Played(host.recorder.finish(), mounted.counts, client.output)
