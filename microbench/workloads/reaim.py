"""ReAIM-style multitasking: N children, each with a list of jobs, and one rate per child.

The mix is data. Its jobs are averaged: each simulated job does its share of the whole list,
whole calls carried over from one job to the next, so that a few jobs stand for a hundred.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from microbench.datafiles import data_dir
from microbench.errors import UsageError
from microbench.linux.devices import Devices
from microbench.linux.kernel import Linux
from microbench.linux.process import ZOMBIE, Process, Program, WaitQueue
from microbench.quantity import read_toml
from microbench.reading import whole
from microbench.trace import ops
from microbench.workloads.base import DESCRIBED, Metric, Part, Workload
from microbench.workloads.jobs import Kit, action, ready

MOST_TASKS = ops.DEVICES
"""A child that sleeps holds a device of its own; all may sleep at once."""
JOBS = 2
REPEATED = ("calls", "opens", "messages", "signals", "blocks")
"""Kernel work that leaves everything as it was, so that its operations can be emitted again."""
SLICES = 8
FLOATS = (
    "double_add",
    "double_multiply",
    "double_divide",
    "float_add",
    "float_multiply",
    "float_divide",
)
INTEGERS = ("integer", "integer_divide")
ACTIONS = ("calls", "opens", "messages", "signals", "faults", "blocks", "forks", "execs", "shells")


@dataclass(frozen=True)
class Mix:
    """An average job.

    Attributes
    ----------
    jobs : int
        Jobs of a child's whole list.
    float_instructions, integer_instructions : float
        User work of one average job, with and without the floating-point library.
    actions : mapping of str to float
        Kernel work of one average job, by kind.
    sleep_ns, device_ns : float
        Sleep and device time of one average job [ns].
    """

    jobs: int
    float_instructions: float
    integer_instructions: float
    actions: Mapping[str, float]
    sleep_ns: float
    device_ns: float


@cache
def load_mix(tasks: int) -> Mix:
    """The default mix of `data/workloads/reaim.toml` for so many tasks, averaged as the real
    one draws it: weights normalised to the jobs of a child, rounded, at least one each."""
    raw = read_toml(data_dir() / "workloads" / "reaim.toml")
    weights = raw["mix"][raw["default_mix"]]["weight"]
    wanted, total = raw["jobs_per_child"]["value"], sum(weights.values())
    counts = {name: max(1, int(w / total * wanted + 0.5)) for name, w in weights.items()}
    jobs = sum(counts.values())

    size = {part: float(raw["file"][part]["value"]) for part in ("fixed", "pool", "block")}
    blocks = (size["fixed"] + size["pool"] / tasks) / size["block"]

    def mean(key: str) -> float:
        return sum(counts[n] * float(raw["test"][n].get(key, 0)) for n in counts) / jobs

    return Mix(
        jobs=jobs,
        float_instructions=sum(mean(k) * _cost(raw, k) for k in FLOATS),
        integer_instructions=sum(mean(k) * _cost(raw, k) for k in INTEGERS),
        actions={kind: mean(kind) * (blocks if kind == "blocks" else 1) for kind in ACTIONS},
        sleep_ns=mean("sleep_ns"),
        device_ns=mean("device_waits") * float(raw["device"]["write"]["value"]),
    )


def _cost(raw: dict[str, Any], kind: str) -> float:
    return float(raw["float"][kind]["value"])


class ReAim:
    """So many children at once."""

    name = "reaim"

    def __init__(self, tasks: int) -> None:
        self.tasks = tasks
        self.args = str(tasks)

    def parts(self) -> list[Part]:
        """One run of all children."""
        return [Part("run", partial(_run, self.tasks), 0, 1, needs=DESCRIBED)]

    def metrics(self, cycles: Mapping[str, float], clock_hz: float) -> list[Metric]:
        """Jobs a minute of one child."""
        rate = 60 * JOBS * clock_hz / cycles["run"]
        return [
            Metric("jobs_per_minute_per_child", "jobs/min", "larger", rate, cycles["run"] / JOBS)
        ]


def parse(args: list[str]) -> list[Workload]:
    """Numbers of children.

    Raises
    ------
    UsageError
        For anything else.
    """
    if not args or any(whole(a, 1, MOST_TASKS) is None for a in args):
        raise UsageError(
            f"reaim: {' '.join(args)[:40]!r} is not numbers of tasks from 1 to {MOST_TASKS}, "
            "as many as there are devices to sleep on"
        )
    return [ReAim(int(a)) for a in args]


class Run:
    """One run: its children, and the parent that waits for the last of them."""

    def __init__(self, linux: Linux, tasks: int) -> None:
        self.linux, self.left, self.mix = linux, tasks, load_mix(tasks)
        self.devices = Devices(linux.scheduler)
        self.over = WaitQueue()

    def parent(self, linux: Linux, process: Process) -> Program:
        """Sleep until all children are done."""
        linux.host.enter(process, "wait4")
        yield from linux.scheduler.sleep(process, self.over)
        linux.host.leave(process)
        linux.host.recorder.mark()

    def child(self, linux: Linux, process: Process) -> Program:
        """Do the jobs, then wake the parent if this was the last child."""
        mix, kit = self.mix, Kit(linux, process)
        done = dict.fromkeys(ACTIONS, 0)
        yield from ready(kit)
        for job in range(JOBS):
            yield from self.wait(process, mix.sleep_ns * linux.sleep)
            for part in range(SLICES):
                yield from self.work(process, mix)
                yield from self.actions(mix, kit, done, job + (part + 1) / SLICES)
            yield from self.wait(process, mix.device_ns)
        process.output.append(done)
        yield from self.finish(process)

    def work(self, process: Process, mix: Mix) -> Program:
        """One slice of user work, after which the others have their turn."""
        floats = round(mix.float_instructions / SLICES)
        integers = round(mix.integer_instructions / SLICES)
        self.linux.host.recorder.compute(floats, "softfloat")
        self.linux.host.recorder.compute(integers)
        self.devices.worked(floats + integers)
        yield from self.linux.call(process, "sched_yield", self._turn(process))

    def _turn(self, process: Process) -> Program:
        self.linux.scheduler.add(process)
        yield from self.linux.scheduler.schedule(process)

    def actions(self, mix: Mix, kit: Kit, done: dict[str, int], share: float) -> Program:
        """Kernel work up to a share of the jobs; whole pieces only."""
        recorder = self.linux.host.recorder
        for kind in ACTIONS:
            due = int(mix.actions[kind] * share) - done[kind]
            done[kind] += due
            if kind in REPEATED and due > 1:
                first = recorder.position
                yield from action(kind, kit)
                recorder.again(first, due - 1)
                continue
            for _ in range(due):
                yield from action(kind, kit)

    def wait(self, process: Process, nanoseconds: float) -> Program:
        """Sleep on a device."""
        body = self.devices.wait(process, round(nanoseconds))
        yield from self.linux.call(process, "nanosleep", body)

    def finish(self, process: Process) -> Program:
        """The child's end."""
        self.linux.host.enter(process, "exit")
        self.left -= 1
        if self.left == 0:
            for sleeper in list(self.over.sleepers):
                self.linux.scheduler.wake(sleeper)
        process.state = ZOMBIE
        self.devices.ready()
        yield from self.linux.scheduler.schedule(process)


def _run(tasks: int, iterations: int, linux: Linux) -> None:
    """Start the parent and all children."""
    run = Run(linux, tasks)
    linux.spawn("parent", run.parent)
    for task in range(tasks):
        linux.spawn(f"child {task}", run.child)
