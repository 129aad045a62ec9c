"""The structure `l4-server`: file server and driver as tasks of the microkernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from microbench.l4.kernel import Kernel
from microbench.linux.disk import Disk
from microbench.servers.blockdriver import SHARED, block_driver
from microbench.servers.component import Component
from microbench.servers.fileclient import BUFFER, FileClient
from microbench.servers.fileserver import (
    CACHE,
    CLIENT_BYTES,
    CLIENTS,
    USUAL,
    WINDOW,
    FileServer,
    Shape,
)
from microbench.servers.machine import Machine
from microbench.servers.names import name_server
from microbench.servers.network import Link, Stream, network_driver
from microbench.servers.policies import Policy
from microbench.servers.reincarnation import Reincarnation, Started
from microbench.servers.tasks import Costs
from microbench.workloads.programs.filecalls import FileProgram

FRAMES = 4096
DISK_IRQ, NET_IRQ, STREAM_IRQ = 5, 6, 7
NAMES_PRIORITY, DRIVER_PRIORITY, SERVER_PRIORITY, CLIENT_PRIORITY = 240, 220, 210, 100


@runtime_checkable
class Starts(Protocol):
    """Costs that want to know where a component lies."""

    def started(self, tid: int, space: int, slot: int) -> None:
        """There is a new thread."""


@dataclass
class L4Net:
    """A system with one stream from the network."""

    machine: Machine
    manager: Reincarnation
    components: dict[str, Component]
    stream: Stream


@dataclass
class L4Files:
    """A system of clients, file server, driver, name server and reincarnation server.

    Attributes
    ----------
    machine : Machine
    components : dict of str to Component
        By label.
    clients : list of FileClient
    """

    machine: Machine
    manager: Reincarnation
    components: dict[str, Component]
    clients: list[FileClient]
    server: list[FileServer] = field(default_factory=list)

    def finished(self) -> bool:
        """Whether every client came to its end."""
        return all(client.finished for client in self.clients)


def build_stream(link: Link, policy: Policy, kernel: Kernel, costs: Costs | None = None) -> L4Net:
    """A stream, its driver, and the servers that keep it going."""
    machine = Machine(kernel, costs)
    names = Component("names", lambda deaths: name_server(), NAMES_PRIORITY, restarts=False)
    stream = Stream(link, lambda: names.tid, STREAM_IRQ)
    components = [
        names,
        Component(
            "net",
            lambda deaths: network_driver(link, NET_IRQ, bool(deaths)),
            DRIVER_PRIORITY,
            irq=NET_IRQ,
            script=True,
        ),
        Component(
            "stream", lambda deaths: stream.task(), CLIENT_PRIORITY, irq=STREAM_IRQ,
            watched=False, restarts=False,
        ),
    ]  # fmt: skip
    started = costs.started if isinstance(costs, Starts) else lambda tid, space, slot: None
    manager = Reincarnation(components, policy, FRAMES, True, started)
    machine.add(1, manager.task())
    return L4Net(machine, manager, {c.name: c for c in components}, stream)


def build(
    programs: Sequence[Callable[[], FileProgram]],
    disk: Disk,
    policy: Policy,
    kernel: Kernel,
    costs: Costs | None = None,
    mark: Callable[[int], None] = lambda number: None,
    started: Started = lambda tid, space, slot: None,
    ticks: bool = True,
    write_through: bool = False,
    mapped: bool = False,
    shape: Shape = USUAL,
) -> L4Files:
    """A system that has not run yet."""
    cache_bytes = 1 << shape.cache_bits
    machine = Machine(kernel, costs)
    names = Component("names", lambda deaths: name_server(), NAMES_PRIORITY, restarts=False)
    system = L4Files(machine, Reincarnation([], policy, FRAMES), {}, [])

    def file_server(deaths: int) -> FileServer:
        system.server.append(FileServer(lambda: names.tid, write_through, mapped, shape))
        return system.server[-1]

    reset_ns = round(disk.model.value("reset") * 1e6)
    components = [
        names,
        Component(
            "disk",
            lambda deaths: block_driver(disk, DISK_IRQ, reset_ns if deaths else 0),
            DRIVER_PRIORITY,
            regions=[(SHARED, SHARED + cache_bytes)],
            irq=DISK_IRQ,
        ),
        Component(
            "fs",
            lambda deaths: file_server(deaths).task(),
            SERVER_PRIORITY,
            regions=[(CACHE, CACHE + cache_bytes), (CLIENTS, CLIENTS + 8 * CLIENT_BYTES)],
            needs=("disk",),
        ),
    ]
    for number, program in enumerate(programs):
        client = FileClient(
            program, lambda: names.tid, number, mark, policy.clients_recover, mapped
        )
        system.clients.append(client)
        components.append(
            Component(
                f"client {number}",
                lambda deaths, client=client: client.task(),  # type: ignore[misc]
                CLIENT_PRIORITY,
                regions=[(BUFFER, BUFFER + CLIENT_BYTES)],
                windows=[(WINDOW, WINDOW + cache_bytes)],
                watched=False,
                restarts=False,
            )
        )
    system.components = {c.name: c for c in components}
    system.manager = Reincarnation(components, policy, FRAMES, ticks, started)
    machine.add(1, system.manager.task())
    return system
