"""JSON of general benchmark runners, as named latencies: hyperfine, pyperf, Google Benchmark.

Each names what it ran as its user did; a name that begins like one of mkbench's benchmarks is
taken as that benchmark. Of repeated values the median is the row, least and most its ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

from microbench.errors import InputError
from microbench.measured.reading import MICROSECONDS, Gathered, Reading, finite, named, text_of
from microbench.measured.source import Source

PYPERF_UNITS = {"second": ("us", 1e6), "byte": ("bytes", 1.0), "integer": ("count", 1.0)}


def _entries(source: Source, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object of the list `key` of the file, with where it stands.

    Raises
    ------
    InputError
        If it is no list of objects.
    """
    body = source.json[key]
    for i, entry in enumerate(_list(body, source, key)):
        yield f"{key}[{i}]", entry


def _list(body: Any, source: Source, key: str) -> list[dict[str, Any]]:
    if not isinstance(body, list) or not all(isinstance(x, dict) for x in body):
        raise InputError(source.file, key, body, "must be a list of objects")
    return body


def _carry(source: Source, key: str, *words: str) -> bool:
    """Whether some object of the list `key` has one of the words."""
    body = source.json.get(key) if isinstance(source.json, dict) else None
    listed = body if isinstance(body, list) else []
    return any(isinstance(entry, dict) and not entry.keys().isdisjoint(words) for entry in listed)


def recognises_hyperfine(source: Source) -> bool:
    """Whether results carry commands."""
    return _carry(source, "results", "command")


def read_hyperfine(source: Source, machine: str) -> Reading:
    """Read `--export-json`: elapsed times of whole commands, so none is called like a benchmark.

    Raises
    ------
    InputError
        Naming the key that is missing or no number.
    """
    gathered = Gathered(machine)
    for where, result in _entries(source, "results"):
        command = text_of(result.get("command"), source, f"{where}.command")
        key = "median" if result.get("median") is not None else "mean"
        value, low, high = (
            finite(result.get(k), source, f"{where}.{k}") * 1e6 for k in (key, "min", "max")
        )
        gathered.add("command", command, value, "us", metric="wall_time", low=low, high=high)
        if any(result.get("exit_codes") or []):
            gathered.notes.append(f"a run of {command!r} failed")
        for name in ("user", "system"):
            if result.get(name) is not None:
                spent = finite(result[name], source, f"{where}.{name}") * 1e6
                gathered.add("command", command, spent, "us", metric=f"{name}_time")
    return gathered.reading("hyperfine")


def recognises_pyperf(source: Source) -> bool:
    """Whether benchmarks carry runs."""
    return _carry(source, "benchmarks", "runs")


def read_pyperf(source: Source, machine: str) -> Reading:
    """Read a suite; runs that only calibrated carry no values.

    Raises
    ------
    InputError
        Naming the key that is missing or no number.
    """
    gathered, shared = Gathered(machine), source.json.get("metadata") or {}
    for where, benchmark in _entries(source, "benchmarks"):
        about = {**shared, **(benchmark.get("metadata") or {})}
        name = text_of(about.get("name"), source, f"{where}.metadata.name")
        unit = about.get("unit", "second")
        if unit not in PYPERF_UNITS:
            raise InputError(source.file, f"{where}.metadata.unit", unit, "unknown unit")
        values = [
            finite(value, source, f"{where}.runs[{j}].values[{k}]")
            for j, run in enumerate(_list(benchmark.get("runs"), source, f"{where}.runs"))
            for k, value in enumerate(run.get("values") or [])
        ]
        if not values:
            gathered.unread.append(f"{where} {name}: no values")
            continue
        word, scale = PYPERF_UNITS[unit]
        ends = {"low": min(values) * scale, "high": max(values) * scale}
        title, args = named(name)
        gathered.add(title, args, median(values) * scale, word, **ends)
    return gathered.reading("pyperf")


def recognises_google(source: Source) -> bool:
    """Whether benchmarks carry real times, names of runs, or errors."""
    return _carry(source, "benchmarks", "real_time", "run_name", "error_occurred")


def read_google(source: Source, machine: str) -> Reading:
    """Read Google Benchmark: repetitions where they are there, else the median that it made.

    Raises
    ------
    InputError
        Naming the key that is missing or no number.
    """
    gathered = Gathered(machine)
    single: dict[str, list[tuple[float, float]]] = {}
    made: dict[str, dict[str, tuple[float, float]]] = {}
    for where, entry in _entries(source, "benchmarks"):
        name = text_of(entry.get("run_name") or entry.get("name"), source, f"{where}.name")
        if entry.get("error_occurred") or entry.get("skipped"):
            gathered.unread.append(f"{where} {name}: {entry.get('error_message') or 'not run'}")
        elif "real_time" not in entry:
            gathered.unread.append(f"{where} {entry.get('name')}: no time")
        elif entry.get("run_type") == "aggregate":
            of = str(entry.get("aggregate_name"))
            if of in ("median", "mean"):
                made.setdefault(name, {})[of] = _google_times(entry, source, where)
        else:
            single.setdefault(name, []).append(_google_times(entry, source, where))
    for name in dict.fromkeys([*single, *made]):
        runs = single.get(name) or [made[name].get("median") or made[name]["mean"]]
        for position, metric in enumerate(("latency", "cpu_time")):
            values = [run[position] for run in runs]
            ends = {"low": min(values), "high": max(values)}
            benchmark, args = named(name)
            gathered.add(benchmark, args, median(values), "us", metric=metric, **ends)
    return gathered.reading("Google Benchmark")


def _google_times(entry: dict[str, Any], source: Source, where: str) -> tuple[float, float]:
    unit = entry.get("time_unit", "ns")
    if unit not in MICROSECONDS:
        raise InputError(source.file, f"{where}.time_unit", unit, "unknown unit")
    real = finite(entry["real_time"], source, f"{where}.real_time")
    cpu = finite(entry.get("cpu_time", real), source, f"{where}.cpu_time")
    return real * MICROSECONDS[unit], cpu * MICROSECONDS[unit]
