"""From a machine's description and a trace's size to the engine's parameter vector."""

from __future__ import annotations

import numpy as np

from microbench.machine import engine
from microbench.machine.spec import MachineSpec
from microbench.trace.ops import DEVICES, SPECIALS

PAGE_BYTES, LEAST_LINE_BYTES = 4096, 8
_CACHES = ("l1i", "l1d", "l2", "l3")


def ticks(cycles: float) -> int:
    """Cycles as the engine's integer ticks."""
    return round(cycles * engine.TICKS)


def memory_ticks(spec: MachineSpec) -> dict[str, int]:
    """Ticks of a line fill, a word read, a row miss, a write and a write-back part.

    The SDRAM's clocks are converted at the ratio of core to SDRAM clock; a machine that only
    states a latency [ns] gives it for fills and reads.
    """
    if not spec.has("sdram.clock_hz"):
        latency = ticks(spec.value("memory.latency_ns") * spec.value("core.clock_hz") / 1e9)
        quarter = latency // 4
        return {"fill": latency, "read": latency, "row": 0, "write": quarter, "part": quarter}
    ratio = spec.value("core.clock_hz") / spec.value("sdram.clock_hz")
    overhead, cas = spec.value("sdram.overhead_clocks"), spec.value("sdram.cas_clocks")
    beats, write = spec.value("sdram.line_beats_clocks"), spec.value("sdram.write_clocks")
    return {
        "fill": ticks(ratio * (overhead + cas + beats)),
        "read": ticks(ratio * (overhead + cas + 1)),
        "row": ticks(ratio * spec.value("sdram.row_miss_clocks")),
        "write": ticks(ratio * write),
        "part": ticks(ratio * write),
    }


def _scalars(spec: MachineSpec) -> dict[str, int]:
    memory = memory_ticks(spec)
    value, word = spec.value, spec.words
    tagged = word["tlb.tag"] != "none"
    isolated = word.get("kernel_isolation") == "yes"
    return {
        "tick_instruction": ticks(value("core.instruction_cycles")),
        "tick_word": ticks(value("core.word_cycles")),
        "tick_multiple": ticks(value("core.multiple_cycles")),
        "tick_load_use": ticks(value("core.load_use_stall_cycles")),
        "tick_dependent": ticks(max(0.0, value("core.load_result_cycles") - 1)),
        "tick_branch_miss": ticks(value("core.branch_miss_cycles")),
        "tick_return_load": ticks(value("core.return_by_load_cycles")),
        "tick_return_register": ticks(value("core.return_by_register_cycles")),
        "btb_entries": int(value("core.btb_entries")),
        "tick_fill": memory["fill"],
        "tick_read_word": memory["read"],
        "tick_row_miss": memory["row"],
        "row_shift": max(0, int(value("sdram.row_bytes", 1024)).bit_length() - 1),
        "banks": max(1, int(value("sdram.banks", 1))),
        "tick_write": memory["write"],
        "tick_write_back_part": memory["part"],
        "dirty_shift": _log2(int(value("l1d.dirty_bytes", value("l1d.line_bytes")))),
        "queue_entries": int(value("write_queue.entries")),
        "queue_coalesces": int(word.get("write_queue.coalesces") == "yes"),
        "write_allocate": int(word["l1d.write_allocate"] == "yes"),
        "write_through": int(word["l1d.write_policy"] == "write_through"),
        "walk_memory": int(word["tlb.walk"] == "memory"),
        "tick_walk": ticks(value("tlb.walk_cycles")),
        "tick_walk_large": ticks(value("tlb.walk_cycles")),
        "tick_l2_tlb": ticks(value("tlb.second_cycles")),
        "tlb_tagged": int(tagged),
        "tlb_global": int(word["tlb.global_pages"] == "yes" and not isolated),
        "tlb_domain": int(word["tlb.tag"] == "domain"),
        "space_switch_full": int(word["space_switch"] == "full"),
        "tick_space_write": ticks(value("switch.cycles")),
        "tick_trap_syscall": ticks(value("trap.syscall_cycles")),
        "tick_trap_fault": ticks(value("trap.fault_cycles")),
        "tick_trap_interrupt": ticks(value("trap.interrupt_cycles")),
        "tick_trap_return": ticks(value("trap.return_cycles")),
        "tick_clean_line": ticks(value("maintenance.clean_line_cycles")),
        "tick_range_line": ticks(value("maintenance.range_line_cycles")),
        "tick_clean_area_line": ticks(value("maintenance.area_line_cycles")),
        "tick_flush_fixed": ticks(value("maintenance.fixed_cycles")),
        "tick_pte_write": ticks(value("maintenance.pte_write_cycles")),
        "tick_tlb_invalidate": ticks(value("tlb.invalidate_cycles")),
        "tick_drain": ticks(value("maintenance.drain_cycles")),
        **{
            f"tick_special_{i}": ticks(value(f"special.{name}_cycles"))
            for i, name in enumerate(SPECIALS)
        },
        "clock_hz": int(value("core.clock_hz")),
        "has_l2": int(spec.has("l2.size_bytes")),
        "has_l3": int(spec.has("l3.size_bytes")),
        "tick_memory": memory["fill"],
        "virtual_data": int(word["l1d.index"] == "vivt"),
        "virtual_code": int(word["l1i.index"] == "vivt"),
        "tick_isolation": ticks(value("special.space_register_cycles")) if isolated else 0,
        "flush_filter": int(word.get("tlb.flush_filter") == "yes"),
    }


def _log2(number: int) -> int:
    return max(0, number.bit_length() - 1)


def build(spec: MachineSpec, pages: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Parameter vector and fresh state for one machine and one trace's page table.

    Parameters
    ----------
    pages : numpy.ndarray
        int64 (slots, 6), see `microbench.trace.layout.Layout.arrays`.

    Returns
    -------
    tuple of numpy.ndarray
        int64 parameters (N_PARAMETERS,) and int64 state.
    """
    parameters = np.zeros(engine.N_PARAMETERS, np.int64)
    scalars = _scalars(spec)
    parameters[: engine.N_SCALARS] = [scalars[name] for name in engine.SCALARS]
    size = engine.N_STATE
    lines = len(pages) << 12
    dense = (int(pages[:, 2].max(initial=0)) + 1) << 12
    for i, cache in enumerate(_CACHES):
        if spec.has(f"{cache}.size_bytes"):
            size = _place_cache(spec, cache, parameters, i, size, lines, dense)
    entries = int(pages[:, 5].max(initial=0)) + 1
    for i, key in enumerate(("itlb.entries", "dtlb.entries", "tlb.second_entries")):
        size = _place_tlb(parameters, i, int(spec.value(key)), size, entries)
    for at, length in (
        (engine.P_OBTB, int(spec.value("core.btb_entries"))),
        (engine.P_OROW, int(parameters[engine.SCALARS.index("banks")])),
        (engine.P_OQUEUE, 3 * max(1, int(spec.value("write_queue.entries")))),
        (engine.P_ODEVICE, DEVICES),
        (engine.P_ONEVER, PAGE_BYTES // LEAST_LINE_BYTES),
    ):
        parameters[at] = size
        size += length
    parameters[engine.P_NENTRY] = entries
    state = np.full(size, -1, np.int64)
    state[: engine.N_STATE] = 0
    _zero(parameters, state)
    return parameters, state


def slots(parameters: np.ndarray, pages: np.ndarray) -> np.ndarray:
    """The page table with what one machine makes of each page, so that no lookup computes it.

    Returns
    -------
    numpy.ndarray
        int64 (slots, N_SLOT).
    """
    found = np.zeros((len(pages), engine.N_SLOT), np.int64)
    found[:, : pages.shape[1]] = pages
    found[:, engine.G_MARKS] = pages[:, engine.G_FLAGS]
    never = parameters[engine.P_ONEVER]
    found[:, engine.G_PHYSICAL] = pages[:, engine.G_DENSE] << 12
    for i, (line, sets) in enumerate(
        ((engine.G_ILINE, engine.G_ISET), (engine.G_DLINE, engine.G_DSET))
    ):
        fields = parameters[engine.P_CACHES + i * engine.N_CACHE_FIELDS :]
        page_lines = 12 - fields[engine.K_SHIFT]
        tag = np.arange(len(pages)) if fields[engine.K_VTAG] else pages[:, engine.G_DENSE]
        index = pages[:, engine.G_VPAGE if fields[engine.K_VINDEX] else engine.G_FRAME]
        found[:, line] = fields[engine.K_WHERE] + (tag << page_lines)
        if i:
            found[found[:, engine.G_FLAGS] & engine.UNCACHED != 0, line] = never
        found[:, sets] = (index << page_lines) & (fields[engine.K_SETS] - 1)
    for i, column in enumerate((engine.G_ITLB, engine.G_DTLB)):
        where = parameters[engine.P_TLBS + i * engine.N_TLB_FIELDS + engine.T_WHERE]
        found[:, column] = where + pages[:, engine.G_ENTRY]
    return found


def _place_cache(
    spec: MachineSpec, cache: str, parameters: np.ndarray, i: int, size: int, lines: int, dense: int
) -> int:
    fields = ("size_bytes", "ways", "line_bytes")
    total, ways, line = (int(spec.value(f"{cache}.{field}")) for field in fields)
    sets, entries = total // (ways * line), total // line
    index = spec.words.get(f"{cache}.index", "pipt")
    keys = (lines if index == "vivt" else dense) // line
    o_next, o_tag = size, size + sets
    o_dirty, o_stamp = o_tag + entries, o_tag + 2 * entries
    o_where = o_tag + 3 * entries
    at = engine.P_CACHES + i * engine.N_CACHE_FIELDS
    parameters[at : at + engine.N_CACHE_FIELDS] = (
        sets,
        ways,
        _log2(line),
        int(index != "pipt"),
        int(index == "vivt"),
        int(spec.words.get(f"{cache}.replacement") == "lru"),
        ticks(spec.value(f"{cache}.latency_cycles")),
        o_next,
        o_tag,
        o_dirty,
        o_stamp,
        o_where,
        keys,
    )
    return o_where + keys


def _place_tlb(parameters: np.ndarray, i: int, entries: int, size: int, keys: int) -> int:
    at = engine.P_TLBS + i * engine.N_TLB_FIELDS
    parameters[at : at + engine.N_TLB_FIELDS] = (entries, size, size + 1, size + 1 + entries)
    return size + 1 + entries + keys


def _zero(parameters: np.ndarray, state: np.ndarray) -> None:
    """Counters start at zero where everything else starts at -1 (empty)."""
    for i in range(4):
        at = engine.P_CACHES + i * engine.N_CACHE_FIELDS
        sets, ways = parameters[at], parameters[at + 1]
        if sets:
            o_next, o_dirty = parameters[at + engine.K_NEXT], parameters[at + engine.K_DIRTY]
            state[o_next : o_next + sets] = 0
            state[o_dirty : o_dirty + 2 * sets * ways] = 0
    for i in range(3):
        state[parameters[engine.P_TLBS + i * engine.N_TLB_FIELDS + engine.T_NEXT]] = 0
