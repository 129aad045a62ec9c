"""Which keys a machine file may have, with their units and the words they allow.

The one list from which the loader, `--set`, `show machine` and the documentation read.
"""

from __future__ import annotations

CYCLES = frozenset({"cycles"})
BYTES = frozenset({"bytes"})
HERTZ = frozenset({"Hz"})
COUNT = frozenset({"count"})
CLOCKS = frozenset({"sdram_clocks"})
NANOSECONDS = frozenset({"ns"})

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
"""Numbers every machine must give."""

OPTIONAL_NUMBERS: dict[str, frozenset[str]] = {
    "sdram.clock_hz": HERTZ,
    "sdram.overhead_clocks": CLOCKS,
    "sdram.cas_clocks": CLOCKS,
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
"""Words every machine must give, the first one being no default: all are required."""

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
}

MOST = {
    "size_bytes": 2**28,
    "ways": 2**10,
    "line_bytes": 512,
    "entries": 2**14,
    "second_entries": 2**16,
}
"""Largest value of a field, so that a mistyped size cannot ask for the host's memory."""
