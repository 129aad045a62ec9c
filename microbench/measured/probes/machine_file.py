"""A machine file of this machine: what was measured or read, and the nearest machine for the rest.

Sizes come from sysfs and CPUID, latencies and the clock from probes. Where a size is none the
model can have (sets that are no power of two), the next smaller legal one stands, marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from microbench.datafiles import data_dir, data_names
from microbench.measured.probes.facts import CacheFacts, System
from microbench.reading import read_toml

CHAIN_CYCLES = 4
"""Cycles of a multiply and an add that wait for one another, on x86 of the last ten years."""
MOST_CACHE = 2**28
LIKE_X86 = "x86_64"


@dataclass(frozen=True)
class Number:
    """One line of the file."""

    key: str
    value: float
    unit: str
    source: str
    certainty: str
    low: float | None = None
    high: float | None = None

    def text(self) -> str:
        """The line, without its table's name."""
        ends = "" if self.low is None else f", low = {self.low:.6g}, high = {self.high:.6g}"
        value = f"{self.value:.0f}" if self.value == int(self.value) else f"{self.value:.6g}"
        said = f'unit = "{self.unit}", source = "{self.source}", certainty = "{self.certainty}"'
        return f"{self.key.partition('.')[2]} = {{ value = {value}, {said}{ends} }}"


@dataclass(frozen=True)
class Latency:
    """Time of a dependent load in a buffer [ns]."""

    size_bytes: int
    ns: float
    low_ns: float
    high_ns: float


def nearest(system: System, architecture: str) -> str:
    """The packaged machine a processor is nearest to."""
    table = read_toml(data_dir() / "host" / "nearest.toml")
    known, info = data_names("machines", ".toml"), system.cpuinfo()
    for line in table["nearest"]:
        machine = next((name for name in line["machine"] if name in known), None)
        if machine is not None and _fits(line, info, architecture):
            return machine
    return "skylake"


def _fits(line: Mapping[str, Any], info: Mapping[str, str], architecture: str) -> bool:
    if line.get("architecture", architecture) != architecture:
        return False
    names = {"family": "cpu family", "model": "model"}
    for key in ("family", "model"):
        if key in line and info.get(names[key], "") not in map(str, line[key]):
            return False
    if line.get("vendor_id", info.get("vendor_id")) != info.get("vendor_id"):
        return False
    arm = ("implementer", "CPU implementer"), ("part", "CPU part")
    for key, said in arm:
        allowed = line.get(key)
        if allowed is not None and info.get(said, "") not in allowed:
            return False
    return True


def sizes(caches: Iterable[CacheFacts]) -> list[Number]:
    """Size, ways and line of every cache the model has."""
    found = []
    for cache in caches:
        name = _name(cache)
        if name is None:
            continue
        legal = _legal(cache)
        same = legal == cache.size_bytes
        source = "SYSFS; as the processor reports it"
        rounded = f"{source}: {cache.size_bytes} bytes, rounded down to sets of a power of two"
        found += [
            Number(f"{name}.size_bytes", legal, "bytes", *_said(same, source, rounded)),
            Number(f"{name}.ways", cache.ways, "count", source, "manual"),
            Number(f"{name}.line_bytes", cache.line_bytes, "bytes", source, "manual"),
        ]
    return found


def _said(same: bool, plain: str, rounded: str) -> tuple[str, str]:
    return (plain, "manual") if same else (rounded, "computed")


def _name(cache: CacheFacts) -> str | None:
    if cache.level == 1:
        return {"Data": "l1d", "Instruction": "l1i"}.get(cache.kind)
    return {2: "l2", 3: "l3"}.get(cache.level)


def _legal(cache: CacheFacts) -> int:
    way = cache.ways * cache.line_bytes
    sets = max(1, min(cache.size_bytes, MOST_CACHE) // way)
    return way * (1 << (sets.bit_length() - 1))


def translation(entries: Mapping[str, int]) -> list[Number]:
    """Entries of the TLBs."""
    source = "CPUID; for 4 KB pages, as the processor reports it"
    return [Number(key, value, "count", source, "manual") for key, value in entries.items()]


def clock(chain_ns: float | None, low: float, high: float, said_hz: float) -> Number | None:
    """The core's clock: from a chain of instructions on x86, else as cpufreq has it."""
    if chain_ns:
        value, slow, fast = (round(CHAIN_CYCLES / ns * 1e9, -6) for ns in (chain_ns, high, low))
        source = f"PROBES; a chain of multiply and add takes {CHAIN_CYCLES} cycles"
        ends = (min(slow, value), max(fast, value))
        return Number("core.clock_hz", value, "Hz", source, "measured", *ends)
    if said_hz:
        return Number("core.clock_hz", said_hz, "Hz", "SYSFS; cpufreq", "measured")
    return None


def latencies(
    loads: Sequence[Latency], caches: Iterable[CacheFacts], clock_hz: float
) -> list[Number]:
    """Of each level the load that fits it and not the level before."""
    unified = sorted((c.level, c.size_bytes) for c in caches if c.level > 1)
    first = min((c.size_bytes for c in caches if c.level == 1), default=0)
    found, smaller = [], first
    for level, size in unified:
        inside = [x for x in loads if smaller < x.size_bytes <= size]
        if inside and level in (2, 3):
            load = min(inside, key=lambda x: abs(x.size_bytes * 2 - size))
            ns = (load.ns, load.low_ns, load.high_ns)
            cycles = [round(x * clock_hz / 1e9, 1) for x in ns]
            source = f"PROBES; dependent loads in {load.size_bytes} bytes"
            key = f"l{level}.latency_cycles"
            found.append(Number(key, cycles[0], "cycles", source, "measured", *cycles[1:]))
        smaller = size
    beyond = [x for x in loads if x.size_bytes > smaller]
    if beyond:
        load = max(beyond, key=lambda x: x.size_bytes)
        source = f"PROBES; dependent loads in {load.size_bytes} bytes, with their TLB misses"
        ends = (round(load.low_ns, 1), round(load.high_ns, 1))
        ns_value = min(max(round(load.ns, 1), ends[0]), ends[1])
        found.append(Number("memory.latency_ns", ns_value, "ns", source, "measured", *ends))
    return found


def machine_text(
    name: str, title: str, like: str, isolated: bool, numbers: Iterable[Number]
) -> str:
    """The whole file."""
    tables: dict[str, list[Number]] = {}
    for number in numbers:
        tables.setdefault(number.key.partition(".")[0], []).append(number)
    lines = [
        f'name = "{name}"',
        f'title = "{title}"',
        f'like = "{like}"',
        f'kernel_isolation = "{"yes" if isolated else "no"}"',
    ]
    for table, found in tables.items():
        lines += ["", f"[{table}]", *(number.text() for number in found)]
    return "\n".join(lines) + "\n"
