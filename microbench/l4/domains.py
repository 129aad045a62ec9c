"""Domains: 16 tags for address spaces, so that a switch need not flush (FASS).

Knows: domain 0 is the kernel's, 15 are lent to spaces; whom to evict, what an eviction
flushes, which 1 MB entries of the shared level-1 table a space holds. Refuses to know: how
long a flush takes.

References
----------
`l4-fass`: the choice of a domain, the dirty mask and what a recycle flushes.
"""

from __future__ import annotations

from microbench.l4.events import Sink, ref
from microbench.l4.model import PAGE_BITS, SECTION_BITS, SLOT_BITS, Domains, Space, State

COUNT = 16
KERNEL = 0


def boot_domains(seed: int) -> Domains:
    """The table at boot: nobody owns a domain, nothing is dirty."""
    return Domains([None] * COUNT, seed=seed)


def scramble(seed: int, draw: int) -> int:
    """The `draw`-th pseudo-random number of `seed`, 0..2**32-1; equal arguments, equal number.

    A 32-bit multiplicative hash of `seed` and `draw`: no state, no clock.
    """
    x = (seed * 0x9E3779B1 + draw * 0x85EBCA6B + 0xC2B2AE35) & 0xFFFFFFFF
    x ^= x >> 15
    x = (x * 0x2C1B3C6D) & 0xFFFFFFFF
    x ^= x >> 12
    x = (x * 0x297A2D39) & 0xFFFFFFFF
    return x ^ (x >> 15)


def choose(domains: Domains) -> int:
    """Domain for a space that has none: the highest clean one, else a drawn victim.

    The victim is pseudo-random among 1..15 without the current domain; each draw counts.
    """
    clean = [d for d in range(1, COUNT) if d not in domains.dirty]
    if clean:
        return clean[-1]
    while True:
        domains.draws += 1
        victim = scramble(domains.seed, domains.draws) % COUNT
        if victim not in (KERNEL, domains.current):
            return victim


def activate(state: State, space: Space, sink: Sink) -> None:
    """Make `space` the running one: it gets a domain if it has none, and that is dirty now."""
    if space.domain is None:
        _recycle(state, space, sink)
    assert space.domain is not None
    state.domains.dirty.add(space.domain)
    state.domains.current = space.domain
    if state.running_space != space.sid:
        state.running_space = space.sid
        sink.switch(ref("space", space.sid), True)


def _recycle(state: State, space: Space, sink: Sink) -> None:
    """Lend a domain; if somebody owned it, take his sections and flush what is stale."""
    domains = state.domains
    target = choose(domains)
    owner = domains.owner[target]
    domains.owner[target] = space.sid
    space.domain = target
    if owner is None:
        sink.path("domain_assign", space=ref("space", space.sid), domains=ref("domain_table", 0))
        return
    old = state.spaces[owner]
    old.domain = None
    old.sections.clear()
    sink.path(
        "domain_recycle",
        space=ref("space", space.sid),
        victim=ref("space", owner),
        domains=ref("domain_table", 0),
    )
    flush = target in domains.dirty
    if flush:
        domains.dirty &= {domains.current}
    sink.recycle(target, flush)


def release(state: State, space: Space) -> None:
    """Take the domain of a space that goes away; its pages are unmapped and flushed already."""
    if space.domain is not None:
        state.domains.owner[space.domain] = None
        space.domain = None
    space.sections.clear()


def modified_address(space: Space, address: int) -> int:
    """What caches and TLBs see [bytes]: below 32 MB the PID slot is added."""
    if address >> SLOT_BITS == 0:
        return address + (space.pid_slot << SLOT_BITS)
    return address


def section_of(space: Space, page: int) -> int:
    """1 MB entry of the shared level-1 table that `page` of `space` needs."""
    return modified_address(space, page << PAGE_BITS) >> SECTION_BITS


def fill_section(
    state: State, space: Space, page: int, sink: Sink, path: str = "section_fill"
) -> None:
    """Enter a section of a space that owns a domain; whoever held that entry loses it.

    A clash with another space flushes the caches if that one's domain is dirty.
    """
    section = section_of(space, page)
    clash = next((s for s in state.spaces.values() if section in s.sections), None)
    if clash is not None and clash is not space:
        clash.sections.discard(section)
        flush = clash.domain in state.domains.dirty
        if flush:
            state.domains.dirty &= {state.domains.current}
        sink.recycle(clash.domain or KERNEL, flush)
    space.sections.add(section)
    sink.path(
        path,
        space=ref("space", space.sid),
        cpd=ref("cpd", section),
        domains=ref("domain_table", 0),
    )
    sink.section(ref("space", space.sid), section)
