"""JSON of github-action-benchmark: a list of entries, or the history it keeps (`data.js`).

An entry has a name, a unit and a value. Which direction is better stands in the history's tool;
in a bare list it follows from the unit. Of a history the newest commit of each suite is read.
"""

from __future__ import annotations

import re
from typing import Any

from microbench.errors import InputError
from microbench.measured.reading import (
    MICROSECONDS,
    RATES,
    Gathered,
    Reading,
    finite,
    named,
    text_of,
)
from microbench.measured.source import Source
from microbench.reading import parse_json

PREFIX = re.compile(r"^\s*window\.BENCHMARK_DATA\s*=\s*")


def _entries(body: Any) -> bool:
    return isinstance(body, list) and bool(body) and all(
        isinstance(e, dict) and {"name", "unit", "value"} <= e.keys() for e in body
    )  # fmt: skip


def _history(source: Source) -> Any:
    if not PREFIX.match(source.text):
        return source.json
    try:
        return parse_json(PREFIX.sub("", source.text).rstrip().rstrip(";"), source.file)
    except InputError:
        return None


def recognises(source: Source) -> bool:
    """Whether it is a list of entries or a history of them."""
    if PREFIX.match(source.text):
        return True
    body = source.json
    return _entries(body) or _is_history(body)


def _is_history(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("entries"), dict)


def read(source: Source, machine: str) -> Reading:
    """Read the entries; of a history the newest of each suite.

    Raises
    ------
    InputError
        Naming the key that is missing or no number.
    """
    gathered, body = Gathered(machine), _history(source)
    if body is None or (isinstance(body, list) and not _entries(body)):
        raise InputError(source.file, "", "", "not JSON behind window.BENCHMARK_DATA")
    if not isinstance(body, list) and not _is_history(body):
        raise InputError(source.file, "entries", body, "no suites in it")
    if isinstance(body, list):
        _read(source, gathered, body, "", "")
    else:
        for suite, runs in body["entries"].items():
            newest = runs[-1] if isinstance(runs, list) and runs else None
            if not isinstance(newest, dict) or not _entries(newest.get("benches")):
                raise InputError(source.file, f"entries.{suite}", newest, "no benches in it")
            tool = str(newest.get("tool"))
            _read(source, gathered, newest["benches"], f"entries.{suite}.", tool)
            gathered.notes.append(f"{suite}: the newest of {len(runs)} runs")
    return gathered.reading("github-action-benchmark")


def _read(
    source: Source, gathered: Gathered, entries: list[dict[str, Any]], where: str, tool: str
) -> None:
    for i, entry in enumerate(entries):
        key = f"{where}[{i}]"
        name = text_of(entry["name"], source, f"{key}.name")
        unit = text_of(entry["unit"], source, f"{key}.unit").strip()
        value = entry["value"]
        value = finite(float(value) if _numeric(value) else value, source, f"{key}.value")
        more = {}
        if tool.startswith("custom"):
            more["better"] = "smaller" if "Smaller" in tool else "larger"
        bare = unit.removesuffix("/op").removesuffix("/iter")
        if bare in MICROSECONDS:
            gathered.add(*named(name), value * MICROSECONDS[bare], "us", **more)
        elif unit in RATES:
            gathered.add(*named(name), value * RATES[unit], "MB/s", **more)
        else:
            gathered.add(*named(name), value, unit, metric="value", **more)


def _numeric(value: Any) -> bool:
    return (
        isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,12})?", value) is not None
    )
