"""Rows of benchmarks in which something dies: what is asked for, what is counted, in which unit."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from microbench.errors import UsageError
from microbench.machine import engine
from microbench.machine.pricing import Ledger
from microbench.row import Row
from microbench.run import failure, failure_words, restart
from microbench.run.failure import failure_rows, reboot_numbers
from microbench.run.failure_words import MIX, mix_of, time_ns
from microbench.run.restart import NEVER, PHASES, PREDICTION
from microbench.run.setup import Setup
from microbench.servers.campaign import OUTCOMES, Verdict
from microbench.servers.monolith import OUTCOMES as KERNEL_OUTCOMES
from tests.machine.toy import toy

SETUP = Setup(toy())  # 100 MHz: 100,000 cycles are a millisecond
SECOND = 1_000_000_000


def rows_of(benchmark: str, *words: str) -> dict[str, Row]:
    found = failure_rows(benchmark, list(words), SETUP)
    assert len({row.metric for row in found}) == len({(r.metric, r.system) for r in found})
    return {row.metric: row for row in found}


def ledger(cycles: int) -> Ledger:
    ticks = np.full((1, 1), cycles * engine.TICKS, np.int64)
    return Ledger(ticks, np.zeros(len(engine.COUNTERS), np.int64), ("user",))


def at_level(plan: Any, start: Any, setup: Setup, level: str) -> Any:
    """The scene or plan at an end, its clock's step left alone."""
    return replace(plan, level=level)


FACTOR = {"low": 1, "value": 2, "high": 4}


@pytest.fixture
def recovered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """A recovery of four steps, one of them twice, longer at each level; what was asked for."""
    asked: list[tuple[Any, ...]] = []
    steps = ["fault", "defect", "start", "rebind", "rebind"]

    def recover(scene: Any, *words: Any) -> SimpleNamespace:
        asked.append((scene, *words))
        return SimpleNamespace(
            trace=FACTOR[scene.level], first=2, steps=steps, errors=len(asked), replayed=2,
            clients_alive=1,
        )  # fmt: skip

    cycles = (9_000_000, 9_000_000, 9_000_000, 50_000, 100_000, 150_000, 200_000, 9_000_000)
    monkeypatch.setattr(restart, "on_priced_clock", at_level)
    monkeypatch.setattr(restart, "recover", recover)
    monkeypatch.setattr(
        restart, "price", lambda spec, factor, scales: [ledger(factor * c) for c in cycles]
    )
    return asked


def test_a_restart_is_its_steps_in_milliseconds_without_the_fault_and_their_sum(
    recovered: list[Any],
) -> None:
    found = rows_of("restart", "--component", "disk")
    times = {name: (r.low, r.value, r.high) for name, r in found.items() if r.unit == "ms"}
    assert times == {
        "defect": (0.5, 1, 2), "start": (1, 2, 4), "rebind": (3.5, 7, 14), "total": (5, 10, 20),
    }  # fmt: skip
    counts = {name: (r.value, r.unit) for name, r in found.items() if r.unit != "ms"}
    assert counts == {
        "calls failed": (1, "calls"), "requests replayed": (2, "calls"),
        "clients alive": (1, "clients"),
    }  # fmt: skip
    assert {row.system for row in found.values()} == {"l4-server"}
    assert {row.better for row in found.values()} == {"smaller"}
    first = found["total"]
    assert (first.benchmark, first.args, first.machine) == ("restart", "--component disk", "toy")
    assert first.machine_hash == SETUP.spec.hash
    assert first.note == PREDICTION
    assert [scene.level for scene, *_ in recovered] == ["value", "low", "high"]


def test_by_default_the_disk_driver_exits_once_on_a_hard_disk(recovered: list[Any]) -> None:
    rows_of("restart")
    scene, fault, deaths, rest = recovered[0]
    assert (scene.component, scene.policy.name, scene.disk) == ("disk", "minix", "ata")
    assert (fault, deaths, rest) == ("exit", 0, 0)
    recovered.clear()
    words = "--component fs --fault hang --policy ham --heartbeat 2s --deaths 10 --disk ram"
    rows_of("restart", *words.split())
    scene, fault, deaths, _ = recovered[0]
    assert (scene.component, scene.policy.name, scene.disk) == ("fs", "ham", "ram")
    assert (fault, deaths, scene.policy.heartbeat_ns) == ("hang", 10, 2 * SECOND)


@pytest.mark.parametrize(
    ("words", "cycle"),
    [
        ("", 0),
        ("--deaths 3", SECOND),  # MINIX waits for a tick of a second
        ("--deaths 3 --policy direct", 0),
        ("--fault hang", 5 * SECOND + SECOND),  # a question every five seconds, and a tick
        ("--fault hang --policy direct --deaths 1", 2 * SECOND),
    ],
)
def test_a_fault_falls_evenly_between_questions_or_ticks(
    recovered: list[Any], words: str, cycle: int
) -> None:
    found = rows_of("restart", *words.split())
    rests = [rest for scene, _, _, rest in recovered if scene.level == "value"]
    if not cycle:
        assert rests == [0]
        return
    assert len(rests) == PHASES == 6
    assert rests[0] == cycle // 12
    assert {b - a for a, b in pairwise(rests)} <= {
        cycle // 6, cycle // 6 + 1, cycle // 6 - 1,
    }  # fmt: skip
    failed = found["calls failed"]
    assert (failed.low, failed.value, failed.high) == (1, 3.5, 6), "over where it falls"


def test_where_the_slowest_device_never_comes_back_the_usual_reset_stands_in(
    recovered: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    inner, failing = restart.recover, ["high"]

    def fails(scene: Any, *words: Any) -> Any:
        if scene.level in failing and not scene.device:
            raise UsageError("never")
        return inner(scene, *words)

    monkeypatch.setattr(restart, "recover", fails)
    found = rows_of("restart")
    assert found["total"].note == f"{PREDICTION}; {NEVER}"
    assert found["total"].high == 20
    assert [(s.level, s.device) for s, *_ in recovered][-1] == ("high", "value")
    for level in ("low", "value"):
        failing[:] = [level]
        with pytest.raises(UsageError, match="never"):
            rows_of("restart")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--deaths 11", "--deaths 11: a whole number, 0 to 10"),
        ("--component cpu", "restart --component: 'cpu'"),
        ("--fault sleep", "restart --fault: 'sleep'"),
        ("--policy kind", "--policy kind"),
        ("--every 1s", "restart: no option --every; there are --component --fault"),
        ("disk", "restart: 'disk' is no option"),
        ("--disk", "restart: --disk needs a value"),
        ("--component fuse --deaths 1", "restart --component fuse: takes no --deaths"),
        ("--component fuse --fault hang", "notices no daemon that hangs"),
        ("--disk ram --disk ata", "restart: --disk is given twice"),
    ],
)
def test_what_a_restart_cannot_be_told(recovered: list[Any], words: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        rows_of("restart", *words.split())
    assert recovered == []


def test_a_daemon_that_dies_is_counted_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        restart, "daemon_death", lambda disk: asked.append(disk) or [("failed", "calls", 3)]
    )
    found = rows_of("restart", "--component", "fuse", "--fault", "exit")
    assert [(r.system, r.metric, r.unit, r.value) for r in found.values()] == [
        ("native-fuse", "failed", "calls", 3.0)
    ]
    rows_of("restart", "--component", "fuse", "--disk", "ata")
    assert asked == ["ram", "ata"]


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """A stream of 10 bytes a microsecond that loses a fifth when it is killed, slower at levels."""
    asked: list[tuple[Any, ...]] = []

    def killed(scene: Any, every: int) -> float:
        asked.append((scene, every))
        return 0.016 / FACTOR[scene.level]

    monkeypatch.setattr(restart, "on_priced_clock", at_level)
    monkeypatch.setattr(restart, "plain_rate", lambda scene: 0.020 / FACTOR[scene.level])
    monkeypatch.setattr(restart, "killed_rate", killed)
    return asked


def test_a_killed_stream_is_a_rate_and_what_is_lost_of_the_undisturbed_one(
    streams: list[Any],
) -> None:
    found = rows_of("bw_kill", "--every", "1s,2s")
    assert list(found) == [
        "undisturbed", "killed every 1s", "loss at 1s", "killed every 2s", "loss at 2s",
    ]  # fmt: skip
    ranges = {
        m: tuple(round(x or 0, 9) for x in (r.low, r.value, r.high)) for m, r in found.items()
    }
    assert ranges["undisturbed"] == (5, 10, 20)
    assert ranges["killed every 1s"] == ranges["killed every 2s"] == (4, 8, 16)
    assert ranges["loss at 1s"] == (0.2, 0.2, 0.2)
    kinds = {(row.unit, row.better) for row in found.values()}
    assert kinds == {("MB/s", "larger"), ("share", "smaller")}
    assert (found["undisturbed"].better, found["loss at 1s"].better) == ("larger", "smaller")
    assert {row.note for row in found.values()} == {PREDICTION}
    assert [(s.component, s.disk, s.level, e // SECOND) for s, e in streams] == [
        ("disk", "flash", level, every) for every in (1, 2) for level in ("value", "low", "high")
    ]


def test_streams_are_killed_every_second_two_and_five_unless_told_else(streams: list[Any]) -> None:
    rows_of("bw_kill", "--component", "net", "--policy", "ham")
    assert [every // SECOND for _, every in streams[::3]] == [1, 2, 5]
    scene = streams[0][0]
    assert (scene.component, scene.policy.name) == ("net", "ham")
    for benchmark in ("bw_kill", "restart"):
        with pytest.raises(UsageError, match=f"{benchmark} --component net: takes no --disk"):
            rows_of(benchmark, "--component", "net", "--disk", "ram")
    with pytest.raises(UsageError, match="'fs'"):
        rows_of("bw_kill", "--component", "fs")


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("every", ("100ms", "60s"), ("99ms", "61s", "0.05s")),
        ("heartbeat", ("1s", "1h"), ("999ms", "1.1h")),
        ("mttf", ("1s", "1000000h"), ("999ms", "1000001h")),
    ],
)
def test_a_time_is_within_its_ends_which_are_said(
    key: str, good: tuple[str, ...], bad: tuple[str, ...]
) -> None:
    assert [time_ns("x", key, text) for text in good] == list(failure_words.TIMES[key])
    for text in bad:
        with pytest.raises(UsageError, match=rf"x: --{key} .*: a time is a number with ms, s or h"):
            time_ns("x", key, text)


@pytest.mark.parametrize(
    ("text", "ns"), [("1.5s", 1_500_000_000), ("2500ms", 2_500_000_000), ("0.5h", 1800 * SECOND)]
)
def test_units_of_time(text: str, ns: int) -> None:
    assert time_ns("x", "heartbeat", text) == ns
    with pytest.raises(UsageError, match=r"1 to 3600 s"):
        time_ns("x", "heartbeat", text.rstrip("msh"))


@pytest.mark.parametrize("text", ["exit", "exit 1 2", "nothing 1", "exit 0,hang 0", "exit 1000001"])
def test_a_mix_is_faults_with_weights_that_are_not_all_nothing(text: str) -> None:
    with pytest.raises(UsageError, match="faults: --mix"):
        mix_of(text)


def test_a_weight_is_nothing_to_a_million() -> None:
    assert mix_of("exit 0,hang 1000000") == {"exit": 0, "hang": 1_000_000}


@pytest.fixture
def campaigns(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, int]]:
    """Campaigns: each run adds a transparent fault of 1 s and one of 3 s, and one that is noticed.

    Times are half as long at the low end and twice as long at the high one.
    """
    asked: list[tuple[Any, int]] = []

    class Campaign:
        def __init__(self, plan: Any) -> None:
            self.plan, self.verdict = plan, Verdict(Counter(), 0, {})

        def run(self, n: int) -> Verdict:
            asked.append((self.plan, n))
            one = FACTOR[self.plan.level] * SECOND // 2
            self.verdict.outcomes.update({("disk", "exit", "transparent"): 7,
                                          ("fs", "hang", "transparent"): 3,
                                          ("fs", "exit", "client error"): 5})  # fmt: skip
            self.verdict.wrong = FACTOR[self.plan.level]
            down = self.verdict.downtime_ns
            down.setdefault("transparent", []).extend((one, 3 * one))
            down.setdefault("client error", []).append(8 * one)
            return self.verdict

    monkeypatch.setattr(failure, "on_priced_clock", at_level)
    monkeypatch.setattr(failure, "Campaign", Campaign)
    return asked


def test_faults_are_counted_by_what_came_of_them_with_mean_and_longest_time(
    campaigns: list[tuple[Any, int]],
) -> None:
    found = rows_of("faults")
    counts = {m: r.value for m, r in found.items() if r.unit == "faults"}
    assert counts == {**dict.fromkeys(OUTCOMES, 0), "transparent": 20, "client error": 10}
    down = {m: (r.low, r.value, r.high) for m, r in found.items() if r.unit == "ms"}
    assert down == {
        "down, client error": (4000, 8000, 16_000), "longest, client error": (4000, 8000, 16_000),
        "down, transparent": (1000, 2000, 4000), "longest, transparent": (1500, 3000, 6000),
    }  # fmt: skip
    wrong = found["wrong bytes"]
    assert (wrong.value, wrong.unit, wrong.system) == (1 + 2 + 4, "bytes", "l4-server")
    assert {row.better for row in found.values()} == {"smaller"}
    assert {r.note for r in found.values() if r.unit == "ms"} == {PREDICTION}


def test_a_campaign_is_what_was_asked_for_and_shorter_at_the_ends(
    campaigns: list[tuple[Any, int]],
) -> None:
    rows_of("faults", "--n", "1000")
    rows_of(
        "faults", "--n", "7", "--seed", "3", "--components", "manager,names", "--mix",
        "exit", "1,hang", "2", "--policy", "ham", "--data", "mapped",
    )  # fmt: skip
    runs = [(plan.level, n) for plan, n in campaigns]
    assert runs[:4] == [("value", 300), ("low", 300), ("high", 300), ("value", 700)]
    assert runs[4:] == [("value", 7), ("low", 7), ("high", 7), ("value", 0)]
    usual, given = campaigns[0][0], campaigns[4][0]
    assert (usual.seed, usual.components, usual.mix) == (1, ("disk", "fs"), MIX)
    assert (usual.policy.name, usual.mapped) == ("minix", False)
    assert sum(MIX.values()) == 100
    assert max(MIX, key=MIX.__getitem__) == "exit"
    assert (given.seed, given.components, given.mix) == (
        3, ("manager", "names"), {"exit": 1, "hang": 2},
    )  # fmt: skip
    assert (given.policy.name, given.mapped) == ("ham", True)
    campaigns.clear()
    rows_of("faults")
    assert campaigns[0][1] == 200


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--n 100001", "1 to 100000"),
        ("--n 0", "1 to 100000"),
        ("--seed 2147483649", "0 to 2147483648"),
        ("--structure fuse", "faults --structure"),
        ("--components net", "faults --components"),
        ("--data lent", "faults --data"),
        ("--structure native --components disk", "takes no --components"),
    ],
)
def test_what_a_campaign_cannot_be_told(campaigns: list[Any], words: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        rows_of("faults", *words.split())
    assert campaigns == []


@pytest.mark.parametrize("words", ["--n 100000", "--seed 0", "--seed 2147483648", "--n 1"])
def test_the_ends_of_numbers_are_taken(campaigns: list[Any], words: str) -> None:
    rows_of("faults", *words.split())
    assert {plan.level for plan, _ in campaigns} == {"value", "low", "high"}


def test_faults_of_a_kernel_are_processes_components_and_systems(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    killed, component, system = KERNEL_OUTCOMES
    asked: list[Any] = []

    def campaign(*words: Any) -> tuple[Counter[Any], int, int]:
        asked.append(words)
        outcomes = {("exit", killed): 4, ("hang", system): 3, ("exception", killed): 2}
        return Counter(outcomes), 5, 8192

    monkeypatch.setattr(failure.monolith, "campaign", campaign)
    found = rows_of("faults", "--structure", "native", "--n", "9", "--seed", "4")
    assert {m: (r.value, r.unit) for m, r in found.items()} == {
        killed: (6, "faults"), component: (0, "faults"), system: (3, "faults"),
        "acknowledged bytes lost": (8192, "bytes"), "wrong bytes": (5, "bytes"),
    }  # fmt: skip
    assert {r.system for r in found.values()} == {"native"}
    assert (asked[0][0], asked[0][2]) == (9, 4)


@pytest.fixture
def kernels(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Of faults in a kernel a quarter leaves it locked or panicked; what was asked for."""
    asked: list[Any] = []
    killed, component, system = KERNEL_OUTCOMES

    def campaign(n: int, *words: Any) -> tuple[Counter[Any], int, int]:
        asked.append((n, *words))
        counted = {("exit", killed): 3 * n // 4, ("hang", component): n // 8}
        return Counter({**counted, ("hang", system): n - 3 * n // 4 - n // 8}), 0, 0

    monkeypatch.setattr(failure.monolith, "campaign", campaign)
    return asked


def test_availability_is_the_share_of_time_between_faults_and_seconds_of_a_year(
    campaigns: list[tuple[Any, int]], kernels: list[Any]
) -> None:
    found = rows_of("availability", "--mttf", "36s")
    year = 365.25 * 86400
    for name in ("direct", "minix", "ham"):
        share, down = found[f"available, {name}"], found[f"down, {name}"]
        assert (share.low, share.value, share.high) == (36 / 44, 36 / 40, 36 / 38)
        assert (share.unit, share.better) == ("share", "larger")
        assert down.value == pytest.approx(year / 10)
        assert down.low == pytest.approx(year * 2 / 38)
        assert down.high == pytest.approx(year * 8 / 44)
        assert (down.unit, down.better, down.system) == ("s/year", "smaller", "l4-server")
        assert share.note == PREDICTION
    plans = [plan for plan, _ in campaigns]
    assert list(dict.fromkeys(plan.policy.name for plan in plans)) == ["direct", "minix", "ham"]
    assert {plan.seed for plan in plans} == {1}
    assert {plan.components for plan in plans} == {("disk", "fs")}


def test_each_kind_of_fault_has_a_campaign_of_its_own_and_its_weight(
    campaigns: list[tuple[Any, int]], kernels: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hangs, which are few, last longest: drawn together they would be what was drawn."""
    inner = failure.Campaign.run

    def run(self: Any, n: int) -> Verdict:
        found = inner(self, n)
        seconds = {"exit": 1, "exception": 2, "hang": 100}[next(iter(self.plan.mix))]
        found.downtime_ns = {"transparent": [seconds * SECOND], "client error": [seconds * SECOND]}
        return found

    monkeypatch.setattr(failure.Campaign, "run", run)
    found = rows_of("availability", "--mttf", "100s")
    mean = (65 * 1 + 31 * 2 + 4 * 100) / 100
    assert found["available, minix"].value == pytest.approx(100 / (100 + mean))
    assert {next(iter(plan.mix)) for plan, _ in campaigns} == set(MIX)
    assert {n for _, n in campaigns} == {34}, "a hundred faults, a third of each kind, rounded up"


def test_a_kernel_reboots_after_every_fault_at_worst_and_else_where_it_is_locked_or_gone(
    campaigns: list[tuple[Any, int]], kernels: list[Any]
) -> None:
    found = rows_of("availability", "--n", "8", "--seed", "2")
    assert kernels == [(8, MIX, 2)]
    assert {plan.seed for plan, _ in campaigns} == {2}
    seconds, day, year = reboot_numbers()["reboot"], 86400, 365.25 * 86400
    for how, part in (("reboot after every fault", 1), ("reboot where locked or panicked", 0.25)):
        share, down = found[f"available, {how}"], found[f"down, {how}"]
        assert share.system == down.system == "native"
        low, value, high = (part * getattr(seconds, end) for end in ("low", "value", "high"))
        assert share.low == pytest.approx(day / (day + high))
        assert share.high == pytest.approx(day / (day + low))
        assert down.low == pytest.approx(year * low / (day + low))
        assert down.high == pytest.approx(year * high / (day + high))
        assert down.value == pytest.approx(year * value / (day + value))


def test_the_ends_of_availability() -> None:
    for words, says in (("--n 100001", "1 to 100000"), ("--seed 2147483649", "0 to")):
        with pytest.raises(UsageError, match=says):
            rows_of("availability", *words.split())
