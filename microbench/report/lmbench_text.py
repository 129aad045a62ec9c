"""Rows in the words of lmbench's own programs, for scripts that read them.

One output of lmbench is one machine and one system; where rows have several, each is led by a
line in square brackets, as lmbench's own facts are. Series stand below the heading that its
script writes there. What no program of lmbench prints is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from microbench.errors import UsageError
from microbench.measured.lmbench_names import HEADINGS, NAMED
from microbench.reading import whole
from microbench.row import Row

FORMAT = "lmbench"
_WORDS = {found: text for text, found in NAMED.items()}
_SERIES = {(name, args): text for text, (name, args, _) in HEADINGS.items()}
_SELECT = re.compile(r"-n (?P<n>\d+) (?P<kind>file|tcp)")
_RING = re.compile(r"-s (?P<kib>\d+)k? (?P<count>\d+)")
_CHASE = re.compile(r"latency at (?P<size>\d+) bytes")
_MB, _MIB = 1e6, 2**20


def lmbench_text(rows: Sequence[Row]) -> str:
    """The rows as lmbench prints such results.

    Raises
    ------
    UsageError
        For a benchmark that lmbench has no program for.
    """
    blocks: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        blocks.setdefault((row.machine, row.system), []).append(row)
    lines = []
    for (machine, system), found in blocks.items():
        if len(blocks) > 1:
            lines.append(f"[mkbench: {system} on {machine}]")
        lines += _lines(found)
    return "".join(f"{line}\n" for line in lines)


def _lines(rows: Sequence[Row]) -> Iterator[str]:
    said = ""
    overheads = {row.args: row.value for row in rows if row.metric == "overhead"}
    for row in rows:
        if row.metric == "overhead" or not row.is_result:
            continue
        heading, line = _said(row, overheads)
        if heading and heading != said:
            yield heading
        said = heading
        if line:
            yield line


def _said(row: Row, overheads: dict[str, float]) -> tuple[str, str]:
    """Heading and line of a row; "" where there is none."""
    words = _WORDS.get((row.benchmark, row.args)) or _worded(row)
    if words:
        rate = f"{row.value:.2f} MB/sec" if row.unit == "MB/s" else f"{row.value:.4f} microseconds"
        return "", f"{words}: {rate}"
    ring, chase = _RING.fullmatch(row.args), _CHASE.fullmatch(row.metric)
    if row.benchmark == "lat_ctx" and ring:
        overhead = overheads.get(row.args, row.value)
        line = "" if ring["count"] == "1" else f"{ring['count']} {row.value:.2f}"
        return f'"size={ring["kib"]}k ovr={overhead:.2f}', line
    if row.benchmark == "lat_mem_rd" and chase:
        stride = row.args.split()[-1]
        return f'"stride={stride}', f"{int(chase['size']) / _MIB:.5f} {row.value:.3f}"
    return _series(row)


def _worded(row: Row) -> str:
    select = _SELECT.fullmatch(row.args)
    if row.benchmark == "lat_select" and select:
        return f"Select on {select['n']} {'tcp ' if select['kind'] == 'tcp' else ''}fd's"
    return "Pagefaults on FILE" if row.benchmark == "lat_pagefault" else ""


def _series(row: Row) -> tuple[str, str]:
    size, _, kind = row.args.partition(" ")
    heading = _SERIES.get((row.benchmark, f"{{size}} {kind}".strip()))
    number = whole(size, 0, 1 << 40, suffixes=True)
    if heading is None or number is None:
        name = f"{row.benchmark} {row.args}".strip()
        raise UsageError(f"--format {FORMAT}: no program of lmbench prints {name}")
    shown = f"{number / _MB:.6f}" if number < _MB else f"{number / _MB:.2f}"
    return f'"{heading}', f"{shown} {_digits(row.value)}"


def _digits(value: float) -> str:
    """Two places, and six below 1."""
    return f"{value:.2f}" if value >= 1 else f"{value:.6f}"
