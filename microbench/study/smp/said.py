"""What sources say in words, computed by the model and put beside the number said."""

from __future__ import annotations

from microbench.reference.series import Statement, load_series
from microbench.row import Row
from microbench.smp.build import Setup
from microbench.smp.machine import SmpMachine, load_machine
from microbench.smp.operation import load_operation
from microbench.smp.simulate import fitted, simulate


def statement_row(statement: Statement) -> Row:
    """One statement, modelled beside said."""
    value = _statement_value(statement)
    return Row(
        benchmark=f"smp_{statement.operation}".replace(" ", "_"),
        args=f"{statement.name} --shared {statement.shared}",
        machine=statement.machine,
        system=statement.system,
        metric=statement.what,
        unit=statement.value.unit,
        better="larger",
        value=value,
        published=statement.value.value,
        published_source=statement.value.source,
        error=value / statement.value.value - 1,
        role="predict",
    )


def _statement_value(statement: Statement) -> float:
    machine = load_machine(statement.machine)
    op = load_operation(statement.operation, statement.system)
    setup = Setup(shared=statement.shared, order="fill")
    if statement.what == "peak_cpus":
        counts = [1, 2, 4, 8, 16, 32]
        rates = [simulate(op, machine, n, setup).per_second for n in counts]
        return float(counts[rates.index(max(rates))])
    if statement.what == "speedup_at_48":
        one = simulate(op, machine, 1, setup).per_second
        return simulate(op, machine, 48, setup).per_second / one
    if statement.what.startswith("loss_to_own_line_at_"):
        return _layout_loss(statement, machine, int(statement.what.rpartition("_")[2]))
    one_cycles = simulate(op, machine, 1, setup).cycles
    return 1.0 - one_cycles / simulate(op, machine, 8, setup).cycles


def _layout_loss(statement: Statement, machine: SmpMachine, n: int) -> float:
    """Throughput lost by a lock that shares its line, against one with a line of its own.

    Local work is fitted to one CPU of the published series on the same machine.
    """
    series = next(s for s in load_series() if s.machine == statement.machine)
    ops = [
        load_operation(statement.operation, system)
        for system in (statement.system.removesuffix("-inline"), statement.system)
    ]
    setup = Setup(shared=statement.shared, order=series.order)
    setup = fitted(ops[0], machine, setup, machine.clock_hz / series.values[0])
    own, inside = (simulate(op, machine, n, setup).per_second for op in ops)
    return 1.0 - inside / own
