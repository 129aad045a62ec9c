"""Maps of bpftrace by number or name of a system call: count, stats, hist; text and `-f json`.

One program may print several maps of the same calls (times and a histogram): the map that
counts best is read, the others are named. A map of two keys (`@[comm, nr]`) is summed over
what is no call.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from microbench.errors import InputError
from microbench.measured.calls.counts import Counts, Tally, whole
from microbench.measured.calls.numbers import names
from microbench.measured.source import Source

MAP = re.compile(r"^(?P<map>@[A-Za-z0-9_]*)\[(?P<key>.*)\]:\s*(?P<rest>.*)$")
STATS = re.compile(r"^count (?P<count>-?[0-9]+), average -?[0-9]+, total (?P<total>-?[0-9]{1,19})$")
BUCKET = re.compile(r"^\s*[\[(].*?[\])]\s+(?P<count>[0-9]+) \|.*\|\s*$")
BESIDE = re.compile(r"^(Attaching [0-9]+ probes?\.\.\.|Lost [0-9]+ events|stdin:.*WARNING.*)$")
PROBE = re.compile(
    r"^(?:tracepoint:)?(?:raw_)?(?:syscalls:)?(?:sys_(?:enter|exit)_)?(?P<name>[a-z][a-z0-9_]*)$"
)
BEST = ("stats", "count", "hist")


@dataclass
class _Map:
    kind: str = ""
    calls: dict[str, int] = field(default_factory=dict)
    total_ns: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, key: str, calls: int, total_ns: int | None = None) -> None:
        self.kind = kind
        self.calls[key] = self.calls.get(key, 0) + calls
        if total_ns is not None:
            self.total_ns[key] = self.total_ns.get(key, 0) + total_ns


Maps = dict[str, _Map]


def recognises(source: Source) -> bool:
    """Whether a keyed map of bpftrace is there, as text."""
    return any(MAP.match(line) for line in source.head.splitlines())


def recognises_json(source: Source) -> bool:
    """Whether the lines are the objects of `bpftrace -f json`."""
    return any(_object(line) is not None for _, line in list(source.numbered())[:50])


def read(source: Source, architecture: str = "x86-64") -> Counts:
    """Count the calls of a text.

    Raises
    ------
    InputError
        For a map that counts no calls.
    """
    tally = Tally()
    maps: Maps = {}
    current: tuple[str, str] | None = None
    for number, line in source.numbered():
        entry, bucket = MAP.match(line), BUCKET.match(line)
        if entry:
            current = (entry["map"], entry["key"])
            _entry(source, number, entry["map"], entry["key"], entry["rest"].strip(), maps)
        elif bucket and current:
            maps.setdefault(current[0], _Map()).add("hist", current[1], int(bucket["count"]))
        elif not BESIDE.match(line.strip()):
            tally.skip(number, line)
    return _counts(source, tally, maps, architecture, "bpftrace")


def _entry(source: Source, number: int, name: str, key: str, rest: str, maps: Maps) -> None:
    found = maps.setdefault(name, _Map())
    stats = STATS.match(rest)
    if not rest:
        found.add("hist", key, 0)
    elif stats and whole(stats["count"]) is not None:
        found.add("stats", key, int(stats["count"]), int(stats["total"]))
    elif whole(rest) is not None:
        found.add("count", key, int(rest))
    else:
        raise source.error(number, "neither a count, nor stats, nor a histogram")


def read_json(source: Source, architecture: str = "x86-64") -> Counts:
    """Count the calls of `-f json`.

    Raises
    ------
    InputError
        For a line that is no object, or a map that counts no calls.
    """
    tally = Tally()
    maps: Maps = {}
    for number, line in source.numbered():
        body = _object(line)
        if body is None:
            if line.lstrip().startswith("{"):
                raise source.error(number, "a damaged line of bpftrace -f json")
            tally.skip(number, line)
            continue
        for name, kind, key, value in _values(body):
            if not _take(maps.setdefault(name, _Map()), kind, key, value):
                raise source.error(number, f"{name}[{key}] is no {kind}")
        if body["type"] == "lost_events":
            tally.note("bpftrace lost events: the counts are too small")
    return _counts(source, tally, maps, architecture, "bpftrace -f json")


def _object(line: str) -> dict[str, Any] | None:
    if not line.lstrip().startswith("{"):
        return None
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return (
        body
        if isinstance(body, dict) and isinstance(body.get("type"), str) and "data" in body
        else None
    )


def _values(body: dict[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    if body["type"] not in ("map", "stats", "hist", "lhist") or not isinstance(body["data"], dict):
        return
    for name, keyed in body["data"].items():
        if isinstance(keyed, dict):
            for key, value in keyed.items():
                yield name, body["type"], key, value


def _take(found: _Map, kind: str, key: str, value: Any) -> bool:
    """Keep one value; whether it is of its kind."""
    if kind in ("hist", "lhist"):
        buckets = value if isinstance(value, list) else [None]
        counts = [b.get("count") if isinstance(b, dict) else None for b in buckets]
        if not all(_is_count(count) for count in counts):
            return False
        found.add("hist", key, sum(int(count) for count in counts if count))
    elif kind == "stats":
        if not isinstance(value, dict) or not _is_count(value.get("count")):
            return False
        total = value.get("total")
        found.add("stats", key, value["count"], total if _is_total(total) else None)
    elif _is_count(value):
        found.add("count", key, value)
    else:
        return False
    return True


def _is_total(value: Any) -> bool:
    return isinstance(value, int) and abs(value) < 10**19


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and whole(str(value)) is not None


def _counts(source: Source, tally: Tally, maps: Maps, architecture: str, kind: str) -> Counts:
    named = {name: {k: _call(k, architecture) for k in found.calls} for name, found in maps.items()}
    useful = [name for name in maps if any(named[name].values())]
    if not useful:
        raise InputError(source.file, "", "", "no map of bpftrace is keyed by system call")
    ranked = sorted(useful, key=lambda name: BEST.index(maps[name].kind))
    same = [n for n in ranked if maps[n].kind == "count"]
    if maps[ranked[0]].kind == "count" and len(same) > 1:
        raise InputError(source.file, "", "", f"{' and '.join(same)} may all be counts: keep one")
    chosen = maps[ranked[0]]
    for key, calls in chosen.calls.items():
        name = named[ranked[0]][key] or f"call {key}"
        total = chosen.total_ns.get(key)
        tally.add(name, calls, None, None if total is None else total / 1e9)
    for other in sorted(set(maps) - {ranked[0]}):
        tally.note(f"map {other} left out: {ranked[0]} counts the same calls")
    if any(part.strip().isdigit() for key in chosen.calls for part in key.split(",")):
        tally.note(f"numbers read as those of {architecture} (--arch)")
    return tally.counts(kind)


def _call(key: str, architecture: str) -> str:
    """The call a key names, "" if none: a number, a probe, or one part of several."""
    for part in reversed(key.split(",")):
        text = part.strip()
        if re.fullmatch(r"[0-9]{1,4}", text):
            return names(architecture).get(int(text), "")
        probe = PROBE.match(text)
        if probe and probe["name"] in names(architecture).values():
            return probe["name"]
    return ""
