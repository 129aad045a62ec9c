"""Benchmarks in which something dies: restart, bw_kill, faults, availability, as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import cache, partial
from statistics import fmean as mean

from microbench.datafiles import data_dir
from microbench.quantity import Quantity, numbers
from microbench.row import Row
from microbench.run.failure_words import (
    MIX,
    SECOND_NS,
    mix_of,
    once,
    only,
    options_of,
    policy_of,
    time_ns,
    whole_of,
)
from microbench.run.priced_clock import LEVELS, on_priced_clock
from microbench.run.restart import PREDICTION, bw_kill_rows, restart_rows
from microbench.run.setup import Setup
from microbench.servers import monolith
from microbench.servers.campaign import MANAGER, OUTCOMES, Campaign, Plan
from microbench.servers.costing import ServerCosts
from microbench.servers.machine import Machine
from microbench.servers.policies import POLICIES, policy
from microbench.workloads.base import one_or_more

NOT_RECOVERED = (
    "state of a file server: open files; only a client that keeps names can open them again (ham)",
    "streams of character devices: what was read or printed cannot be asked for again",
    "dirty data: acknowledged writes are on the device here; a write-back cache loses its own",
    "the manager itself and the name server: who starts the starter is not answered here",
    "wrong data of a component that goes on: the faults here stop it, none makes it lie",
    "a FUSE daemon on stock Linux: open files stay dead after a remount",
)
AT_ENDS = 300
"""Faults at the ends of the ranges: what the ends do to times is seen by then."""
YEAR_S = 365.25 * 24 * 3600
Ends = Mapping[str, Mapping[str, Sequence[int]]]
"""Level to outcome to times [ns]."""


def failure_rows(benchmark: str, args: list[str], setup: Setup) -> list[Row]:
    """Rows of one of these benchmarks.

    Raises
    ------
    UsageError
        For an unknown option, or a value that is none of its.
    """
    given = options_of(benchmark, args)
    words = " ".join(f"--{k} {v}" for k, v in given.items())
    row = partial(Row, benchmark, words, setup.spec.name, machine_hash=setup.spec.hash)
    found: list[Row] = _ROWS[benchmark](row, given, setup)
    return found


def _faults(row: partial[Row], given: Mapping[str, str], setup: Setup) -> list[Row]:
    """Outcomes of a campaign, and the bytes that were wrong behind it."""
    n = whole_of("faults", given, "n", 200, 100_000)
    seed = whole_of("faults", given, "seed", 1, 1 << 31)
    mix = mix_of(given["mix"]) if "mix" in given else MIX
    where = given.get("structure", "l4-server")
    one_or_more("faults --structure", [where], ("l4-server", "native"))
    if where == "native":
        only("faults --structure native", given, ("structure", "n", "seed", "mix"))
        return _kernel_faults(partial(row, where), n, mix, seed)
    components = given.get("components", "disk,fs").split(",")
    one_or_more("faults --components", components, ("disk", "fs", "names", MANAGER))
    once("faults: --components", components)
    one_or_more("faults --data", [given.get("data", "shared")], ("shared", "mapped"))
    rules, mapped = policy_of("faults", given), given.get("data") == "mapped"
    plan = Plan(rules, tuple(components), mix, seed, mapped=mapped)
    return _server_faults(partial(row, where), n, plan, setup)


def _kernel_faults(one: partial[Row], n: int, mix: Mapping[str, float], seed: int) -> list[Row]:
    """Outcomes where file system and driver are in the kernel."""
    outcomes, wrong, lost = monolith.campaign(n, mix, seed)
    total = monolith.totals(outcomes)
    rows = [one(o, "faults", "smaller", float(count)) for o, count in total.items()]
    rows.append(one("acknowledged bytes lost", "bytes", "smaller", float(lost)))
    return [*rows, one("wrong bytes", "bytes", "smaller", float(wrong))]


def _server_faults(one: partial[Row], n: int, plan: Plan, setup: Setup) -> list[Row]:
    """Outcomes where they are servers, and for how long nobody was served."""
    running = {lv: Campaign(on_priced_clock(plan, _system, setup, lv)) for lv in LEVELS}
    early = {lv: deepcopy(each.run(min(n, AT_ENDS)).downtime_ns) for lv, each in running.items()}
    verdict = running["value"].run(max(0, n - AT_ENDS))
    rows = [one(o, "faults", "smaller", float(verdict.total(o))) for o in OUTCOMES]
    for outcome, times in sorted(verdict.downtime_ns.items()):
        rows += _downtime(one, outcome, early, times)
    wrong = sum(each.verdict.wrong for each in running.values())
    return [*rows, one("wrong bytes", "bytes", "smaller", float(wrong))]


def _system(plan: Plan, costs: ServerCosts) -> Machine:
    return Campaign(plan, costs).system.machine


def _downtime(one: partial[Row], outcome: str, early: Ends, times: Sequence[int]) -> list[Row]:
    """Mean and longest time from a fault to the next call that is served.

    The ends are those of the first faults, as a share of the same faults in the middle.
    """
    row, rows = partial(one, unit="ms", better="smaller", note=PREDICTION), []
    for name, of in (("down", mean), ("longest", max)):
        known = {level: of(found[outcome]) for level, found in early.items() if outcome in found}
        shares = [end / known["value"] for end in known.values()] if "value" in known else [1.0]
        ms = of(times) / 1e6
        low, high = ms * min(shares), ms * max(shares)
        rows.append(row(f"{name}, {outcome}", value=ms, low=low, high=high))
    return rows


@cache
def reboot_numbers() -> dict[str, Quantity]:
    """What a reboot takes [s]."""
    path = data_dir() / "workloads" / "reboot.toml"
    return numbers(path, {"reboot": {"s"}, "write_back": {"s"}})


def _availability(row: partial[Row], given: Mapping[str, str], setup: Setup) -> list[Row]:
    """Mean time between faults beside the mean time until the next call is served.

    In a monolithic kernel a fault that kills a process takes no time from the others; one that
    leaves locks held or panics costs a reboot. That every fault does is the upper bound.
    """
    mttf = time_ns("availability", "mttf", given.get("mttf", "24h")) / SECOND_NS
    seed = whole_of("availability", given, "seed", 1, 1 << 31)
    n = whole_of("availability", given, "n", 100, 100_000)
    one = partial(row, note=PREDICTION)
    rows: list[Row] = []
    for name in POLICIES:
        plan = Plan(policy(name), ("disk", "fs"), MIX, seed)
        down = [_mean_s(on_priced_clock(plan, _system, setup, level), n) for level in LEVELS]
        rows += _share(one, "l4-server", name, mttf, (down[0], min(down), max(down)))
    reboot = reboot_numbers()["reboot"]
    every = (reboot.value, reboot.low, reboot.high)
    outcomes, _, _ = monolith.campaign(n, MIX, seed)
    lost = 1 - monolith.totals(outcomes)[monolith.KILLED] / n
    some = tuple(lost * seconds for seconds in every)
    rows += _share(one, "native", "reboot where locked or panicked", mttf, some)
    return rows + _share(one, "native", "reboot after every fault", mttf, every)


def _mean_s(plan: Plan, faults: int) -> float:
    """Mean time from a fault to the next call that is served, whatever came of it [s].

    Each kind of fault has a campaign of its own, and its weight of the mix: few hangs, which
    take long, would else decide by how many happened to be drawn.
    """
    each = -(-faults // len(plan.mix))
    found = 0.0
    for kind, weight in plan.mix.items():
        times = Campaign(replace(plan, mix={kind: 1.0})).run(each).downtime_ns.values()
        found += weight * mean([ns for of_outcome in times for ns in of_outcome])
    return found / sum(plan.mix.values()) / SECOND_NS


def _share(
    row: partial[Row], system: str, how: str, mttf: float, down: Sequence[float]
) -> list[Row]:
    """Share of the time in which calls are served, and seconds of a year in which not."""
    share, best, worst = (mttf / (mttf + s) for s in down)
    middle, least, most = (YEAR_S * s / (mttf + s) for s in down)
    return [
        row(system, f"available, {how}", "share", "larger", share, low=worst, high=best),
        row(system, f"down, {how}", "s/year", "smaller", middle, low=least, high=most),
    ]


_ROWS = {
    "restart": restart_rows,
    "bw_kill": bw_kill_rows,
    "faults": _faults,
    "availability": _availability,
}
