"""Where the time of one operation goes with many CPUs, object by object, system beside system."""

from __future__ import annotations

from collections.abc import Sequence

from microbench.smp.build import MEMORY_OBJECT, SHOTS_OBJECT, Setup
from microbench.smp.machine import SmpMachine
from microbench.smp.operation import Operation
from microbench.smp.runs import args_of
from microbench.smp.simulate import Measured, simulate
from microbench.study.smp.grid import filled

BUILT_IN = {
    MEMORY_OBJECT: ("node", "memory", "lines moved to or from it"),
    SHOTS_OBJECT: ("process", "interrupts", "sending shoot-downs and waiting for answers"),
}
LEAST = 0.005
BESIDE = "interrupts taken, busy siblings"


def where_text(
    ops: Sequence[Operation], machine: SmpMachine, counts: Sequence[int], setup: Setup
) -> str:
    """For each operation and count of CPUs: what one takes, what all take, and what for."""
    blocks = [_block(op, machine, n, setup) for op in ops for n in counts]
    return "\n\n".join(blocks) + "\n"


def _block(op: Operation, machine: SmpMachine, n: int, setup: Setup) -> str:
    one, many = (simulate(op, machine, k, setup) for k in (1, n))
    head = (
        f"{op.system} {_called(op, n, setup)}, {n} CPUs of {machine.name}, "
        f"shared {setup.shared}: "
        f"{one.cycles:.0f} cycles on one, {many.cycles:.0f} on each of {n} "
        f"({many.cycles / one.cycles:.2f}x), {many.moves:.1f} line moves"
    )
    return "\n".join([filled(head, "  "), *_lines(op, one, many)])


def _lines(op: Operation, one: Measured, many: Measured) -> list[str]:
    lines = _local(one, many)
    shown = {name: share for name, share in many.spent.items() if share >= LEAST}
    for name, share in shown.items():
        scope, kind, source = _what(op, name)
        lines.append(f"{_share(name, share, many)}  {scope}, {kind}")
        lines.append(filled(f"    {source}", "    "))
    rest = len(many.spent) - len(shown)
    if rest:
        left = sum(many.spent.values()) - sum(shown.values())
        lines.append(f"{_share('the rest', left, many)}  {rest} of less than {LEAST:.1%} each")
    busiest, busy = many.busiest
    waited = f"busiest line: {busiest}, busy {min(busy, 1.0):.0%} of the time"
    lines.append(f"  {waited if busiest else 'no line is shared'}")
    return lines


def _local(one: Measured, many: Measured) -> list[str]:
    """What no object takes: as much work as one CPU has alone, and what makes it more."""
    local, alone = (max(0.0, 1 - sum(m.spent.values())) for m in (many, one))
    work = min(local, alone * one.cycles / many.cycles)
    lines = [_share("local work", work, many)]
    if local - work >= LEAST:
        lines.append(f"{_share('beside it', local - work, many)}  {BESIDE}")
    else:
        lines = [_share("local work", local, many)]
    return lines


def _called(op: Operation, n: int, setup: Setup) -> str:
    """The operation and all that makes it another one than the usual."""
    words = args_of(n, setup, op).removeprefix(f"--cpus {n} --shared {setup.shared}")
    return op.operation + words


def _share(name: str, share: float, many: Measured) -> str:
    return f"  {name:16}{share:6.1%}{share * many.cycles:12.0f} cycles"


def _what(op: Operation, name: str) -> tuple[str, str, str]:
    thing = op.objects.get(name)
    return BUILT_IN[name] if thing is None else (thing.scope, thing.kind, thing.source)
