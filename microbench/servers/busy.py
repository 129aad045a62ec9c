"""A system with a client that keeps one component busy, run until something is so."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from microbench.errors import UsageError
from microbench.l4.kernel import Kernel
from microbench.linux.disk import Disk, disk_model
from microbench.servers.component import Component
from microbench.servers.costing import ServerCosts
from microbench.servers.l4files import FRAMES, L4Files, L4Net, build, build_stream
from microbench.servers.machine import NOMINAL_NS, Machine
from microbench.servers.network import load_link
from microbench.servers.policies import Policy
from microbench.servers.serverpages import Shape
from microbench.servers.tasks import Crash, Exit, Spin
from microbench.workloads.programs import filecalls as fc
from microbench.workloads.programs.filecalls import FileProgram

FAULTS = {"exit": Exit(), "exception": Crash(), "hang": Spin()}
COMPONENTS = ("disk", "net", "fs")
WARM = 3
"""Pieces after which a stream runs as it will."""
MOST_STEPS = 100_000
"""Steps without what is waited for, ticks left out: many times what a recovery takes."""
STEPS_A_TICK = 200
PIECE = 65_536
FILE_BYTES = 1 << 20
SHAPE = Shape(cache_bits=17, table_blocks=1)


@dataclass(frozen=True)
class Scene:
    """What is kept busy, on what, by whose rules.

    Attributes
    ----------
    component : str
        One of `COMPONENTS`.
    policy : Policy
    disk : str
        Device below the driver.
    level : str
        End of the ranges of devices and of the servers' code.
    device : str
        End of the device's own, where that is another one.
    step_ns : int
        See `Machine`.
    """

    component: str
    policy: Policy
    disk: str = "flash"
    level: str = "value"
    device: str = ""
    step_ns: int = NOMINAL_NS


@dataclass(eq=False)
class Busy:
    """The running system.

    Attributes
    ----------
    served : list of int
        Pieces that arrived, of `piece` bytes.
    errors : list of str
        Calls that failed.
    pauses : list of int
        See `pausing`.
    """

    scene: Scene
    piece: int = PIECE
    served: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    pauses: list[int] = field(default_factory=list)
    machine: Machine = field(init=False)
    components: dict[str, Component] = field(init=False)

    def until(self, reached: Callable[[], bool]) -> None:
        """Run until something is so.

        Raises
        ------
        UsageError
            If that does not come.
        """
        machine, rules = self.machine, self.scene.policy
        ticks = (rules.silent_periods + 2) * rules.heartbeat_ns // rules.tick_ns
        last = machine.steps + MOST_STEPS + STEPS_A_TICK * ticks
        while not reached():
            if machine.steps > last:
                why = "what starts it again takes longer than the policy lets it start"
                raise UsageError(f"{self.scene.component}: not served again: {why}")
            machine.step()

    def rest(self, nanoseconds: int) -> None:
        """Let the client do nothing for a time."""
        self.pauses.append(nanoseconds)
        self.until(lambda: not self.pauses)

    def kill(self, fault: str) -> None:
        """One fault of the component, until the client is served again."""
        machine = self.machine
        machine.hits.clear()
        machine.faults = {self.components[self.scene.component].tid: FAULTS[fault]}
        self.until(lambda: bool(machine.hits))
        before = len(self.served)
        self.until(lambda: len(self.served) > before)


def busy(scene: Scene, costs: ServerCosts | None = None) -> Busy:
    """A system whose client was served a few times.

    Parameters
    ----------
    costs : ServerCosts, optional
        Records what happens.
    """
    kernel = Kernel(FRAMES) if costs is None else costs.kernel
    found = Busy(scene)
    device = scene.device or scene.level
    system: L4Files | L4Net
    if scene.component == "net":
        link = load_link(level=device)
        system = build_stream(link, scene.policy, kernel, costs, found.pauses, scene.step_ns)
        found.served, found.piece = system.stream.got, link.window
    else:
        system = build(
            [_reader(found)],
            Disk(disk_model(scene.disk).at_cost(device)),
            scene.policy,
            kernel,
            costs,
            write_through=True,
            shape=SHAPE,
            pauses=found.pauses,
            step_ns=scene.step_ns,
        )
        for client in system.clients:
            client.answers = deque(maxlen=1)
    found.machine, found.components = system.machine, system.components
    found.until(lambda: len(found.served) >= WARM)
    return found


def _reader(into: Busy) -> Callable[[], FileProgram]:
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
                into.served.append(at)
                at += PIECE
            except fc.FileError as error:
                into.errors.append(error.code)
                fd = -1

    return program
