"""What this machine says about itself: processor, kernel, clocks, caches, load. No host name.

Reads /proc and /sys under a root that a test can give. What is not there is left out.
"""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class CacheFacts:
    """One cache as sysfs has it."""

    level: int
    kind: str
    size_bytes: int
    ways: int
    line_bytes: int


@dataclass(frozen=True)
class System:
    """Where facts are read."""

    root: Path = Path("/")
    cpu: int = 0

    def text(self, path: str) -> str:
        """A file's text without its end, "" where there is none."""
        with suppress(OSError), (self.root / path).open("rb") as file:
            return file.read(MOST_BYTES).decode(errors="replace").strip()
        return ""

    def cpuinfo(self) -> dict[str, str]:
        """The first processor's lines of /proc/cpuinfo."""
        found: dict[str, str] = {}
        for line in self.text("proc/cpuinfo").splitlines():
            key, colon, value = line.partition(":")
            if colon:
                found.setdefault(key.strip(), value.strip())
        return found

    def caches(self) -> list[CacheFacts]:
        """Caches of the processor, nearest first; those without ways or size left out."""
        base = self.root / f"sys/devices/system/cpu/cpu{self.cpu}/cache"
        found = []
        for index in sorted(base.glob("index*")):
            words = {
                key: self.text(str(index.relative_to(self.root) / name))
                for key, name in (
                    *(("level", "level"), ("kind", "type"), ("size", "size")),
                    *(("ways", "ways_of_associativity"), ("line", "coherency_line_size")),
                )
            }
            size = words["size"].removesuffix("K")
            if all(words[k].isdigit() for k in ("level", "ways", "line")) and size.isdigit():
                found.append(
                    CacheFacts(
                        int(words["level"]),
                        words["kind"],
                        int(size) << 10,
                        int(words["ways"]),
                        int(words["line"]),
                    )
                )
        return [cache for cache in found if cache.ways and cache.size_bytes]

    def cpu_times(self) -> list[int]:
        """Ticks of the processor: user, nice, system, idle, iowait, irq, softirq, steal ..."""
        for line in self.text("proc/stat").splitlines():
            words = line.split()
            if words and words[0] == f"cpu{self.cpu}":
                return [int(word) for word in words[1:] if word.isdigit()]
        return []

    def frequency_text(self, name: str) -> str:
        """A file of cpufreq."""
        return self.text(f"sys/devices/system/cpu/cpu{self.cpu}/cpufreq/{name}")

    def load(self) -> float:
        """Processes that wanted to run, over the last minute."""
        words = self.text("proc/loadavg").split()
        return float(words[0]) if words else 0.0

    def isolates(self) -> bool:
        """Whether the kernel keeps page tables of its own."""
        return "PTI" in self.text("sys/devices/system/cpu/vulnerabilities/meltdown")


def facts(system: System) -> dict[str, str]:
    """What goes beside the rows, as texts; empty ones left out."""
    info = system.cpuinfo()
    caches = ", ".join(f"L{c.level} {c.kind} {c.size_bytes >> 10}K" for c in system.caches())
    frequency = system.frequency_text("scaling_governor")
    bugs = "sys/devices/system/cpu/vulnerabilities"
    clock = "sys/devices/system/clocksource/clocksource0/current_clocksource"
    found = {
        "processor": info.get("model name", "") or info.get("CPU part", ""),
        "architecture": platform.machine(),
        "processors": str(os.cpu_count() or ""),
        "virtual": "yes" if "hypervisor" in info.get("flags", "").split() else "",
        "kernel": f"{platform.system()} {platform.release()}",
        "libc": " ".join(platform.libc_ver()).strip(),
        "governor": frequency,
        "clock_source": system.text(clock),
        "caches": caches,
        "meltdown": system.text(f"{bugs}/meltdown"),
        "spectre_v2": system.text(f"{bugs}/spectre_v2"),
        "load": f"{system.load():.2f}",
        "pinned_to": str(system.cpu),
    }
    return {key: value for key, value in found.items() if value}


def idle_share(before: list[int], after: list[int]) -> float | None:
    """Share of the ticks between two readings in which the processor was idle."""
    spent = [b - a for a, b in zip(before, after, strict=False)]
    return spent[3] / sum(spent) if len(spent) > 3 and sum(spent) > 0 else None


def stolen(before: list[int], after: list[int]) -> int:
    """Ticks the host took away between two readings."""
    return after[7] - before[7] if len(before) > 7 and len(after) > 7 else 0
