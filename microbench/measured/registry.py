"""The readers of result files, in the order in which they are asked whether a file is theirs."""

from __future__ import annotations

import re
from pathlib import Path

from microbench.errors import InputError
from microbench.measured import github_action, lmbench, lmbench_summary, own, sel4bench, timers
from microbench.measured.calls.registry import READERS as TRACERS
from microbench.measured.reading import Reading
from microbench.measured.source import Reader, Source, read_source, reader_of, seen
from microbench.reading import parse_json

READERS: tuple[Reader[Reading], ...] = (
    Reader("mkbench", own.recognises, own.read),
    Reader("sel4bench", sel4bench.recognises, sel4bench.read),
    Reader("hyperfine", timers.recognises_hyperfine, timers.read_hyperfine),
    Reader("pyperf", timers.recognises_pyperf, timers.read_pyperf),
    Reader("Google Benchmark", timers.recognises_google, timers.read_google),
    Reader("github-action-benchmark", github_action.recognises, github_action.read),
    Reader("lmbench summary", lmbench_summary.recognises, lmbench_summary.read),
    Reader("lmbench", lmbench.recognises, lmbench.read),
)
REFUSED = {
    "JMH": re.compile(r"\"jmhVersion\"|\"primaryMetric\""),
    "Criterion": re.compile(r"\"(slope|typical)\"\s*:\s*\{\s*\"confidence_interval\""),
    "pytest-benchmark": re.compile(r"\"machine_info\""),
    "Go benchmarks": re.compile(r"^Benchmark\S+\s+[0-9]+\s+[0-9.]+ ns/op", re.M),
    "JUnit XML": re.compile(r"<testsuites?[ >]"),
    "sysbench": re.compile(r"^sysbench [0-9]", re.M),
    "UnixBench": re.compile(r"BYTE UNIX Benchmarks"),
    "fio JSON": re.compile(r"\"fio version\""),
    "perf bench": re.compile(r"^# Running '", re.M),
    "stress-ng": re.compile(r"^stress-ng: ", re.M),
}
"""Formats known by sight that no reader here takes."""


def label(path: str) -> str:
    """How rows of a file name the machine they were taken on: the file, without its ending."""
    return "stdin" if path == "-" else Path(path).name.rpartition(".")[0] or Path(path).name


def read_measured(path: str, machine: str = "") -> Reading:
    """Read a result file of any known tool.

    Parameters
    ----------
    machine : str
        What to call the machine; the file's name if not given.

    Raises
    ------
    InputError
        For a format that is not read, by its name where it is known by sight; for a damaged
        file; for one without a result.
    """
    source = read_source(path)
    reader = reader_of(source, READERS)
    if reader is None:
        raise _refusal(source)
    found = reader.read(source, machine or label(path))
    if not found.rows and reader.name != "mkbench":
        raise InputError(source.file, "", "", f"{reader.name}: no result in it")
    return found


def _refusal(source: Source) -> InputError:
    name = seen(source, REFUSED)
    if name:
        return InputError(source.file, "", "", f"{name}: not read")
    if reader_of(source, TRACERS) is not None:
        return InputError(source.file, "", "", "calls of a program: `mkbench app` reads them")
    if source.json is None and source.text.lstrip()[:1] in "{[":
        return InputError(source.file, "", "", _json_problem(source) or "JSON of no known kind")
    known = ", ".join(reader.name for reader in READERS)
    return InputError(source.file, "", "", f"no result file mkbench reads; it reads {known}")


def _json_problem(source: Source) -> str:
    try:
        parse_json(source.text, source.file)
    except InputError as error:
        return str(error).partition(": ")[2]
    return ""
