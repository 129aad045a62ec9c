"""The rows of `mkbench run smp_fault` and its like: slowdown, throughput and latency.

Knows: how a run becomes rows. Refuses to know: published values (`validate`) and output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePath

from microbench.errors import UsageError, unknown
from microbench.row import NO_VALUE, Row
from microbench.smp.background import loss_factor
from microbench.smp.build import SHARINGS, Setup
from microbench.smp.machine import SmpMachine, load_machine
from microbench.smp.operation import Operation, load_operation, operation_names, system_names
from microbench.smp.settings import changed, split_settings, with_work
from microbench.smp.simulate import Measured, simulate

BENCHMARKS = {"smp_" + name: name for name in ("fault", "fstat", "thread")}
"""Benchmarks of the talk; every operation of `operation_names` runs as `smp_NAME`."""
DEFAULT_SYSTEMS = ("tornado", "unix-1999", "linux-2.2", "linux-2.4", "linux-2.6.10", "linux-6.4")
DEFAULT_MACHINE = "numachine"


Loader = Callable[[str, str, SmpMachine, tuple[str, ...]], Operation]


def _as_described(
    operation: str, system: str, machine: SmpMachine, without: tuple[str, ...]
) -> Operation:
    return load_operation(operation, system, without)


def run(
    operation: str,
    systems: Sequence[str] = DEFAULT_SYSTEMS,
    cpus: Sequence[int] | None = None,
    machine: str = DEFAULT_MACHINE,
    shared: str = "process",
    without: Sequence[str] = (),
    seed: int = 1,
    settings: Sequence[str] = (),
    tick: Callable[[str], None] = lambda label: None,
    work: int = 0,
    load: Loader = _as_described,
    order: str = Setup.order,
) -> list[Row]:
    """Run an operation on several systems and CPU counts.

    Parameters
    ----------
    operation : str
        "fault", or "smp_fault".
    systems : sequence of str
        Names of `system_names`.
    cpus : sequence of int, optional
        CPU counts; powers of two up to the machine's size if not given.
    machine : str
        A packaged multiprocessor, or a TOML file.
    shared : str
        "process" (threads of one process), "none" (processes), "region" or "file".
    without : sequence of str
        Principles to take out: "local-data", "caller-cpu", "ask-only".
    seed : int
        Seed of the work times.
    settings : sequence of str
        Changes of the machine or of the operation (`parts.`, `every.`, `objects.`), `key=value`.
    tick : callable
        Told each point before it is computed.
    work : int
        User work before each operation [cycles].
    load : callable
        Gives the operation of a system on a machine, principles taken out.
    order : str
        Of `ORDERS`: how CPUs are taken.

    Returns
    -------
    list of Row
        Metrics "slowdown" (of one operation against one CPU), "throughput" [1/s of all CPUs]
        and "latency" [us]; for tornado and k42 also "slowdown with K42's loss".

    Raises
    ------
    UsageError, InputError
        For what does not exist or does not fit.
    """
    name, (own, machines) = operation_name(operation), split_settings(settings)
    where = load_machine(machine, machines)
    counts, setup = cpu_counts(cpus, where), checked_setup(shared, seed, order)
    found = (load(name, system, where, tuple(without)) for system in systems)
    ops = [with_work(changed(op, own), work) for op in found]
    return [row for op in ops for row in _system_rows(op, where, counts, setup, tick)]


def operation_name(benchmark: str) -> str:
    """The operation behind a benchmark's name.

    Raises
    ------
    UsageError
        If there is none.
    """
    name = benchmark.removeprefix("smp_")
    if name not in operation_names() and not name.endswith(".toml"):
        raise unknown("operation", benchmark, operation_names())
    return name


def cpu_counts(cpus: Sequence[int] | None, machine: SmpMachine) -> list[int]:
    """The counts asked for, or powers of two up to the machine's size."""
    most = machine.count("topology.cpus")
    if cpus is None:
        return sorted({2**k for k in range(13) if 2**k <= most} | {most})
    if not cpus:
        raise UsageError("--cpus: no CPU count given")
    for n in cpus:
        if not 1 <= n <= most:
            raise UsageError(f"--cpus {n}: {machine.name} has 1 to {most}")
    return list(dict.fromkeys(cpus))


def checked_setup(shared: str, seed: int, order: str = Setup.order) -> Setup:
    """A setup for what is shared and how CPUs are taken.

    Raises
    ------
    UsageError
        If `shared` is unknown or the seed out of range.
    """
    if shared not in SHARINGS:
        raise UsageError(f"--shared {shared}: one of {', '.join(SHARINGS)}")
    if not 0 <= seed < 2**31:
        raise UsageError(f"--seed {seed}: must be 0 to 2147483647")
    return Setup(shared=shared, seed=seed, order=order)


def _system_rows(
    op: Operation,
    machine: SmpMachine,
    counts: list[int],
    setup: Setup,
    tick: Callable[[str], None],
) -> list[Row]:
    tick(f"{op.operation} {op.system} 1 CPU")
    one = simulate(op, machine, 1, setup)
    rows: list[Row] = []
    for n in counts:
        tick(f"{op.operation} {op.system} {n} CPUs")
        got = one if n == 1 else simulate(op, machine, n, setup)
        rows += point_rows(op, machine, setup, got, one)
    return rows


def beyond_rows(
    operation: str, systems: Sequence[str], cpus: Sequence[int], machine: SmpMachine, shared: str
) -> list[Row]:
    """A slowdown without a value for each count that the machine has not."""
    setup, most = Setup(shared=shared), machine.count("topology.cpus")
    return [
        Row(
            benchmark=f"smp_{PurePath(operation_name(operation)).stem}",
            args=args_of(n, setup),
            machine=machine.name,
            system=system,
            metric="slowdown",
            unit="x",
            better="smaller",
            value=NO_VALUE,
            machine_hash=machine.digest,
            note=f"{machine.name} has {most} CPUs",
        )
        for system in systems
        for n in cpus
    ]


def args_of(n: int, setup: Setup, op: Operation | None = None) -> str:
    """The argument string of a point: all that makes it another one than the usual."""
    words = [f"--cpus {n} --shared {setup.shared}"]
    if setup.order != Setup.order:
        words.append(f"--order {setup.order}")
    if op is not None:
        words += [*(f"--without {name}" for name, _ in op.removed), *op.changes]
    return " ".join(words)


def point_rows(
    op: Operation, machine: SmpMachine, setup: Setup, got: Measured, one: Measured
) -> list[Row]:
    """The rows of one point."""
    n = got.cpus
    base = Row(
        benchmark=f"smp_{op.operation}",
        args=args_of(n, setup, op),
        machine=machine.name,
        system=op.system,
        metric="slowdown",
        unit="x",
        better="smaller",
        value=got.cycles / one.cycles,
        cycles=round(got.cycles),
        machine_hash=f"{machine.digest}-{op.digest}",
    )
    far = beyond(n, base.value)
    rows = [replace(base, note=where_time_goes(got) + (BEYOND if far else ""))]
    factor = loss_factor(op.system, n)
    if factor != 1.0 and n <= LOSS_MEASURED_TO:
        rows.append(replace(base, metric="slowdown with K42's loss", value=base.value * factor))
    micro = machine.seconds(got.cycles) * 1e6
    rows.append(replace(base, metric="latency", unit="us", value=micro))
    rows.append(
        replace(base, metric="throughput", unit="1/s", better="larger", value=got.per_second)
    )
    rows.append(replace(base, metric="line moves", unit="1/op", value=got.moves))
    return rows


LEAST_SHARE = 0.02
LOSS_MEASURED_TO = 24
"""CPUs of the machine on which K42's loss was measured."""
BEYOND = "; all do less than one alone, how much less is not a value"
"""Said of a slowdown above the number of CPUs with more waiters than locks were measured with."""
WAITERS_MEASURED = 88


def beyond(n: int, slowdown: float) -> bool:
    """Whether n CPUs do less than one, with more waiters than locks were measured with."""
    return n > WAITERS_MEASURED and slowdown > n


def where_time_goes(got: Measured) -> str:
    """The object that takes most of the CPUs' time, if any takes much: "bkl 84 % of the time"."""
    name, share = next(iter(got.spent.items()), ("", 0.0))
    return f"{name} {100 * min(share, 1.0):.0f} % of the time" if share >= LEAST_SHARE else ""


def check_systems(operation: str, systems: Sequence[str], known: Sequence[str] = ()) -> list[str]:
    """The systems, each described for the operation.

    Parameters
    ----------
    known : sequence of str
        Those that do it; if empty, those its file describes.

    Raises
    ------
    UsageError
        Naming the first that is not.
    """
    known = known or system_names(operation_name(operation))
    for system in systems:
        if system not in known:
            raise unknown("system", system, known, f" described for {operation}")
    return list(dict.fromkeys(systems))
