"""Where the time of one operation goes with many CPUs, object by object, system beside system."""

from __future__ import annotations

from collections.abc import Sequence

from microbench.smp.build import MEMORY_OBJECT, SHOTS_OBJECT, Setup
from microbench.smp.machine import SmpMachine
from microbench.smp.operation import Operation
from microbench.smp.simulate import Measured, simulate
from microbench.study.smp.grid import filled

BUILT_IN = {
    MEMORY_OBJECT: ("node", "memory", "lines moved to or from it"),
    SHOTS_OBJECT: ("process", "interrupts", "sending shoot-downs and waiting for answers"),
}
LEAST = 0.005


def where_text(ops: Sequence[Operation], machine: SmpMachine, n: int, setup: Setup) -> str:
    """For each operation: what one CPU takes, what n take, and what for."""
    blocks = [_block(op, machine, n, setup) for op in ops]
    return "\n\n".join(blocks) + "\n"


def _block(op: Operation, machine: SmpMachine, n: int, setup: Setup) -> str:
    one, many = (simulate(op, machine, k, setup) for k in (1, n))
    head = (
        f"{op.system} {op.operation}, {n} CPUs of {machine.name}, shared {setup.shared}: "
        f"{one.cycles:.0f} cycles on one, {many.cycles:.0f} on each of {n} "
        f"({many.cycles / one.cycles:.2f}x), {many.moves:.1f} line moves"
    )
    return "\n".join([filled(head, "  "), *_lines(op, one, many)])


def _lines(op: Operation, one: Measured, many: Measured) -> list[str]:
    local = max(0.0, 1 - sum(many.spent.values()))
    lines = [f"  {'local work':16}{local:6.1%}{local * many.cycles:12.0f} cycles"]
    for name, share in many.spent.items():
        if share >= LEAST:
            scope, kind, source = _what(op, name)
            cycles = share * many.cycles
            lines.append(f"  {name:16}{share:6.1%}{cycles:12.0f} cycles  {scope}, {kind}")
            lines.append(filled(f"    {source}", "    "))
    busiest, busy = many.busiest
    waited = f"busiest line: {busiest}, busy {min(busy, 1.0):.0%} of the time"
    lines.append(f"  {waited if busiest else 'no line is shared'}")
    return lines


def _what(op: Operation, name: str) -> tuple[str, str, str]:
    thing = op.objects.get(name)
    return BUILT_IN[name] if thing is None else (thing.scope, thing.kind, thing.source)
