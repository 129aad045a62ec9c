"""The tree of 2007 as rows: modelled beside published, and what the comparison comes to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from microbench.reference.filetables import records
from microbench.row import Row
from microbench.study.trees.numbers import numbers
from microbench.study.trees.phases import PHASES, SYSTEMS, outcome_of

WORDS = {"across": "copy across", "within": "copy within", "pack": "tar, gzip", "unpack": "untar"}
STANDS = {"ntfs-3g": "ntfs-3g", "ntfs-3g-through": "ntfs-3g", "kernel": "ext3"}
"""System to the published one it is compared with."""


@cache
def published() -> dict[tuple[str, str], tuple[float, str]]:
    """Phase and system to seconds and their source."""
    rows = records("ntfs2007", ("phase", "system", "seconds", "certainty", "source"))
    return {(r["phase"], r["system"]): (r.number("seconds"), r["source"]) for r in rows}


def tree_rows() -> list[Row]:
    """A row for each phase and system."""
    return [_row(phase, system) for system in SYSTEMS for phase in PHASES]


def _row(phase: str, system: str) -> Row:
    known, source = published()[phase, STANDS[system]]
    low, value, high = (outcome_of(phase, system, x).seconds for x in ("low", "value", "high"))
    return Row(
        "tree", WORDS[phase], numbers().machine, system, "time", "s", "smaller", value, None,
        known, source, value / known - 1, "predict", low=low, high=high,
    )  # fmt: skip


def tree_summary(rows: Sequence[Row]) -> str:
    """How far off each system is, and what the queue has to do with it."""
    factors = {
        system: sorted(r.value / (r.published or 1) for r in rows if r.system == system)
        for system in SYSTEMS
    }
    said = [
        f"{system.removeprefix('ntfs-3g-')} {found[0]:.2g}-{found[-1]:.2g}"
        for system, found in factors.items()
    ]
    asked = outcome_of("unpack", "ntfs-3g")
    return (
        f"Tree, model / published: {', '.join(said)}.\n"
        f"Times the kernel's own, phases as above:\n  {_ratios(rows)}.\n"
        "The rules were written before they were run, and were not changed for a row.\n"
        f"untar: {asked.requests} requests, {asked.queue_seconds:.1f} s of it in FUSE's queue.\n"
        f"{_waits()}"
        f"Other kernel file systems, the same phases, published [s]:\n  {_others()}."
    )


def _waits() -> str:
    """Transfers a file waits for in the two extremes, and those the published time has room for."""
    files = numbers()["files"] * numbers()["sample"]
    cached, through = (outcome_of("unpack", system) for system in SYSTEMS[:2])
    room = published()["unpack", "ntfs-3g"][0] * through.waits / through.seconds
    per_file = [f"{waits / files:.2g}" for waits in (cached.waits, through.waits, room)]
    return (
        f"A file waits for {per_file[0]} transfers cached, {per_file[1]} written through; "
        f"the published time\nhas room for {per_file[2]}.\n"
    )


def _ratios(rows: Sequence[Row]) -> str:
    """How many times as long as the kernel file system, modelled and published."""
    took = {(r.system, r.args): r for r in rows}
    found = []
    for system in SYSTEMS[:-1]:
        pairs = [(took[system, word], took[SYSTEMS[-1], word]) for word in WORDS.values()]
        found.append(f"{system} " + " ".join(f"{a.value / b.value:.2g}" for a, b in pairs))
    known = [(a.published or 0) / (b.published or 1) for a, b in pairs]
    return ", ".join([*found, "published " + " ".join(f"{share:.2g}" for share in known)])


def _others() -> str:
    """Published systems nothing is modelled for, their phases in order."""
    known = published()
    names = dict.fromkeys(system for _, system in known if system not in STANDS.values())
    return "; ".join(
        f"{name} "
        + " ".join(f"{known[p, name][0]:g}" if (p, name) in known else "-" for p in PHASES)
        for name in names
    )
