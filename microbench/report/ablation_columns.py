"""The ablation table: a line for each row of the talk, a ratio for each ablation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from microbench.report.columns import Block, Column
from microbench.report.decimals import short
from microbench.row import Row
from microbench.study.ablation import ABLATIONS

Line = Mapping[str, Row]


def ablation_blocks(rows: Sequence[Row]) -> list[Block]:
    """One block; `!` where somebody else wins than as is."""
    lines: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        lines.setdefault((row.benchmark, row.args), {})[row.note.partition(";")[0]] = row
    columns = [Column("benchmark", _name, left=True, stack=True)]
    columns += [Column(a.name.replace(" ", "\n", 1), _ratio(a.name)) for a in ABLATIONS]
    says = "; ".join(f"{a.name}: {a.says}" for a in ABLATIONS)
    text = f"Above 1 = l4 faster; ! = another winner. {says}."
    return [Block("", columns, list(lines.values()), text)]


def _name(line: Line) -> str:
    row = next(iter(line.values()))
    return f"{row.benchmark} {row.args}".strip()


def _ratio(name: str) -> Callable[[Line], str]:
    def text(line: Line) -> str:
        row = line.get(name)
        if row is None:
            return ""
        return short(row.value, 3) + ("!" if "flips" in row.note else " ")

    return text
