"""Benchmarks of one component that dies: `restart`, once, and `bw_kill`, again and again.

Every value has its range: devices, the servers' code and the machine at both ends of theirs,
and the fault anywhere between two ticks of the manager's clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from microbench.errors import UsageError
from microbench.machine.bounds import at_level
from microbench.machine.retiming import price
from microbench.row import Row
from microbench.run.failure_words import disk_of, once, only, policy_of, time_ns, whole_of
from microbench.run.priced_clock import LEVELS, on_priced_clock
from microbench.run.setup import Setup
from microbench.servers.busy import COMPONENTS, FAULTS, Scene, busy
from microbench.servers.costing import ServerCosts
from microbench.servers.fuse_death import daemon_death
from microbench.servers.kills import killed_rate, plain_rate
from microbench.servers.machine import Machine
from microbench.servers.policies import Policy
from microbench.servers.recovery import Recovery, recover
from microbench.workloads.base import one_or_more

PREDICTION = "prediction: no value of this benchmark was calibrated or compared"
NEVER = (
    "upper ends are with the device's usual reset: at its slowest the policy gives the driver up "
    "while it still resets"
)
LINK_ONLY = "net: a window is one transfer, without an interrupt for each frame and without copies"
TOTAL = "total"
PHASES = 6
"""Where between two questions, or two ticks, a fault falls: evenly, so often."""
Steps = dict[str, float]


def restart_rows(row: partial[Row], given: Mapping[str, str], setup: Setup) -> list[Row]:
    """Each step of a recovery [ms], and what became of the requests."""
    component = given.get("component", "disk")
    fault = given.get("fault", "exit")
    one_or_more("restart --component", [component], (*COMPONENTS, "fuse"))
    one_or_more("restart --fault", [fault], tuple(FAULTS))
    if component == "fuse":
        return _daemon_rows(row, given, fault)
    _no_disk("restart", component, given)
    deaths = whole_of("restart", given, "deaths", 0, 10)
    scene = Scene(component, policy_of("restart", given), disk_of("restart", given, "ata"))
    one = partial(row, "l4-server")
    note, rests = PREDICTION, _rests(scene.policy, fault, deaths)
    runs = {level: _runs(scene, fault, deaths, rests, setup, level) for level in LEVELS}
    if not runs["high"]:
        note, kinder = f"{PREDICTION}; {NEVER}", replace(scene, device="value")
        runs["high"] = _runs(kinder, fault, deaths, rests, setup, "high")
    steps = {level: [timed(r, setup, level) for r in found] for level, found in runs.items()}
    names = dict.fromkeys(name for found in steps["value"] for name in found)
    rows = [one(name, "ms", "smaller", note=note, **_span(name, steps)) for name in names]
    return rows + [
        one(name, unit, "smaller", sum(values) / len(values), low=min(values), high=max(values))
        for name, unit, values in _counts(runs["value"])
    ]


def _no_disk(benchmark: str, component: str, given: Mapping[str, str]) -> None:
    """Refuse a disk below a network driver."""
    if component == "net" and "disk" in given:
        raise UsageError(f"{benchmark} --component net: takes no --disk")


def _stream(scene: Scene, costs: ServerCosts) -> Machine:
    return busy(scene, costs).machine


def _daemon_rows(row: partial[Row], given: Mapping[str, str], fault: str) -> list[Row]:
    """What works and what does not when a FUSE daemon is gone and another one mounted."""
    only("restart --component fuse", given, ("component", "fault", "disk"))
    if fault == "hang":
        why = "stock Linux notices no daemon that hangs: its clients wait for ever"
        raise UsageError(f"restart --component fuse --fault hang: {why}")
    counted = daemon_death(disk_of("restart", given, "ram"))
    return [row("native-fuse", name, unit, "smaller", float(n)) for name, unit, n in counted]


def _rests(rules: Policy, fault: str, deaths: int) -> list[int]:
    """How long the client rests before the fault, evenly between two questions or ticks [ns]."""
    cycle = 0
    if fault == "hang":
        cycle = rules.heartbeat_ns + rules.tick_ns
    elif deaths and rules.backs_off:
        cycle = rules.tick_ns
    return [cycle * (2 * i + 1) // (2 * PHASES) for i in range(PHASES)] if cycle else [0]


def _runs(
    scene: Scene, fault: str, deaths: int, rests: Sequence[int], setup: Setup, level: str
) -> list[Recovery]:
    """Recoveries at one end of the ranges; none where it does not come back."""
    at_end = on_priced_clock(scene, _stream, setup, level)
    try:
        return [recover(at_end, fault, deaths, rest) for rest in rests]
    except UsageError:
        if level != "high" or scene.device:
            raise
        return []


def timed(one: Recovery, setup: Setup, level: str) -> Steps:
    """Steps of a recovery, priced, and their total [ms]."""
    spec = at_level(setup.spec, level)
    ledgers = price(spec, one.trace, setup.scales)[one.first :]
    hz, taken = spec.value("core.clock_hz"), Steps()
    for name, ledger in zip(one.steps, ledgers, strict=False):
        if name != "fault":
            taken[name] = taken.get(name, 0.0) + ledger.cycles / hz * 1e3
    return {**taken, TOTAL: sum(taken.values())}


def _span(name: str, steps: Mapping[str, Sequence[Steps]]) -> dict[str, float]:
    """Mean over where the fault falls; least and most over that and over the ranges."""
    middle = [one.get(name, 0.0) for one in steps["value"]]
    every = [one.get(name, 0.0) for found in steps.values() for one in found]
    return {"value": sum(middle) / len(middle), "low": min(every), "high": max(every)}


def _counts(runs: Sequence[Recovery]) -> list[tuple[str, str, list[int]]]:
    return [
        ("calls failed", "calls", [one.errors for one in runs]),
        ("requests replayed", "calls", [one.replayed for one in runs]),
        ("clients alive", "clients", [one.clients_alive for one in runs]),
    ]


def bw_kill_rows(row: partial[Row], given: Mapping[str, str], setup: Setup) -> list[Row]:
    """Throughput of a stream, undisturbed and at each interval, and the share that is lost."""
    component = given.get("component", "disk")
    one_or_more("bw_kill --component", [component], ("disk", "net"))
    _no_disk("bw_kill", component, given)
    texts = given.get("every", "1s,2s,5s").split(",")
    intervals = [time_ns("bw_kill", "every", text) for text in texts]
    once("bw_kill: --every", [f"{interval / 1e9:g}s" for interval in intervals])
    scene = Scene(component, policy_of("bw_kill", given), disk_of("bw_kill", given, "flash"))
    scenes = {level: on_priced_clock(scene, _stream, setup, level) for level in LEVELS}
    plain = {level: plain_rate(one) for level, one in scenes.items()}
    note = f"{PREDICTION}; {LINK_ONLY}" if component == "net" else PREDICTION
    one = partial(row, "l4-server", note=note)
    rows = [one("undisturbed", "MB/s", "larger", **_ends(plain, 1e3))]
    for text, interval in zip(texts, intervals, strict=True):
        killed = {level: killed_rate(at_end, interval) for level, at_end in scenes.items()}
        loss = {level: 1 - killed[level] / plain[level] for level in LEVELS}
        rows.append(one(f"killed every {text}", "MB/s", "larger", **_ends(killed, 1e3)))
        rows.append(one(f"loss at {text}", "share", "smaller", **_ends(loss)))
    return rows


def _ends(found: Mapping[str, float], factor: float = 1.0) -> dict[str, float]:
    """Value, low and high of a row."""
    ends = [factor * value for value in found.values()]
    return {"value": ends[0], "low": min(ends), "high": max(ends)}
