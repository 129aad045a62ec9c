"""Whether the clocks of a machine fit together, by what its part allows.

A memory bus and SDRAM behind it run in step: SDRAM at the bus's clock, or at half of it.
"""

from __future__ import annotations

from microbench.machine.spec import MachineSpec

CORE, BUS, SDRAM = "core.clock_hz", "bus.clock_hz", "sdram.clock_hz"
SAME = 1e-3
"""Clocks that differ by less are the same one, rounded."""


def clock_doubts(spec: MachineSpec) -> list[str]:
    """What is odd about the clocks, in words; nothing where the part states no pairs."""
    if not spec.legal_clocks:
        return []
    core, bus, sdram = (spec.value(key) for key in (CORE, BUS, SDRAM))
    found = []
    if not any(_same(core, c) and _same(sdram, s) for c, s in spec.legal_clocks):
        pair = f"{core / 1e6:.6g} / {sdram / 1e6:.6g} MHz"
        found.append(f"core / SDRAM at {pair} is no pair that {spec.name} allows")
    if not (_same(sdram, bus) or _same(2 * sdram, bus)):
        both = f"{SDRAM} {sdram:.10g}, {BUS} {bus:.10g}"
        found.append(f"{both}: SDRAM runs at the bus's clock or at half of it")
    return found


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= SAME * other
