"""Rows as sheets of the page: systems side by side, or one row a line.

Knows what a reader compares: value, range, published, error. Refuses to know: HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from microbench.report.columns import error_text
from microbench.report.decimals import short
from microbench.report.page.model import Cell, Line, Sheet, Why
from microbench.report.pairs import Pair, pair_rows, row_name
from microbench.row import Row
from microbench.smp.runs import beyond
from microbench.study.smp.table import Line as Panelled
from microbench.study.smp.table import panels

FAR = 0.25
Reason = Callable[[Pair], Why | None]
ENDS = (" low", " high")
"""Of metrics that are an end of another's range: it stands in that one's own column."""
ROW_COLUMNS = ("row", "machine", "system", "unit", "value", "range", "reference", "error", "note")


def key_of(row: Row) -> str:
    """Which row a cell shows, as a program finds it."""
    return "|".join(row.key)


def value_cell(row: Row) -> Cell:
    """The value of a row."""
    return Cell(short(row.value, 3), row.value, key=key_of(row))


def range_cell(row: Row) -> Cell:
    """low to high, empty where there is none."""
    if row.low is None or row.high is None:
        return Cell("")
    return Cell(f"{short(row.low, 3)} to {short(row.high, 3)}", tone="quiet")


def error_cell(row: Row) -> Cell:
    """The error with the mark of its role."""
    if row.error is None:
        return Cell("")
    return Cell(error_text(row.error, row.role), row.error, "far" if abs(row.error) > FAR else "")


def _number(value: float | None) -> Cell:
    return Cell("") if value is None else Cell(short(value, 3), value)


def paired_sheet(title: str, rows: Iterable[Row], why: Reason, note: str = "") -> Sheet:
    """Systems side by side, each with range, published value and error; the ratio behind."""
    pairs = pair_rows(rows)
    systems = list(dict.fromkeys(system for pair in pairs for system in pair.rows))
    columns = ["row", "unit"]
    for system in systems:
        columns += [system, "range", "published", "error"]
    both = {"native", "l4"} <= set(systems)
    columns += ["L4 / native speed", "published ratio"] if both else []
    lines = [_paired(pair, systems, both, why(pair)) for pair in pairs]
    return Sheet(title, tuple(columns), tuple(lines), note)


def _paired(pair: Pair, systems: Sequence[str], both: bool, why: Why | None) -> Line:
    cells = [Cell(pair.name), Cell(pair.unit)]
    for system in systems:
        row = pair.rows.get(system)
        if row is None:
            cells += [Cell("")] * 4
        else:
            cells += [value_cell(row), range_cell(row), _number(row.published), error_cell(row)]
    if both:
        cells += [_number(pair.ratio()), _number(pair.published_ratio)]
    return Line(tuple(cells), why)


def panel_sheets(rows: Sequence[Row]) -> list[Sheet]:
    """The rows of `table smp` as they are printed: a sheet per panel, systems down, CPUs across."""
    return [_panel(title, lines) for title, lines in panels(rows).items()]


def _panel(title: str, lines: Sequence[Panelled]) -> Sheet:
    cpus = [f"slowdown at {n}" for n in lines[0].slowdowns] if lines else []
    columns = ("system", "us on one CPU", *cpus, "1000/s", "flat to", "time at")
    return Sheet(title, columns, tuple(Line(_panel_cells(one)) for one in lines))


def _panel_cells(one: Panelled) -> tuple[Cell, ...]:
    slow = [
        Cell(f">{n}") if beyond(n, value) else _number(value) for n, value in one.slowdowns.items()
    ]
    flat = Cell(f"{one.flat_to:.0f}", one.flat_to)
    rate = _number(one.rate / 1000)
    where = Cell(one.busiest, tone="quiet")
    return (Cell(one.system), _number(one.first_us), *slow, rate, flat, where)


def row_sheet(title: str, rows: Iterable[Row], note: str = "") -> Sheet:
    """One row a line, whatever it is; columns that nothing fills are left out."""
    lines = [_row(row) for row in rows if not row.metric.endswith(ENDS)]
    kept = [
        i for i in range(len(ROW_COLUMNS)) if i == 0 or any(line.cells[i].text for line in lines)
    ]
    narrow = [Line(tuple(line.cells[i] for i in kept), line.why) for line in lines]
    return Sheet(title, tuple(ROW_COLUMNS[i] for i in kept), tuple(narrow), note)


def _row(row: Row) -> Line:
    return Line(
        (
            Cell(row_name(row.benchmark, row.args, row.metric)),
            Cell(row.machine),
            Cell(row.system),
            Cell(row.unit),
            value_cell(row),
            range_cell(row),
            _number(row.published),
            error_cell(row),
            Cell(row.note, tone="quiet note"),
        )
    )
