"""The tables of `mkbench app`: structures as columns, and the calls that would have to move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from microbench.report.columns import Column
from microbench.report.decimals import short
from microbench.study.app import Moved, Program, extra
from microbench.study.structures import Structure

BREAK_EVEN = (0.10, 0.01)


@dataclass(frozen=True)
class Line:
    """One line: a label, and a cell for each column."""

    label: str
    cells: tuple[str, ...]


def columns(first: str, titles: Sequence[str]) -> list[Column]:
    """A column of labels, then one for each title."""

    def cell(number: int) -> Callable[[Line], str]:
        return lambda line: line.cells[number]

    return [Column(first, lambda line: line.label, left=True)] + [
        Column(title.replace("-isolated", "\nisolated"), cell(i)) for i, title in enumerate(titles)
    ]


def structure_lines(
    program: Program, structures: Sequence[Structure], pollution: tuple[float, float]
) -> list[Line]:
    """What a call costs more, what that is of the program's time, and when it would not matter."""

    def line(label: str, cell: Callable[[Structure], str]) -> Line:
        return Line(label, tuple(cell(s) for s in structures))

    lines = [
        line("a call more, cycles", lambda s: f"{s.value:.0f}"),
        line("  low to high", lambda s: _range(s.low, s.high, "{:.0f}")),
        line("  in ns", lambda s: f"{s.seconds() * 1e9:.0f}"),
    ]
    lines += _causes(structures)
    for name, base in (("CPU", program.cpu_s), ("wall", program.wall_s)):
        if base:
            lines += _shares(program, structures, pollution, name, base)
    if not program.cpu_s and not program.wall_s:
        lines.append(line("all calls more, ms", lambda s: short(1e3 * extra(program, s).seconds)))
    for share in BREAK_EVEN:
        cells = (short(s.service_us(share), 3) for s in structures)
        lines.append(Line(f"{100 * share:g} % at a call of, us", tuple(cells)))
    return lines


def _causes(structures: Sequence[Structure]) -> list[Line]:
    lines = []
    for name in dict.fromkeys(name for s in structures for name in s.causes):
        cells = (f"{s.causes[name]:.0f}" if name in s.causes else "" for s in structures)
        lines.append(Line(f"  {name}", tuple(cells)))
    if any(s.saved for s in structures):
        saved = tuple(f"{-s.saved:.0f}" if s.saved else "" for s in structures)
        lines.append(Line("  the trap it replaces", saved))
    return lines


def _shares(
    program: Program,
    structures: Sequence[Structure],
    pollution: tuple[float, float],
    name: str,
    base: float,
) -> list[Line]:
    def shares(factor: float, level: str) -> list[float]:
        return [100 * extra(program, s, level, factor).seconds / base for s in structures]

    value, low, high = (shares(1.0, level) for level in ("value", "low", "high"))
    cold = [shares(factor, "value") for factor in pollution]
    lines = [
        Line(f"{name} time, at least +%", tuple(short(v, 3) for v in value)),
        Line("  low to high", tuple(_range(a, b) for a, b in zip(low, high, strict=True))),
    ]
    if pollution != (1.0, 1.0):
        said = "-".join(dict.fromkeys(f"{factor:g}" for factor in pollution))
        ends = tuple(_range(a, b) for a, b in zip(*cold, strict=True))
        lines.append(Line(f"  x {said}, caches cold", ends))
    return lines


def machine_lines(program: Program, groups: Sequence[Sequence[Structure]]) -> list[Line]:
    """A line for each structure, a cell for each machine that has it."""
    names = dict.fromkeys(s.name for group in groups for s in group)
    lines = []
    for name in names:
        cells = []
        for group in groups:
            there = next((s for s in group if s.name == name), None)
            cells.append("" if there is None else _cost(program, there))
        lines.append(Line(name, tuple(cells)))
    return lines


def _cost(program: Program, structure: Structure) -> str:
    found = extra(program, structure)
    return short(1e3 * found.seconds if found.cpu is None else 100 * found.cpu, 3)


def _range(low: float, high: float, form: str = "") -> str:
    ends = [form.format(v) if form else short(v, 2) for v in (low, high)]
    return "-".join(dict.fromkeys(ends)) if low >= 0 else f"{ends[0]}..{ends[1]}"


MOVE_COLUMNS = (
    Column("call", lambda m: m.name, left=True),
    Column("kind", lambda m: m.kind, left=True, drop=3),
    Column("calls", lambda m: f"{m.calls:,}"),
    Column("adds, ms", lambda m: short(1e3 * m.extra_s, 3)),
    Column("+CPU %", lambda m: "" if m.cpu is None else short(100 * m.cpu, 2)),
    Column("sum, %", lambda m: f"{100 * m.sum_share:.1f}"),
    Column("native\nus", lambda m: short(m.native_us, 3), drop=1),
    Column("dearer\nby %", lambda m: "" if m.dearer is None else f"{100 * m.dearer:.0f}", drop=1),
    Column("waits", lambda m: m.waits, left=True, drop=2),
)
MOVE_LEGEND = (
    "sum: share of all calls in this line and those above. native: a warm call of\n"
    "Linux 6.1 that stands for it. waits: its time is somebody else's."
)


def shortened(found: Sequence[Moved], most: int) -> list[Moved]:
    """The first lines, and all others as one."""
    if len(found) <= most:
        return list(found)
    rest = found[most:]
    known = [m.cpu for m in rest if m.cpu is not None]
    others = Moved(
        name=f"{len(rest)} others",
        kind="",
        calls=sum(m.calls for m in rest),
        extra_s=sum(m.extra_s for m in rest),
        cpu=sum(known) if known else None,
        sum_share=1.0,
        waits="",
    )
    return [*found[:most], others]
