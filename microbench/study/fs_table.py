"""`table fs`: files outside the kernel beside those in it, modelled and published.

FAST 2017 is judged by shares: given are the rate of each disk under the kernel's own file
system, and what the parts of a request take on that machine, measured alone; predicted is the
share of the rate that is left, and counted is how many requests an operation makes. NTFS-3G of
2007 is judged by seconds: given are rules of its format, written before they were run.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from functools import cache

from microbench.reference.filetables import records
from microbench.row import Row
from microbench.study.fast17.given import Line, published
from microbench.study.fast17.mixes import turn_of
from microbench.study.fast17.rules import OPTIONAL, WAITED, predicted
from microbench.study.trees.rows import tree_rows, tree_summary

SIMILAR = 0.1
"""Within this of 1 two systems are alike, on neither side: what the claim calls similar."""
STRICT = (0.02, 0.05, SIMILAR)
"""How near 1 is alike, where wrong sides are counted."""
IN_VIEW = "rules written with it in view"
"""Note of every share: it describes a row more than it tests the model."""
MEASURED = "SSD base"
"""Disk and mode whose histograms the parts of a request are from, but for the threads'."""
CLOSED = ("cr-wr", "preall-re")
"""Kinds whose files are closed: RELEASE, for which nobody waits."""
UNEXPLAINED = (
    "Not explained: what an arm loses with each read of one client, small random\n"
    "writes by several daemons, and a web server that FUSE makes faster.\n"
)
SHARE, REQUESTS = "share of kernel", "requests"


def side(share: float, similar: float = SIMILAR) -> str:
    """Which side of 1 a share is on."""
    if share < 1 - similar:
        return "slower"
    return "faster" if share > 1 + similar else "alike"


def wrong_sides(similar: float) -> int:
    """How many rows are modelled on another side of 1 than they were published."""
    lines = published()[1]
    return sum(side(predicted(one), similar) != side(one.share, similar) for one in lines)


def fs_rows() -> list[Row]:
    """Shares, requests and the tree of 2007, a row each."""
    return [*share_rows(), *request_rows(), *tree_rows()]


def share_rows() -> list[Row]:
    """Published beside modelled; the note says what a row is worth, and a wrong side of 1."""
    return [_share(line) for line in published()[1]]


def _share(line: Line) -> Row:
    share = predicted(line)
    here, there = side(share), side(line.share)
    wrong = "" if here == there else f"; published: {there}, modelled: {here}"
    return Row(
        "fuse", f"{line.workload} {line.disk}", "fast17", line.config, SHARE,
        "ratio", "larger", share, None, line.share, "FAST 2017 result files",
        share / line.share - 1, "predict",
        low=predicted(line, "high"), high=predicted(line, "low"),
        note=IN_VIEW + wrong,
    )  # fmt: skip


def request_rows() -> list[Row]:
    """Requests per operation, counted by running them, beside those of the result files."""
    return [
        Row(
            "fuse", f"{workload} {disk}", "fast17", "base", REQUESTS, "per op", "smaller",
            counted, None, known, "FAST 2017 result files", counted / known - 1, "predict",
            low=counted, high=counted,
        )
        for (workload, disk), known in counted_requests().items()
        for counted in (requests_of(workload),)
    ]  # fmt: skip


@cache
def counted_requests() -> dict[tuple[str, str], float]:
    """Workload and disk to the published number."""
    found = records("fast17-requests", ("workload", "disk", "requests_per_op", "source"))
    return {(r["workload"], r["disk"]): r.number("requests_per_op") for r in found}


def requests_of(workload: str) -> float:
    """Requests per operation, without FORGET, which is not answered."""
    line = next(one for one in published()[1] if one.workload == workload)
    if line.mix:
        turn = turn_of(line.kind)
        return sum(n for op, n in turn.requests.items() if op != "FORGET") / turn.operations
    requests, operations = WAITED[line.kind]
    return (len(requests) + (line.kind in CLOSED)) / operations


def summary(rows: Sequence[Row]) -> str:
    """What the rows come to: beside a model that says 1 everywhere, by sides, by rules."""
    shares = [row for row in rows if row.metric == SHARE]
    groups = {
        "all": shares,
        "those slower": [row for row in shares if side(row.published or 1) == "slower"],
        "servers": [row for row in shares if "-server-" in row.args],
    }
    errors = [f"{n} {len(g)}: {_median(g)} ({_naive(g)})" for n, g in groups.items()]
    inside = [f"{sum(map(_inside, g))} of {len(g)}" for g in list(groups.values())[:2]]
    counts = max(abs(row.error or 0) for row in rows if row.metric == REQUESTS)
    sides = ", ".join(f"{wrong_sides(near)} at {near:.0%}" for near in STRICT)
    return (
        "Median error of shares, and of saying that FUSE costs nothing:\n"
        f"  {'; '.join(errors)}.\n"
        f"Those slower, by disk and mode ({MEASURED} gave the parts of a request):\n"
        f"  {_by_place(groups['those slower'])}.\n"
        f"Published inside the stated range: {inside[0]}, of those slower {inside[1]}.\n"
        f"On the wrong side of 1, by what counts as alike: {sides}.\n"
        "The rules were written with these rows in view: they describe them, which does\n"
        "not test them; no number was set on a row. Median error of the rows a rule\n"
        f"moves, with it and without:\n{_worth()}{UNEXPLAINED}"
        f"Requests were counted by running them: at most {counts:.1%} off.\n"
        + tree_summary([row for row in rows if row.benchmark == "tree"])
    )


def _by_place(rows: Sequence[Row]) -> str:
    """The median error for each disk and mode."""
    places: dict[str, list[Row]] = {}
    for row in rows:
        places.setdefault(f"{row.args.split()[-1]} {row.system}", []).append(row)
    return "; ".join(f"{place} {len(group)}: {_median(group)}" for place, group in places.items())


def _inside(row: Row) -> bool:
    """Whether the published value lies in the range."""
    assert row.low is not None
    assert row.high is not None
    return row.published is not None and row.low <= row.published <= row.high


def _worth() -> str:
    """A line for each rule that can be left out."""
    said = []
    for rule in OPTIONAL:
        pairs = [
            (predicted(x) / x.share, predicted(x, "value", rule) / x.share) for x in published()[1]
        ]
        moved = [pair for pair in pairs if pair[0] != pair[1]]
        with_, out = (statistics.median(abs(p[i] - 1) for p in moved) for i in (0, 1))
        said.append(f"  {rule}, {len(moved)} rows: {with_:.0%}, {out:.0%}\n")
    return "".join(said)


def _median(rows: Sequence[Row]) -> str:
    return f"{statistics.median(abs(row.error or 0) for row in rows):.1%}"


def _naive(rows: Sequence[Row]) -> str:
    """The median error of a model that says FUSE costs nothing."""
    return f"{statistics.median(abs(1 / (row.published or 1) - 1) for row in rows):.1%}"
