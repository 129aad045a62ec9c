"""Which keys a machine file may have, with their units, limits and the words they allow.

The one list from which the loader, `--set`, `show machine` and the documentation read; a new
key is one entry. A sheet has a part for one CPU, a part `[smp]` for many, or both; the core
clock belongs to both. What a part must give is asked only where the sheet has that part.
"""

from __future__ import annotations

from collections.abc import Mapping

from microbench.machine.core_keys import CORE_NUMBERS, CORE_WORDS

CYCLES = frozenset({"cycles"})
BYTES = frozenset({"bytes"})
HERTZ = frozenset({"Hz"})
COUNT = frozenset({"count"})
CLOCKS = frozenset({"sdram_clocks"})
BUS_CLOCKS = frozenset({"bus_clocks"})
NANOSECONDS = frozenset({"ns"})
MICROSECONDS = frozenset({"us"})
CPUS = frozenset({"cpus"})
TIME = frozenset({"cycles", "ns"})
LONG_TIME = frozenset({"cycles", "ns", "us"})
SMP = "smp."
CLOCK = "core.clock_hz"

NUMBERS: dict[str, frozenset[str]] = {
    "core.clock_hz": HERTZ,
    "core.instruction_cycles": CYCLES,
    "core.word_cycles": CYCLES,
    "core.multiple_cycles": CYCLES,
    "core.load_use_stall_cycles": CYCLES,
    "core.load_result_cycles": CYCLES,
    "core.branch_miss_cycles": CYCLES,
    "core.return_by_load_cycles": CYCLES,
    "core.return_by_register_cycles": CYCLES,
    "core.btb_entries": COUNT,
    "trap.syscall_cycles": CYCLES,
    "trap.fault_cycles": CYCLES,
    "trap.interrupt_cycles": CYCLES,
    "trap.return_cycles": CYCLES,
    "special.move_to_coprocessor_cycles": CYCLES,
    "special.move_from_coprocessor_cycles": CYCLES,
    "special.status_register_cycles": CYCLES,
    "special.space_register_cycles": CYCLES,
    "special.serialise_cycles": CYCLES,
    "special.segment_register_cycles": CYCLES,
    "special.fast_entry_cycles": CYCLES,
    "special.system_register_cycles": CYCLES,
    "itlb.entries": COUNT,
    "dtlb.entries": COUNT,
    "tlb.walk_cycles": CYCLES,
    "tlb.invalidate_cycles": CYCLES,
    "switch.cycles": CYCLES,
    **{
        f"{cache}.{field}": unit
        for cache in ("l1i", "l1d")
        for field, unit in (("size_bytes", BYTES), ("ways", COUNT), ("line_bytes", BYTES))
    },
}
"""Numbers the part of one CPU must give."""

OPTIONAL_NUMBERS: dict[str, frozenset[str]] = {
    "sdram.clock_hz": HERTZ,
    "bus.clock_hz": HERTZ,
    "sdram.overhead_clocks": BUS_CLOCKS,
    "sdram.cas_clocks": CLOCKS,
    "sdram.second_burst_clocks": CLOCKS,
    "sdram.row_miss_clocks": CLOCKS,
    "sdram.line_beats_clocks": CLOCKS,
    "sdram.write_clocks": CLOCKS,
    "sdram.row_bytes": BYTES,
    "sdram.banks": COUNT,
    "memory.latency_ns": NANOSECONDS,
    "l1d.dirty_bytes": BYTES,
    "write_queue.entries": COUNT,
    "maintenance.clean_line_cycles": CYCLES,
    "maintenance.range_line_cycles": CYCLES,
    "maintenance.area_line_cycles": CYCLES,
    "maintenance.fixed_cycles": CYCLES,
    "maintenance.drain_cycles": CYCLES,
    "maintenance.pte_write_cycles": CYCLES,
    "tlb.second_entries": COUNT,
    "tlb.second_cycles": CYCLES,
    **{
        f"{cache}.{field}": unit
        for cache in ("l2", "l3")
        for field, unit in (
            ("size_bytes", BYTES),
            ("ways", COUNT),
            ("line_bytes", BYTES),
            ("latency_cycles", CYCLES),
        )
    },
    **CORE_NUMBERS,
}
"""Numbers a machine may give; what is absent is not there (no L2, no write queue) or free."""

WORDS: dict[str, tuple[str, ...]] = {
    "space_switch": ("full", "tagged"),
    "l1i.index": ("vivt", "vipt", "pipt"),
    "l1d.index": ("vivt", "vipt", "pipt"),
    "l1i.replacement": ("round_robin", "lru"),
    "l1d.replacement": ("round_robin", "lru"),
    "l1d.write_allocate": ("no", "yes"),
    "l1d.write_policy": ("write_back", "write_through"),
    "tlb.tag": ("none", "domain", "asid", "region", "pcid"),
    "tlb.global_pages": ("no", "yes"),
    "tlb.walk": ("memory", "cached", "software"),
}
"""Words the part of one CPU must give, the first one being no default: all are required."""

OPTIONAL_WORDS: dict[str, tuple[str, ...]] = {
    "write_queue.coalesces": ("no", "yes"),
    "l2.replacement": ("round_robin", "lru"),
    "l3.replacement": ("round_robin", "lru"),
    "kernel_isolation": ("no", "yes"),
    "tlb.flush_filter": ("no", "yes"),
    "architecture": (
        *("armv4", "armv5", "armv7", "armv8", "i586", "i686", "x86-64"),
        *("ia64", "mips64", "ppc32", "riscv64"),
    ),
    **CORE_WORDS,
}

LINE_COSTS = (
    *("hit", "atomic", "core", "cluster", "socket", "other", "hop", "third"),
    *("read_core", "read_cluster", "read_socket", "read_other", "read_busy", "memory_busy"),
)
"""What moving a cache line costs, by distance."""
MOST_IDLE_STATES = 4

SMP_NUMBERS: dict[str, frozenset[str]] = {
    CLOCK: HERTZ,
    "smp.topology.cpus": CPUS,
    "smp.topology.threads_per_core": CPUS,
    "smp.topology.cpus_per_cluster": CPUS,
    "smp.topology.cpus_per_socket": CPUS,
    "smp.topology.smt_slowdown": frozenset({"ratio"}),
    **{f"smp.line.{name}": TIME for name in LINE_COSTS},
    "smp.page.lines": frozenset({"lines"}),
    "smp.page.clear_line": TIME,
    **{f"smp.sleep.{name}": LONG_TIME for name in ("sleep", "wake", "resume")},
    **{f"smp.interrupt.{name}": LONG_TIME for name in ("first", "each", "handle")},
}
"""Numbers the part of many CPUs must give, with the units each may be written in."""

IDLE_NUMBERS: dict[str, frozenset[str]] = {
    f"smp.idle.{state}.{field}": MICROSECONDS
    for state in range(1, MOST_IDLE_STATES + 1)
    for field in ("stay", "leave")
}
"""Idle states, `[[smp.idle]]` in a file: shortest stay and time to leave."""
SMP_MEASURED: dict[str, frozenset[str]] = {
    "smp.line.poll": TIME,
    "smp.line.batch": frozenset({"moves"}),
    "smp.line.port": TIME,
    "smp.line.middle": TIME,
    "smp.line.served": frozenset({"ratio"}),
    "smp.line.lost": frozenset({"ratio"}),
    "smp.page.fresh_line": TIME,
}
"""Numbers that stand in for a rule of all machines where this one was measured."""
MOST_TURBO_STEPS = 4
TURBO_NUMBERS: dict[str, frozenset[str]] = {
    f"smp.turbo.{step}.{field}": units
    for step in range(1, MOST_TURBO_STEPS + 1)
    for field, units in (("cores", CPUS), ("ratio", frozenset({"ratio"})))
}
"""Steps of the clock, `[[smp.turbo]]` in a file: up to so many busy cores of a socket run at so
many times the core clock; with more than the last step has, they run as the last."""
SMP_OPTIONAL_NUMBERS = {**IDLE_NUMBERS, **SMP_MEASURED, **TURBO_NUMBERS}

SMP_WORDS: dict[str, tuple[str, ...]] = {
    "smp.memory": ("bus", "node"),
    "smp.topology.kind": ("flat", "ring", "cube", "tree"),
}
SMP_OPTIONAL_WORDS: dict[str, tuple[str, ...]] = {
    "smp.socket_copies": ("no", "yes"),
    "smp.prefetch_owns": ("no", "yes"),
    "smp.core": (*("skylake", "haswell", "haswell-pti", "haswell-cleared", "zen3", "cortex-a72"),),
}

LIMITS: dict[str, tuple[float, float]] = {
    "Hz": (1e6, 1e12),
    "cycles": (0, 1e7),
    "ns": (0, 1e7),
    "us": (0, 1e6),
    "sdram_clocks": (0, 1e5),
    "ratio": (0, 100),
    "cpus": (1, 2**16),
    "lines": (1, 2**16),
    "instruction_cycles": (0.01, 1e4),
    "size_bytes": (1, 2**28),
    "ways": (1, 2**10),
    "line_bytes": (8, 512),
    "dirty_bytes": (1, 512),
    "row_bytes": (1, 2**24),
    "entries": (0, 2**14),
    "second_entries": (0, 2**16),
    "btb_entries": (0, 2**20),
    "banks": (1, 2**16),
}
"""Least and most of a unit or, before that, of a field: no mistyped number may ask for the
memory of the host or for more time than the engine's integers hold."""
ANY = (0, 2.0**53)
MOST_LINES = {"l1i": 2**17, "l1d": 2**17, "l2": 2**22, "l3": 2**22}
"""Lines of a cache, so that flushing one stays a matter of seconds."""

ONE = frozenset({*NUMBERS, *OPTIONAL_NUMBERS, *WORDS, *OPTIONAL_WORDS})
"""Keys of the part for one CPU."""


def for_one(words: Mapping[str, str]) -> bool:
    """Whether a sheet with these words says what one CPU does."""
    return "space_switch" in words


def for_many(words: Mapping[str, str]) -> bool:
    """Whether it says what many CPUs do."""
    return "smp.memory" in words


def all_numbers() -> dict[str, frozenset[str]]:
    """Every number there is, with its units."""
    return {**NUMBERS, **OPTIONAL_NUMBERS, **SMP_NUMBERS, **SMP_OPTIONAL_NUMBERS}


def all_words() -> dict[str, tuple[str, ...]]:
    """Every word there is, with what it may be."""
    return {**WORDS, **OPTIONAL_WORDS, **SMP_WORDS, **SMP_OPTIONAL_WORDS}


def full_key(key: str) -> str:
    """The key as it stands in the list: `line.other` is short for `smp.line.other`."""
    known = all_numbers().keys() | all_words().keys()
    return SMP + key if key not in known and SMP + key in known else key
