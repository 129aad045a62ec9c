"""The table of `mkbench host`: a line a probe, with its spread and what was dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from microbench.measured.probes.plan import Found
from microbench.measured.probes.statistics import Estimate
from microbench.report.columns import Column
from microbench.report.decimals import short
from microbench.report.terminal import print_table

Line = tuple[Found, Estimate]

COLUMNS = (
    Column("probe", lambda x: x[0].probe.name, left=True),
    Column("median", lambda x: short(x[1].median, 3)),
    Column("unit", lambda x: x[0].probe.unit, left=True),
    Column("MAD", lambda x: short(x[1].mad, 2), drop=2),
    Column("95 % interval", lambda x: f"{short(x[1].low, 3)}-{short(x[1].high, 3)}"),
    Column("blocks", lambda x: str(x[1].blocks), drop=3),
    Column("dropped", lambda x: str(x[1].dropped) if x[1].dropped else "", drop=4),
    Column("what", lambda x: x[0].probe.note, drop=5, left=True),
)


def print_host(found: Sequence[Found], facts: Mapping[str, str]) -> None:
    """Print what was measured; a probe without a block is left out, and doubted elsewhere."""
    lines = [(one, estimate) for one in found if (estimate := one.estimate()) is not None]
    title = ", ".join(facts[key] for key in ("processor", "kernel", "libc") if key in facts)
    print_table(COLUMNS, lines, title)
