"""lmbench's raw output: one line a result, or a heading and a series of `size value`.

Times and rates are what its programs print; sizes are megabytes of 1,000,000 bytes, rounded in
print, so a size is the power of two (or half way to the next) within one per cent.
"""

from __future__ import annotations

import re
from dataclasses import replace

from microbench.measured.lmbench_names import FACTS, HEADINGS, NAMED, PATTERNS
from microbench.measured.reading import MICROSECONDS, RATES, Gathered, Reading
from microbench.measured.source import Source

NUMBER = r"[0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,12}"
WHOLE = r"[0-9]{1,9}"
VALUE = re.compile(rf"^\"?(?P<what>[^:\"]+): (?P<value>{NUMBER}) (?P<unit>[A-Za-z/]+)\.?\s*$")
FACT = re.compile(r"^\[(?P<key>[A-Za-z_ ]+?): ?(?P<value>.*?)\]?$")
RESULTS = re.compile(r"^\[lmbench(?P<version>[0-9.]+)?\S* results for (?P<os>\S+)")
RING = re.compile(rf"^\"?size=(?P<kib>{WHOLE})k ovr=(?P<overhead>{NUMBER})\s*$")
STRIDE = re.compile(rf"^\"stride=(?P<stride>{WHOLE})\s*$")
PAIR = re.compile(rf"^(?P<x>{NUMBER})\s+(?P<y>{NUMBER})(?:\s+MB/sec)?\s*$")
FILES = re.compile(rf"^(?P<kib>{WHOLE})k\s+[0-9]+\s+(?P<made>{WHOLE})\s+(?P<removed>{WHOLE})\s*$")
CACHE = re.compile(rf"^(?P<level>L[1-4] cache): [0-9]+ bytes (?P<ns>{NUMBER}) nanoseconds.*$")
DAMAGED = re.compile(r"^(Simple|Signal handler|Process fork|Pipe|AF_UNIX|Protection|Select on)")
MHZ = re.compile(r"^([0-9]{1,6}(?:\.[0-9]{1,9})?) MHz")
LENGTH = {"us": 1.0, "ns": 1e-3}
SIZES = tuple(2**p * k // 2 for p in range(6, 41) for k in (2, 3))


def recognises(source: Source) -> bool:
    """Whether lmbench's own words are there."""
    lines = source.lines[:3000]
    return any(RESULTS.match(line) or _named(line) or RING.match(line) for line in lines)


def _named(line: str) -> bool:
    found = VALUE.match(line)
    return found is not None and found["what"] in NAMED


def read(source: Source, machine: str) -> Reading:
    """Read all results of a raw output.

    Raises
    ------
    InputError
        For a result line of lmbench without its number, naming the line.
    """
    gathered, series = Gathered(machine), _Series()
    for number, line in source.numbered():
        if _single(gathered, line) or series.line(gathered, line):
            continue
        if DAMAGED.match(line) and ":" in line:
            raise source.error(number, "no number and unit behind the name of a result")
        gathered.skip(number, line)
    _cycles(gathered)
    return gathered.reading("lmbench")


def _cycles(gathered: Gathered) -> None:
    """Cycles behind every time, where the file says the clock."""
    clock = MHZ.match(gathered.facts.get("mhz", ""))
    if clock:
        gathered.rows = [
            replace(row, cycles=round(row.value * float(clock[1]) * LENGTH[row.unit]))
            if row.unit in LENGTH
            else row
            for row in gathered.rows
        ]


def _single(gathered: Gathered, line: str) -> bool:
    """Take a line that stands for itself; whether it was one."""
    results, fact, cache = RESULTS.match(line), FACT.match(line), CACHE.match(line)
    if results:
        gathered.facts["lmbench"] = results["version"] or "unknown"
        gathered.facts["os"] = results["os"]
    elif fact:
        if fact["key"].lower() in FACTS:
            gathered.facts[fact["key"].lower()] = fact["value"].strip()
    elif cache:
        gathered.add("cache", cache["level"], float(cache["ns"]), "ns")
    else:
        found = VALUE.match(line)
        return found is not None and _value(gathered, found)
    return True


def _value(gathered: Gathered, found: re.Match[str]) -> bool:
    name = NAMED.get(found["what"]) or _by_pattern(found["what"])
    unit, value = found["unit"], float(found["value"])
    if name is None:
        return False
    if unit in RATES:
        gathered.add(*name, value * RATES[unit], "MB/s")
    elif unit in MICROSECONDS and name[0] in ("lat_ops", "stream"):
        gathered.add(*name, value * MICROSECONDS[unit] * 1e3, "ns")
    elif unit in MICROSECONDS:
        gathered.add(*name, value * MICROSECONDS[unit], "us")
    else:
        return False
    return True


def _by_pattern(what: str) -> tuple[str, str] | None:
    for pattern, benchmark, args in PATTERNS:
        found = re.fullmatch(pattern, what)
        if found:
            words = {k: v.lower() for k, v in found.groupdict().items()}
            return benchmark.format(**words), args.format(**words)
    return None


class _Series:
    """The heading a line of two numbers belongs to."""

    def __init__(self) -> None:
        self.kind = ""
        self.heading: tuple[str, str, str] = ("", "", "")
        self.about = ""
        self.size = ""

    def line(self, gathered: Gathered, line: str) -> bool:
        """Take a heading or a line below one; whether it was either."""
        bare = line.strip().strip('"').rstrip(":")
        ring, stride, pair, files = (p.match(line) for p in (RING, STRIDE, PAIR, FILES))
        if bare in HEADINGS:
            self.kind, self.heading = "sizes", HEADINGS[bare]
        elif bare in ("Memory load latency", "Random load latency"):
            self.kind, self.about = "", "-t " if bare.startswith("Random") else ""
        elif bare == "File system latency":
            self.kind = "files"
        elif ring:
            self.kind, self.size = "ring", ring["kib"]
            gathered.add("lat_ctx", f"-s {self.size} 1", float(ring["overhead"]), "us")
        elif stride:
            self.kind, self.heading = "chase", ("lat_mem_rd", stride["stride"], "ns")
        elif pair and self.kind in ("sizes", "ring", "chase"):
            self._pair(gathered, float(pair["x"]), float(pair["y"]))
        elif files and self.kind == "files":
            for word in ("made", "removed"):
                size = f"{files['kib']}k"
                gathered.add("lat_fs", size, float(files[word]), "files/s", metric=word)
        else:
            return False
        return True

    def _pair(self, gathered: Gathered, x: float, y: float) -> None:
        if self.kind == "ring":
            gathered.add("lat_ctx", f"-s {self.size} {x:.0f}", y, "us")
            return
        benchmark, args, unit = self.heading
        size = size_bytes(x)
        if self.kind == "chase":
            metric = f"latency at {size} bytes"
            gathered.add(benchmark, f"{self.about}{args}", y, unit, metric=metric)
        else:
            gathered.add(benchmark, args.format(size=size_word(size)), y, unit)


def size_bytes(megabytes: float) -> int:
    """Bytes of a size in print; the near power of two, or one and a half of one."""
    given = megabytes * 1e6
    near = min(SIZES, key=lambda size: abs(size - given))
    binary = megabytes * 2**20
    nearer = min(SIZES, key=lambda size: abs(size - binary))
    if abs(near - given) <= 0.01 * given:
        return near
    return nearer if abs(nearer - binary) <= 0.03 * binary else round(given)


def size_word(size: int) -> str:
    """Bytes as lmbench's arguments have them."""
    for suffix, unit in (("m", 2**20), ("k", 2**10)):
        if size % unit == 0 and size > unit:
            return f"{size // unit}{suffix}"
    return str(size)
