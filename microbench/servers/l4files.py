"""The structure `l4-server`: file server and driver as tasks of the microkernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, runtime_checkable

from microbench.l4.kernel import Kernel
from microbench.linux.disk import Disk
from microbench.servers.blockdriver import SHARED, block_driver
from microbench.servers.component import Component
from microbench.servers.device import pausing
from microbench.servers.fileclient import BUFFER, FileClient
from microbench.servers.fileserver import CLIENT_BYTES, CLIENTS, WINDOW, FileServer
from microbench.servers.machine import NOMINAL_NS, Machine
from microbench.servers.names import name_server
from microbench.servers.network import Link, Stream, network_driver
from microbench.servers.policies import Policy
from microbench.servers.reincarnation import Reincarnation, Started
from microbench.servers.serverpages import CACHE, USUAL, Shape
from microbench.servers.tasks import Costs, Task
from microbench.workloads.programs.filecalls import FileProgram

FRAMES = 4096
DISK_IRQ, NET_IRQ, STREAM_IRQ, CLIENT_IRQ = 5, 6, 7, 16
"""Interrupt lines; each client has its own from the last one on."""
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

    def finished(self) -> bool:
        """Whether every client came to its end."""
        return all(client.finished for client in self.clients)


def build_stream(
    link: Link,
    policy: Policy,
    kernel: Kernel,
    costs: Costs | None = None,
    pauses: list[int] | None = None,
    step_ns: int = NOMINAL_NS,
) -> L4Net:
    """A stream, its driver, and the servers that keep it going."""
    machine = Machine(kernel, costs, step_ns)
    names = Component("names", lambda deaths: name_server(), NAMES_PRIORITY, restarts=False)
    stream = Stream(link, lambda: names.tid, STREAM_IRQ)
    rests = [] if pauses is None else pauses
    components = [
        names,
        Component(
            "net",
            lambda deaths: network_driver(link, NET_IRQ, link.reset_ns if deaths else 0),
            DRIVER_PRIORITY,
            irq=NET_IRQ,
            script=True,
        ),
        Component(
            "stream", lambda deaths: pausing(stream.task(), STREAM_IRQ, rests),
            CLIENT_PRIORITY, irq=STREAM_IRQ, watched=False, restarts=False,
        ),
    ]  # fmt: skip
    manager = Reincarnation(components, policy, FRAMES, True, _told(costs))
    machine.add(1, manager.task())
    return L4Net(machine, manager, {c.name: c for c in components}, stream)


def build(
    programs: Sequence[Callable[[], FileProgram]],
    disk: Disk,
    policy: Policy,
    kernel: Kernel,
    costs: Costs | None = None,
    mark: Callable[[int], None] = lambda number: None,
    ticks: bool = True,
    write_through: bool = False,
    mapped: bool = False,
    shape: Shape = USUAL,
    pauses: list[int] | None = None,
    step_ns: int = NOMINAL_NS,
) -> L4Files:
    """A system that has not run yet.

    Parameters
    ----------
    pauses : list of int, optional
        Times put into it make the clients rest [ns].
    step_ns : int
        See `Machine`.
    """
    machine = Machine(kernel, costs, step_ns)
    names = Component("names", lambda deaths: name_server(), NAMES_PRIORITY, restarts=False)
    make = partial(FileServer, lambda: names.tid, write_through, mapped, shape)
    components = [names, *_servers(disk, make, 1 << shape.cache_bits)]
    clients = [
        FileClient(program, lambda: names.tid, number, mark, policy.clients_recover, mapped)
        for number, program in enumerate(programs)
    ]
    for number, client in enumerate(clients):
        components.append(_client(client, number, 1 << shape.cache_bits, pauses))
    manager = Reincarnation(components, policy, FRAMES, ticks, _told(costs))
    machine.add(1, manager.task())
    return L4Files(machine, manager, {c.name: c for c in components}, clients)


def _told(costs: Costs | None) -> Started:
    """Who is told of new threads: the costs, if they want to know."""
    return costs.started if isinstance(costs, Starts) else lambda tid, space, slot: None


def _servers(disk: Disk, make: Callable[[], FileServer], cache_bytes: int) -> list[Component]:
    """The driver and the file server above it."""
    reset_ns = round(disk.model.value("reset") * 1e6)
    return [
        Component(
            "disk",
            lambda deaths: block_driver(disk, DISK_IRQ, reset_ns if deaths else 0),
            DRIVER_PRIORITY,
            regions=[(SHARED, SHARED + cache_bytes)],
            irq=DISK_IRQ,
        ),
        Component(
            "fs",
            lambda deaths: make().task(),
            SERVER_PRIORITY,
            regions=[(CACHE, CACHE + cache_bytes), (CLIENTS, CLIENTS + 8 * CLIENT_BYTES)],
            needs=("disk",),
        ),
    ]


def _client(
    client: FileClient, number: int, cache_bytes: int, pauses: list[int] | None
) -> Component:
    """A client; with an interrupt line of its own where it is to rest."""
    irq = CLIENT_IRQ + number

    def task(deaths: int) -> Task:
        return client.task() if pauses is None else pausing(client.task(), irq, pauses)

    return Component(
        f"client {number}",
        task,
        CLIENT_PRIORITY,
        regions=[(BUFFER, BUFFER + CLIENT_BYTES)],
        windows=[(WINDOW, WINDOW + cache_bytes)],
        irq=None if pauses is None else irq,
        watched=False,
        restarts=False,
    )
