"""Operations on many CPUs with local work from recorded kernel paths.

Knows: a part that names a recorded path costs what the single-CPU engine makes of that path on
the core of the machine; where no core is described, the part's own counted number stays.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from microbench.errors import UsageError
from microbench.machine.load import load_machine as load_sheet
from microbench.quantity import Quantity
from microbench.recording.holds import mean_hold
from microbench.recording.kernels import RecordedKernel
from microbench.run.recorded import kernel_of, priced
from microbench.run.recorded_ipc import recorded_leg
from microbench.smp.machine import SmpMachine
from microbench.smp.operation import Operation, load_operation
from microbench.systems.registry import find
from microbench.workloads.recorded import Recipe, Term, recipes

LEVELS = ("low", "value", "high")
HOLD = "hold "
LESS = " - "
BIG_LOCK = "sel4 "
ENTRY = "entry sel4 "
EDGE = "entry and exit"
"""Cause of what the processor does before a kernel's lock is taken and after it is let go."""
OUTSIDE = ("entry_exit", "user")
"""Sub-paths in which no lock is held."""


def worked(
    operation: str, system: str, machine: SmpMachine, without: tuple[str, ...] = ()
) -> Operation:
    """An operation as a system has it, with the local work it has on a machine.

    Raises
    ------
    UsageError
        If the operation, system or principle does not exist, or a part names no recorded path.
    """
    if operation.endswith(".toml"):
        return with_work_of(load_operation(operation, system, without), machine)
    played: Operation = find(system).play["smp"]((operation, without), {})
    return with_work_of(played, machine)


def with_work_of(op: Operation, machine: SmpMachine) -> Operation:
    """The operation, its recorded parts priced on the machine's core.

    Raises
    ------
    UsageError
        If a part names no recorded path; names operation, part and path.
    """
    if not machine.core or not op.recorded:
        return op
    parts = dict(op.parts)
    for name, path in op.recorded.items():
        try:
            parts[name] = part_cycles(path, machine.core, machine.clock_hz)
        except UsageError as error:
            where = f"{op.operation}: system.{op.system}.parts.{name}.path"
            raise UsageError(f"{where} = {path!r}: {error}") from None
    return replace(op, parts=parts, digest=f"{op.digest}-{machine.core}")


@lru_cache(maxsize=1024)
def part_cycles(path: str, core: str, clock_hz: float) -> Quantity:
    """Cycles of recorded sub-paths, "open/path_walk+open/usercopy", on a core at a clock.

    A word after ` - ` is taken off: a hold that stands in the path as a part of its own.

    Raises
    ------
    UsageError
        If there is no such recording, or no such sub-path in it.
    """
    low, value, high = (max(1.0, _sum(path, core, clock_hz, level)) for level in LEVELS)
    source = f"recorded {path}, priced on the core of {core}"
    return Quantity(round(value), "cycles", source, "computed", min(low, value), max(value, high))


def _sum(path: str, core: str, clock_hz: float, level: str) -> float:
    more, *less = path.split(LESS)
    more_cycles = sum(_cycles(word.strip(), core, clock_hz, level) for word in more.split("+"))
    return more_cycles - sum(_cycles(word.strip(), core, clock_hz, level) for word in less)


def _cycles(word: str, core: str, clock_hz: float, level: str) -> float:
    if not all(word.rpartition("/")[::2]):
        raise UsageError(f"path {word!r}: write OPERATION/SUB-PATH")
    if word.startswith(HOLD):
        return _held(word, core, clock_hz, level)
    if word.startswith((BIG_LOCK, ENTRY)):
        return _leg(word, core, clock_hz, level)
    name, _, group = word.rpartition("/")
    found = _by_group(name, core, clock_hz, level)
    if group not in found:
        raise UsageError(f"path {word}: {name} has {', '.join(sorted(found))}")
    return found[group]


def _held(word: str, core: str, clock_hz: float, level: str) -> float:
    """Mean hold of "hold OPERATION/CALLER:LOCK", at the operation's cycles per instruction."""
    name, _, held = word.removeprefix(HOLD).rpartition("/")
    caller, _, lock = held.partition(":")
    kernel = _kernel(core, clock_hz)
    if name not in kernel.operations():
        raise UsageError(f"path {word}: {name} was not recorded")
    instructions = mean_hold(kernel.recording, name, caller, lock)
    if not instructions:
        raise UsageError(f"path {word}: {caller} holds no lock in {name}")
    groups = _by_group(name, core, clock_hz, level)
    inside = sum(cycles for group, cycles in groups.items() if group not in OUTSIDE)
    return instructions * inside / kernel.string(name).instructions


def _leg(word: str, core: str, clock_hz: float, level: str) -> float:
    """One way of "sel4 OPERATION/LEG" inside the kernel, or of "entry sel4 ..." into and out of it.

    The few instructions of the thread before it enters count as the kernel's.
    """
    operation, _, leg = word.partition(BIG_LOCK)[2].rpartition("/")
    spec = load_sheet(core, [f"core.clock_hz={clock_hz:.0f}"])
    causes = recorded_leg(operation, leg, spec, level)
    edge = causes[EDGE]
    return edge if word.startswith(ENTRY) else sum(causes.values()) - edge


def _kernel(core: str, clock_hz: float) -> RecordedKernel:
    kernel = kernel_of(load_sheet(core, [f"core.clock_hz={clock_hz:.0f}"]))
    if kernel is None:
        raise UsageError(f"no kernel was recorded for {core}")
    return kernel


@lru_cache(maxsize=256)
def _by_group(name: str, core: str, clock_hz: float, level: str) -> dict[str, float]:
    """Cycles by sub-path of a recorded operation, or of a benchmark with its arguments."""
    spec = load_sheet(core, [f"core.clock_hz={clock_hz:.0f}"])
    kernel = _kernel(core, clock_hz)
    benchmark, *args = name.split()
    recipe = recipes(benchmark, args, kernel.operations())[0] if args else _plain(name)
    groups = priced(recipe, kernel, spec, level).by_group
    return {group: float(cycles.sum()) for group, cycles in groups.items()}


def _plain(name: str) -> Recipe:
    return Recipe("kernel", name, (Term(name),))
