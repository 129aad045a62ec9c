"""What sources say in words, computed by the model and put beside the number said."""

from __future__ import annotations

from microbench.reference.series import Statement
from microbench.row import Row
from microbench.run.many import worked
from microbench.smp.build import Setup
from microbench.smp.machine import SmpMachine, load_machine
from microbench.study.smp.points import measured


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
    op = worked(statement.operation, statement.system, machine)
    setup = Setup(shared=statement.shared, order="fill")
    if statement.what == "peak_cpus":
        counts = [1, 2, 4, 8, 16, 32]
        rates = [measured(op, machine, n, setup).per_second for n in counts]
        return float(counts[rates.index(max(rates))])
    if statement.what.startswith("loss_to_own_line_at_"):
        return _layout_loss(statement, machine, int(statement.what.rpartition("_")[2]))
    one_cycles = measured(op, machine, 1, setup).cycles
    return 1.0 - one_cycles / measured(op, machine, 8, setup).cycles


def _layout_loss(statement: Statement, machine: SmpMachine, n: int) -> float:
    """Throughput lost by a lock that shares its line, against one with a line of its own."""
    setup = Setup(shared=statement.shared, order="spread")
    own, inside = (
        measured(worked(statement.operation, system, machine), machine, n, setup).per_second
        for system in (statement.system.removesuffix("-inline"), statement.system)
    )
    return 1.0 - inside / own
