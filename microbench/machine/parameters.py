"""From a machine's description and a trace's size to the engine's parameter vector.

Each scalar parameter is a row of `SCALARS`: its code in the engine, the key it comes from, how
the number there becomes an integer, and whether it decides what happens or only when.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np

from microbench.machine import engine as e
from microbench.machine.spec import MachineSpec
from microbench.trace.ops import DEVICES, SPECIALS

PAGE_BYTES, LEAST_LINE_BYTES = 4096, 8
_CACHES = ("l1i", "l1d", "l2", "l3")
Conversion = Callable[[MachineSpec, str], int]


class Scalar(NamedTuple):
    """One parameter: `decides` "what" happens, "when" it does, or "whether" by not being 0."""

    code: int
    key: str
    convert: Conversion
    decides: Literal["what", "when", "whether"]


def ticks(cycles: float) -> int:
    """Cycles as the engine's integer ticks."""
    return round(cycles * e.TICKS)


def memory_ticks(spec: MachineSpec) -> dict[str, int]:
    """Ticks of a line fill, a word read, a row miss, a write and a write-back part.

    What lies ahead of the SDRAM's command runs at the memory bus's clock, the rest at the
    SDRAM's own, which may be half of it; a line is two bursts, and the second may have to wait
    for its command. A machine that only states a latency [ns] gives it for fills and reads.
    """
    if not spec.has("sdram.clock_hz"):
        latency = ticks(spec.value("memory.latency_ns") * spec.value("core.clock_hz") / 1e9)
        quarter = latency // 4
        return {"fill": latency, "read": latency, "row": 0, "write": quarter, "part": quarter}
    core, sdram = spec.value("core.clock_hz"), spec.value("sdram.clock_hz")
    ahead = core / spec.value("bus.clock_hz", sdram) * spec.value("sdram.overhead_clocks")
    ratio, cas = core / sdram, spec.value("sdram.cas_clocks")
    beats = spec.value("sdram.line_beats_clocks") + spec.value("sdram.second_burst_clocks")
    write = spec.value("sdram.write_clocks")
    return {
        "fill": ticks(ahead + ratio * (cas + beats)),
        "read": ticks(ahead + ratio * (cas + 1)),
        "row": ticks(ratio * spec.value("sdram.row_miss_clocks")),
        "write": ticks(ratio * write),
        "part": ticks(ratio * write),
    }


def _cost(spec: MachineSpec, key: str) -> int:
    return ticks(spec.value(key))


def _beyond_one(spec: MachineSpec, key: str) -> int:
    """What a result takes longer than what its instruction has paid."""
    return ticks(max(0.0, spec.value(key) - spec.value("core.instruction_cycles")))


_LAST: list[tuple[MachineSpec, dict[str, int]]] = []
"""The machine whose memory was converted last: a vector asks for six of its parts."""


def _memory(spec: MachineSpec, part: str) -> int:
    if not _LAST or _LAST[0][0] is not spec:
        _LAST[:] = [(spec, memory_ticks(spec))]
    return _LAST[0][1][part]


def _count(spec: MachineSpec, key: str) -> int:
    return int(spec.value(key))


def _log2(number: int) -> int:
    return max(0, number.bit_length() - 1)


def _row_shift(spec: MachineSpec, key: str) -> int:
    return _log2(int(spec.value(key, 1024)))


def _banks(spec: MachineSpec, key: str) -> int:
    return max(1, int(spec.value(key, 1)))


def _dirty_shift(spec: MachineSpec, key: str) -> int:
    return _log2(int(spec.value(key, spec.value("l1d.line_bytes"))))


def _there(spec: MachineSpec, key: str) -> int:
    return int(spec.has(key))


def _word(*words: str) -> Conversion:
    """1 where the key is one of these words."""
    return lambda spec, key: int(spec.words.get(key) in words)


def _isolated(spec: MachineSpec) -> bool:
    return spec.words.get("kernel_isolation") == "yes"


def _global(spec: MachineSpec, key: str) -> int:
    return int(spec.words[key] == "yes" and not _isolated(spec))


def _isolation(spec: MachineSpec, key: str) -> int:
    return _cost(spec, key) if _isolated(spec) else 0


_yes = _word("yes")

SCALARS = (
    Scalar(e.P_INSTR, "core.instruction_cycles", _cost, "when"),
    Scalar(e.P_WORD, "core.word_cycles", _cost, "when"),
    Scalar(e.P_MULTI, "core.multiple_cycles", _cost, "when"),
    Scalar(e.P_LOADUSE, "core.load_use_stall_cycles", _cost, "when"),
    Scalar(e.P_DEP, "core.load_result_cycles", _beyond_one, "when"),
    Scalar(e.P_BRMISS, "core.branch_miss_cycles", _cost, "when"),
    Scalar(e.P_RETLOAD, "core.return_by_load_cycles", _cost, "when"),
    Scalar(e.P_RETREG, "core.return_by_register_cycles", _cost, "when"),
    Scalar(e.P_BTB, "core.btb_entries", _count, "what"),
    Scalar(e.P_FILL, "fill", _memory, "when"),
    Scalar(e.P_READ1, "read", _memory, "when"),
    Scalar(e.P_ROWMISS, "row", _memory, "when"),
    Scalar(e.P_ROWSHIFT, "sdram.row_bytes", _row_shift, "when"),
    Scalar(e.P_BANKS, "sdram.banks", _banks, "when"),
    Scalar(e.P_WRITE, "write", _memory, "when"),
    Scalar(e.P_WBPART, "part", _memory, "when"),
    Scalar(e.P_DIRTYSHIFT, "l1d.dirty_bytes", _dirty_shift, "what"),
    Scalar(e.P_QN, "write_queue.entries", _count, "when"),
    Scalar(e.P_COALESCE, "write_queue.coalesces", _yes, "when"),
    Scalar(e.P_WALLOC, "l1d.write_allocate", _yes, "what"),
    Scalar(e.P_WTHROUGH, "l1d.write_policy", _word("write_through"), "what"),
    Scalar(e.P_WALKMEM, "tlb.walk", _word("memory"), "what"),
    Scalar(e.P_WALK, "tlb.walk_cycles", _cost, "when"),
    Scalar(e.P_WALKL, "tlb.walk_cycles", _cost, "when"),
    Scalar(e.P_L2TLB, "tlb.second_cycles", _cost, "when"),
    Scalar(e.P_TAGGED, "tlb.tag", lambda spec, key: int(spec.words[key] != "none"), "what"),
    Scalar(e.P_GLOBAL, "tlb.global_pages", _global, "what"),
    Scalar(e.P_DOMAIN, "tlb.tag", _word("domain"), "what"),
    Scalar(e.P_SWFULL, "space_switch", _word("full"), "what"),
    Scalar(e.P_SPACEWRITE, "switch.cycles", _cost, "when"),
    Scalar(e.P_TRAP_SYSCALL, "trap.syscall_cycles", _cost, "when"),
    Scalar(e.P_TRAP_FAULT, "trap.fault_cycles", _cost, "when"),
    Scalar(e.P_TRAP_INTERRUPT, "trap.interrupt_cycles", _cost, "when"),
    Scalar(e.P_TRET, "trap.return_cycles", _cost, "when"),
    Scalar(e.P_CLEANLINE, "maintenance.clean_line_cycles", _cost, "when"),
    Scalar(e.P_RANGELINE, "maintenance.range_line_cycles", _cost, "when"),
    Scalar(e.P_AREALINE, "maintenance.area_line_cycles", _cost, "when"),
    Scalar(e.P_FLUSHFIX, "maintenance.fixed_cycles", _cost, "when"),
    Scalar(e.P_PTE, "maintenance.pte_write_cycles", _cost, "when"),
    Scalar(e.P_TLBINV, "tlb.invalidate_cycles", _cost, "when"),
    Scalar(e.P_DRAIN, "maintenance.drain_cycles", _cost, "when"),
    Scalar(e.P_HZ, "core.clock_hz", _count, "when"),
    Scalar(e.P_HASL2, "l2.size_bytes", _there, "what"),
    Scalar(e.P_HASL3, "l3.size_bytes", _there, "what"),
    Scalar(e.P_MEM, "fill", _memory, "when"),
    Scalar(e.P_VD, "l1d.index", _word("vivt"), "what"),
    Scalar(e.P_VI, "l1i.index", _word("vivt"), "what"),
    Scalar(e.P_ISOLATION, "special.space_register_cycles", _isolation, "whether"),
    Scalar(e.P_FILTER, "tlb.flush_filter", _yes, "what"),
    *(
        Scalar(e.P_SPECIAL + i, f"special.{name}_cycles", _cost, "when")
        for i, name in enumerate(SPECIALS)
    ),
)
"""By code, which is the place in the parameter vector; of `_memory`, the key is its part."""

TIMES = (_cost, _beyond_one, _memory, _isolation)
"""Conversions that give ticks."""


def decisive(parameters: np.ndarray) -> list[int]:
    """The scalars that decide what happens; of those that do by being there, whether they are."""
    found = []
    for scalar, number in zip(SCALARS, parameters[: e.N_SCALARS].tolist(), strict=True):
        if scalar.decides != "when":
            found.append(number if scalar.decides == "what" else int(number != 0))
    return found


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
    parameters = np.zeros(e.N_PARAMETERS, np.int64)
    parameters[: e.N_SCALARS] = [s.convert(spec, s.key) for s in SCALARS]
    size = e.N_STATE
    lines = len(pages) << 12
    dense = (int(pages[:, 2].max(initial=0)) + 1) << 12
    for i, cache in enumerate(_CACHES):
        if spec.has(f"{cache}.size_bytes"):
            size = _place_cache(spec, cache, parameters, i, size, lines, dense)
    entries = int(pages[:, 5].max(initial=0)) + 1
    for i, key in enumerate(("itlb.entries", "dtlb.entries", "tlb.second_entries")):
        size = _place_tlb(parameters, i, int(spec.value(key)), size, entries)
    for at, length in (
        (e.P_OBTB, int(spec.value("core.btb_entries"))),
        (e.P_OROW, int(parameters[e.P_BANKS])),
        (e.P_OQUEUE, 3 * max(1, int(spec.value("write_queue.entries")))),
        (e.P_ODEVICE, DEVICES),
        (e.P_ONEVER, PAGE_BYTES // LEAST_LINE_BYTES),
    ):
        parameters[at] = size
        size += length
    parameters[e.P_NENTRY] = entries
    state = np.full(size, -1, np.int64)
    state[: e.N_STATE] = 0
    _zero(parameters, state)
    return parameters, state


def slots(parameters: np.ndarray, pages: np.ndarray) -> np.ndarray:
    """The page table with what one machine makes of each page, so that no lookup computes it.

    Returns
    -------
    numpy.ndarray
        int64 (slots, N_SLOT).
    """
    found = np.zeros((len(pages), e.N_SLOT), np.int64)
    found[:, : pages.shape[1]] = pages
    found[:, e.G_MARKS] = pages[:, e.G_FLAGS]
    never = parameters[e.P_ONEVER]
    found[:, e.G_PHYSICAL] = pages[:, e.G_DENSE] << 12
    for i, (line, sets) in enumerate(((e.G_ILINE, e.G_ISET), (e.G_DLINE, e.G_DSET))):
        fields = parameters[e.P_CACHES + i * e.N_CACHE_FIELDS :]
        page_lines = 12 - fields[e.K_SHIFT]
        tag = np.arange(len(pages)) if fields[e.K_VTAG] else pages[:, e.G_DENSE]
        index = pages[:, e.G_VPAGE if fields[e.K_VINDEX] else e.G_FRAME]
        found[:, line] = fields[e.K_WHERE] + (tag << page_lines)
        if i:
            found[found[:, e.G_FLAGS] & e.UNCACHED != 0, line] = never
        found[:, sets] = (index << page_lines) & (fields[e.K_SETS] - 1)
    for i, column in enumerate((e.G_ITLB, e.G_DTLB)):
        where = parameters[e.P_TLBS + i * e.N_TLB_FIELDS + e.T_WHERE]
        found[:, column] = where + pages[:, e.G_ENTRY]
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
    at = e.P_CACHES + i * e.N_CACHE_FIELDS
    parameters[at : at + e.N_CACHE_FIELDS] = (
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
    at = e.P_TLBS + i * e.N_TLB_FIELDS
    parameters[at : at + e.N_TLB_FIELDS] = (entries, size, size + 1, size + 1 + entries)
    return size + 1 + entries + keys


def _zero(parameters: np.ndarray, state: np.ndarray) -> None:
    """Counters start at zero where everything else starts at -1 (empty)."""
    for i in range(4):
        at = e.P_CACHES + i * e.N_CACHE_FIELDS
        sets, ways = parameters[at], parameters[at + 1]
        if sets:
            o_next, o_dirty = parameters[at + e.K_NEXT], parameters[at + e.K_DIRTY]
            state[o_next : o_next + sets] = 0
            state[o_dirty : o_dirty + 2 * sets * ways] = 0
    for i in range(3):
        state[parameters[e.P_TLBS + i * e.N_TLB_FIELDS + e.T_NEXT]] = 0
