"""One component dies once: the steps of its recovery, run and recorded one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from microbench.errors import UsageError
from microbench.l4.kernel import Kernel
from microbench.linux.disk import Disk, disk_model
from microbench.servers.campaign import FAULTS
from microbench.servers.costing import ServerCosts
from microbench.servers.l4files import FRAMES, L4Files, L4Net, build, build_stream
from microbench.servers.machine import Machine
from microbench.servers.network import load_link
from microbench.servers.policies import Policy
from microbench.servers.serverpages import Shape
from microbench.trace import Trace
from microbench.workloads.programs import filecalls as fc
from microbench.workloads.programs.filecalls import FileProgram

COMPONENTS = ("disk", "net", "fs")
MOST_STEPS = 100_000
PIECE = 65_536
FILE_BYTES = 1 << 20
SHAPE = Shape(cache_bits=17, table_blocks=1)


@dataclass(frozen=True)
class Recovery:
    """What was recorded.

    Attributes
    ----------
    trace : Trace
        Each step ends with a mark that has its number in `costing.STEPS`.
    first : int
        Which mark is the fault.
    steps : list of str
        The steps behind it, in order.
    errors, replayed : int
        Calls that failed; requests that were made again.
    clients_alive : int
    """

    trace: Trace
    first: int
    steps: list[str]
    errors: int
    replayed: int
    clients_alive: int


def _reader(errors: list[str], served: list[int]) -> Callable[[], FileProgram]:
    """Reads a file from the device for ever, opening it again after an error."""

    def program() -> FileProgram:
        fd = yield fc.Open("file", create=True)
        for at in range(0, FILE_BYTES, PIECE):
            yield fc.Write(fd, bytes(PIECE), at)
        at = 0
        while True:
            try:
                if fd < 0:
                    fd = yield fc.Open("file")
                if not at % FILE_BYTES:
                    yield fc.Drop()
                yield fc.Read(fd, PIECE, at % FILE_BYTES)
                served.append(at)
                at += PIECE
            except fc.FileError as error:
                errors.append(error.code)
                fd = -1

    return program


def recover(component: str, fault: str, policy: Policy, disk: str, deaths: int = 0) -> Recovery:
    """Let a component die, after it died `deaths` times before, and record how it comes back."""
    costs, errors, served = ServerCosts(), list[str](), list[int]()
    system: L4Files | L4Net
    if component == "net":
        system = build_stream(load_link(), policy, costs.kernel, costs)
        served = system.stream.got
    else:
        system = build(
            [_reader(errors, served)],
            Disk(disk_model(disk)),
            policy,
            costs.kernel,
            costs,
            started=costs.started,
            write_through=True,
            shape=SHAPE,
        )
    machine = system.machine
    _until(machine, lambda: len(served) > 2)
    for _ in range(deaths):
        _kill(system, component, "exit", served)
    first = len(machine.notes)
    failed = len(errors)
    _kill(system, component, fault, served)
    machine.note("retry")
    steps = [name for name, _ in machine.notes[first:]]
    again = sum(name == "rebind" for name in steps)
    alive = [c for c in system.components.values() if not c.watched and machine.alive(c.tid)]
    return Recovery(costs.recorder.finish(), first, steps, len(errors) - failed, again, len(alive))


def _kill(system: L4Files | L4Net, component: str, fault: str, served: list[int]) -> None:
    """One fault, until the client is served again."""
    machine = system.machine
    machine.hits.clear()
    machine.faults = {system.components[component].tid: FAULTS[fault]}
    _until(machine, lambda: bool(machine.hits))
    before = len(served)
    _until(machine, lambda: len(served) > before)


def _until(machine: Machine, reached: Callable[[], bool]) -> None:
    for _ in range(MOST_STEPS):
        if reached():
            return
        machine.step()
    beat = "a heartbeat shorter than a restart declares it dead again"
    raise UsageError(f"not served again within {MOST_STEPS} steps: {beat}")


def killed_stream(
    component: str, every_ns: int, policy: Policy, disk: str, kills: int
) -> tuple[float, float]:
    """Throughput of a transfer without and with a kill at every interval [bytes/ns].

    Times are those of the functional clock, in which devices, ticks and time-outs count.
    """
    return tuple(_rate(component, every, policy, disk, kills, every_ns) for every in (0, every_ns))  # type: ignore[return-value]


def _rate(
    component: str, every_ns: int, policy: Policy, disk: str, kills: int, unit_ns: int
) -> float:

    served: list[int] = []
    system: L4Files | L4Net
    if component == "net":
        link = load_link()
        system = build_stream(link, policy, Kernel(FRAMES))
        served, size = system.stream.got, link.window
    else:
        program = _reader([], served)
        size = PIECE
        system = build(
            [program],
            Disk(disk_model(disk)),
            policy,
            Kernel(FRAMES),
            write_through=True,
            shape=SHAPE,
        )
    machine = system.machine
    _until(machine, lambda: len(served) > 2)
    start, count = machine.now_ns, len(served)
    target = system.components[component]
    due = start + every_ns
    end = start + unit_ns * kills
    while machine.now_ns < end:
        if every_ns and machine.now_ns >= due:
            machine.faults = {target.tid: FAULTS["exception"]}
            due += every_ns
        machine.step()
    return (len(served) - count) * size / (machine.now_ns - start)
