"""The readers of tracers, in the order in which they are asked whether a file is theirs."""

from __future__ import annotations

import re

from microbench.errors import InputError
from microbench.measured.calls import bpftrace, perf_stat, perf_trace, strace_summary, strace_trace
from microbench.measured.calls.counts import Counts
from microbench.measured.source import Reader, Source, reader_of, seen

READERS: tuple[Reader[Counts], ...] = (
    Reader("strace -c", strace_summary.recognises, lambda s, a: strace_summary.read(s)),
    Reader("perf trace -s", perf_trace.recognises_summary, lambda s, a: perf_trace.read_summary(s)),
    Reader("perf stat", perf_stat.recognises, lambda s, a: perf_stat.read(s)),
    Reader("bpftrace -f json", bpftrace.recognises_json, bpftrace.read_json),
    Reader("bpftrace", bpftrace.recognises, bpftrace.read),
    Reader("perf trace", perf_trace.recognises_trace, lambda s, a: perf_trace.read_trace(s)),
    Reader("strace", strace_trace.recognises, lambda s, a: strace_trace.read(s)),
)
REFUSED = {
    "ltrace -c (library calls)": re.compile(
        r"^% time\s+seconds\s+usecs/call\s+calls\s+function", re.M
    ),
    "truss -c or dtruss -c": re.compile(
        r"^(syscall\s+seconds\s+calls\s+errors|CALL\s+COUNT)\s*$", re.M
    ),
    "perf script": re.compile(r"^\s*\S.*\s+[0-9]+ (\[[0-9]+\]) +[0-9]+\.[0-9]+: +\S+:", re.M),
    "trace-cmd report or ftrace": re.compile(
        r"^(# tracer: |cpus=[0-9]+$)|: sys_(enter|exit): NR ", re.M
    ),
    "sysdig": re.compile(r"^[0-9]+ [0-9:.]+ [0-9]+ \S+ \([0-9]+\) [<>] ", re.M),
    "perf report": re.compile(r"^# (Overhead|To display the perf.data header)", re.M),
}
"""Formats known by sight that no reader here takes."""
UNKNOWN_ONE_LINE = "no format mkbench reads; it reads " + ", ".join(r.name for r in READERS)


def read_counts(source: Source, architecture: str = "x86-64") -> Counts:
    """Read the calls of a program.

    Raises
    ------
    InputError
        For a format that is not read, by its name where it is known by sight; for a damaged
        file; for one without a call.
    """
    reader = reader_of(source, READERS)
    if reader is None:
        name = seen(source, REFUSED)
        problem = f"{name}: not read; use strace -c -f" if name else UNKNOWN_ONE_LINE
        raise InputError(source.file, "", "", problem)
    counts = reader.read(source, architecture)
    if not counts.total:
        raise InputError(source.file, "", "", f"{reader.name}: no system call in it")
    return counts
