"""lmbench's summary (`make see`): tables of fixed columns, one line a machine, cells may be blank.

A table's ruler of dashes says where its columns are; what is in them is known by the table's
heading. Numbers wider than their column push others aside, so a number belongs to the column
it overlaps most; two in one column are not guessed at.
"""

from __future__ import annotations

import re

from microbench.measured.reading import Gathered, Reading
from microbench.measured.source import Source

RULER = re.compile(r"^-+(\s+-+){3,}\s*$")
CELL = re.compile(r"^[0-9]{0,9}\.?[0-9]{0,9}[KM]?$")
SCALE = {"K": 1e3, "M": 1e6}

Cell = tuple[str, str, str] | None
"""Benchmark, arguments and unit of a column, None for one that is no result."""


def _us(benchmark: str, args: str = "") -> Cell:
    return (benchmark, args, "us")


def _rate(benchmark: str, args: str = "") -> Cell:
    return (benchmark, args, "MB/s")


TABLES: dict[str, tuple[Cell, ...]] = {
    "Basic system parameters": (),
    "Processor, Processes": (
        None, _us("lat_syscall", "null"), _us("lat_syscall", "read and write, mean"),
        _us("lat_syscall", "stat"), _us("lat_syscall", "open"), _us("lat_select", "-n 100 tcp"),
        _us("lat_sig", "install"), _us("lat_sig", "catch"), _us("lat_proc", "fork"),
        _us("lat_proc", "exec"), _us("lat_proc", "shell"),
    ),
    "Basic integer operations": tuple(
        ("lat_ops", f"integer {op}", "ns") for op in ("bit", "add", "mul", "div", "mod")
    ),
    "Basic uint64 operations": tuple(
        ("lat_ops", f"uint64 {op}", "ns") for op in ("bit", "add", "mul", "div", "mod")
    ),
    "Basic float operations": tuple(
        ("lat_ops", f"float {op}", "ns") for op in ("add", "mul", "div", "bogo")
    ),
    "Basic double operations": tuple(
        ("lat_ops", f"double {op}", "ns") for op in ("add", "mul", "div", "bogo")
    ),
    "Context switching": tuple(
        _us("lat_ctx", f"-s {kib} {n}")
        for n, kib in ((2, 0), (2, 16), (2, 64), (8, 16), (8, 64), (16, 16), (16, 64))
    ),
    "*Local* Communication latencies": (
        _us("lat_ctx", "-s 0 2"), _us("lat_pipe"), _us("lat_unix"), _us("lat_udp"),
        _us("lat_rpc", "-p udp"), _us("lat_tcp"), _us("lat_rpc", "-p tcp"), _us("lat_connect"),
    ),
    "*Remote* Communication latencies": (
        _us("lat_udp", "remote"), _us("lat_rpc", "-p udp remote"), _us("lat_tcp", "remote"),
        _us("lat_rpc", "-p tcp remote"), _us("lat_connect", "remote"),
    ),
    "File & VM system latencies": (
        _us("lat_fs", "0k made"), _us("lat_fs", "0k removed"), _us("lat_fs", "10k made"),
        _us("lat_fs", "10k removed"), _us("lat_mmap", "largest file"), _us("lat_sig", "prot"),
        _us("lat_pagefault"), _us("lat_select", "-n 100 file"),
    ),
    "*Local* Communication bandwidths": (
        _rate("bw_pipe"), _rate("bw_unix"), _rate("bw_tcp"), _rate("bw_file_rd", "reread"),
        _rate("bw_mmap_rd", "reread"), _rate("bw_mem", "bcopy"), _rate("bw_mem", "fcp"),
        _rate("bw_mem", "frd"), _rate("bw_mem", "fwr"),
    ),
    "Memory latencies": (
        None, ("cache", "L1 cache", "ns"), ("cache", "L2 cache", "ns"),
        ("cache", "memory", "ns"), ("cache", "memory, random", "ns"), None,
    ),
}  # fmt: skip
"""Heading of a table to its columns behind host and system."""


def recognises(source: Source) -> bool:
    """Whether two of the summary's headings are there, or one with its title."""
    found = {name for line in source.lines for name in TABLES if line.startswith(name)}
    return len(found) >= 2 or bool(found and "S U M M A R Y" in source.text)


def read(source: Source, machine: str) -> Reading:
    """Read every table; a machine is named `MACHINE`, the second and later ones `MACHINE 2` ...

    Raises
    ------
    InputError
        For a table of other columns, or a line with two numbers in one.
    """
    gathered = Gathered(machine)
    table: tuple[Cell, ...] | None = None
    spans: list[tuple[int, int]] = []
    line_of: dict[str, int] = {}
    for number, line in source.numbered():
        heading = next((name for name in TABLES if line.startswith(name)), None)
        if heading is not None:
            table, spans = TABLES[heading], []
        elif RULER.match(line):
            spans = [m.span() for m in re.finditer(r"-+", line)]
            if table and len(spans) != len(table) + 2:
                raise source.error(number, f"{len(spans)} columns where {len(table) + 2} are known")
        elif spans and table is not None and len(line) > spans[1][0]:
            host = line[: spans[0][1]].strip()
            order = line_of.setdefault(host, len(line_of) + 1)
            gathered.machine = machine if order == 1 else f"{machine} {order}"
            _line(source, number, line.expandtabs(), spans, table, gathered)
        elif not spans and table is None and not re.match(r"^\s*[-L(]", line):
            gathered.skip(number, line)
    if len(line_of) > 1:
        gathered.notes.append(f"{len(line_of)} machines, numbered in the order of the summary")
    return gathered.reading("lmbench summary")


def _line(
    source: Source,
    number: int,
    line: str,
    spans: list[tuple[int, int]],
    table: tuple[Cell, ...],
    gathered: Gathered,
) -> None:
    taken: set[int] = set()
    start = spans[1][1]
    for word in re.finditer(r"\S+", line[start:]):
        first, last = word.start() + start, word.end() + start
        place = max(
            range(2, len(spans)),
            key=lambda i: min(last, spans[i][1]) - max(first, spans[i][0]),
        )
        if place - 2 >= len(table):
            continue
        cell = table[place - 2]
        if cell is None:
            continue
        if place in taken or not CELL.match(word[0]) or not re.search("[0-9]", word[0]):
            raise source.error(number, f"{word[0]!r} is no number of one column")
        taken.add(place)
        benchmark, args, unit = cell
        gathered.add(benchmark, args, _number(word[0]), unit)


def _number(text: str) -> float:
    return float(text.rstrip("KM")) * SCALE.get(text[-1], 1.0)
