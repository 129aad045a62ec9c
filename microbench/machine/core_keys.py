"""Keys of a machine file that only the replay of today's recorded kernels reads.

All are optional: what a machine does not state costs nothing, or does not exist on it.
"""

from __future__ import annotations

_CYCLES = frozenset({"cycles"})
_COUNT = frozenset({"count"})
_NANOSECONDS = frozenset({"ns"})
_RATIO = frozenset({"ratio"})

OPERATIONS = (
    *("swap_base", "read_base", "write_base", "read_register", "write_control", "clear_task"),
    *("read_clock", "user_access", "speculation_barrier", "clear_buffers"),
    *("save_state", "restore_state", "reset_state", "locked", "exclusive"),
    *("barrier", "full_barrier", "zero_line"),
)
"""Privileged, ordered and locked operations, beyond those of `special`."""
MITIGATIONS = ("entry", "exit", "switch", "return", "indirect")
"""What a kernel does against leaks: at each way in by user code, each way out, each switch of
processes, each return and each indirect branch of its own."""

CORE_NUMBERS: dict[str, frozenset[str]] = {
    "trap.fault_return_cycles": _CYCLES,
    "pipeline.taken_cycles": _CYCLES,
    "pipeline.target_miss_cycles": _CYCLES,
    "pipeline.mispredicted": _RATIO,
    "pipeline.window_instructions": _COUNT,
    "pipeline.window_cycles": _CYCLES,
    "pipeline.parallel_misses": _COUNT,
    "pipeline.streams": _COUNT,
    "l1d.latency_cycles": _CYCLES,
    "l2.code_line_cycles": _CYCLES,
    "l3.code_line_cycles": _CYCLES,
    "l2.stream_line_cycles": _CYCLES,
    "l3.stream_line_cycles": _CYCLES,
    "memory.stream_line_ns": _NANOSECONDS,
    "memory.write_line_ns": _NANOSECONDS,
    "itlb.ways": _COUNT,
    "dtlb.ways": _COUNT,
    "tlb.second_ways": _COUNT,
    "string.start_cycles": _CYCLES,
    "string.l2_line_cycles": _CYCLES,
    "string.l3_line_cycles": _CYCLES,
    "string.line_cycles": _CYCLES,
    "wake.other_cpu_ns": _NANOSECONDS,
    **{f"operation.{name}_cycles": _CYCLES for name in OPERATIONS},
    **{f"mitigation.{name}_cycles": _CYCLES for name in MITIGATIONS},
}

CORE_WORDS: dict[str, tuple[str, ...]] = {
    "kernel_variant": (
        *("plain", "isolated", "unmitigated", "safe_return", "isolated_cleared", "lse"),
    ),
    "placement": ("one_cpu", "spread"),
    "l1i.victim": ("oldest", "random"),
    "l1d.victim": ("oldest", "random"),
}
"""`kernel_variant`: which recording of a kernel is this part's. `placement`: whether two
processes that wake each other share a CPU, or each has one. `victim`: which line of a set goes."""
