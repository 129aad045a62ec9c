"""Rows of benchmarks in which something dies: what is asked for, what is counted, in which unit."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from microbench.errors import UsageError
from microbench.machine import engine
from microbench.machine.pricing import Ledger
from microbench.row import Row
from microbench.run import failure
from microbench.run.failure import failure_rows, mix_of, reboot_numbers, time_ns
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


@pytest.fixture
def recovered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """A recovery of four steps, one of them twice; what was asked for."""
    asked: list[tuple[Any, ...]] = []
    steps = ["fault", "defect", "start", "rebind", "rebind"]

    def recover(*words: Any) -> SimpleNamespace:
        asked.append(words)
        return SimpleNamespace(
            trace=None, first=2, steps=steps, errors=3, replayed=2, clients_alive=1
        )

    cycles = (9_000_000, 9_000_000, 9_000_000, 100_000, 200_000, 300_000, 400_000, 9_000_000)
    monkeypatch.setattr(failure, "recover", recover)
    monkeypatch.setattr(failure, "price", lambda *words: [ledger(c) for c in cycles])
    return asked


def test_a_restart_is_its_steps_in_milliseconds_without_the_fault_and_their_sum(
    recovered: list[Any],
) -> None:
    found = rows_of("restart", "--component", "disk")
    times = {name: row.value for name, row in found.items() if row.unit == "ms"}
    assert times == pytest.approx({"defect": 1, "start": 2, "rebind": 7, "total": 10})
    counts = {name: row.value for name, row in found.items() if row.unit == "calls"}
    assert counts == {"calls failed": 3, "requests replayed": 2, "clients alive": 1}
    assert {row.system for row in found.values()} == {"l4-server"}
    assert {row.better for row in found.values()} == {"smaller"}
    first = found["total"]
    assert (first.benchmark, first.args, first.machine) == ("restart", "--component disk", "toy")
    assert first.machine_hash == SETUP.spec.hash


def test_by_default_the_disk_driver_exits_once_on_a_hard_disk(recovered: list[Any]) -> None:
    rows_of("restart")
    component, fault, rules, disk, deaths = recovered[0]
    assert (component, fault, rules.name, disk, deaths) == ("disk", "exit", "minix", "ata", 0)
    words = "--component fs --fault hang --policy ham --heartbeat 2s --deaths 10 --disk ram"
    rows_of("restart", *words.split())
    component, fault, rules, disk, deaths = recovered[1]
    assert (component, fault, disk, deaths) == ("fs", "hang", "ram", 10)
    assert (rules.name, rules.heartbeat_ns) == ("ham", 2 * SECOND)


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
    ],
)
def test_what_a_restart_cannot_be_told(recovered: list[Any], words: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        rows_of("restart", *words.split())
    assert recovered == []


def test_a_daemon_that_dies_is_counted_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        failure, "daemon_death", lambda disk: asked.append(disk) or [("failed", "calls", 3)]
    )
    found = rows_of("restart", "--component", "fuse", "--fault", "exit")
    assert [(r.system, r.metric, r.unit, r.value) for r in found.values()] == [
        ("native-fuse", "failed", "calls", 3.0)
    ]
    rows_of("restart", "--component", "fuse", "--disk", "ata")
    assert asked == ["ram", "ata"]


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """A stream of 10 bytes a microsecond that loses a fifth when it is killed."""
    asked: list[tuple[Any, ...]] = []

    def killed(*words: Any) -> tuple[float, float]:
        asked.append(words)
        return 0.010, 0.008

    monkeypatch.setattr(failure, "killed_stream", killed)
    return asked


def test_a_killed_stream_is_a_rate_and_what_is_lost_of_the_undisturbed_one(
    streams: list[Any],
) -> None:
    found = rows_of("bw_kill", "--every", "1s,2s")
    assert list(found) == [
        "undisturbed", "killed every 1s", "loss at 1s", "killed every 2s", "loss at 2s",
    ]  # fmt: skip
    assert [round(row.value, 9) for row in found.values()] == [10, 8, 0.2, 8, 0.2]
    kinds = {(row.unit, row.better) for row in found.values()}
    assert kinds == {("MB/s", "larger"), ("share", "smaller")}
    assert (found["undisturbed"].better, found["loss at 1s"].better) == ("larger", "smaller")
    assert [(a[0], a[1], a[3]) for a in streams] == [
        ("disk", SECOND, "flash"), ("disk", 2 * SECOND, "flash"),
    ]  # fmt: skip


def test_streams_are_killed_as_often_whatever_the_interval(streams: list[Any]) -> None:
    rows_of("bw_kill", "--component", "net")
    assert [(a[0], a[1] // SECOND) for a in streams] == [("net", 1), ("net", 2), ("net", 5)]
    assert len({a[4] for a in streams}) == 1
    assert streams[0][4] >= 2
    with pytest.raises(UsageError, match="'fs'"):
        rows_of("bw_kill", "--component", "fs")


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("every", ("100ms", "60s"), ("99ms", "61s", "0.05s")),
        ("heartbeat", ("100ms", "1h"), ("99ms", "1.1h")),
        ("mttf", ("1s", "1000000h"), ("999ms", "1000001h")),
    ],
)
def test_a_time_is_within_its_ends_which_are_said(
    key: str, good: tuple[str, ...], bad: tuple[str, ...]
) -> None:
    assert [time_ns("x", key, text) for text in good] == list(failure.TIMES[key])
    for text in bad:
        with pytest.raises(UsageError, match=rf"x: --{key} .*: a time is a number with ms, s or h"):
            time_ns("x", key, text)


@pytest.mark.parametrize(
    ("text", "ns"), [("1.5s", 1_500_000_000), ("250ms", 250_000_000), ("0.5h", 1800 * SECOND)]
)
def test_units_of_time(text: str, ns: int) -> None:
    assert time_ns("x", "heartbeat", text) == ns
    with pytest.raises(UsageError, match=r"0\.1 to 3600 s"):
        time_ns("x", "heartbeat", text.rstrip("msh"))


@pytest.mark.parametrize("text", ["exit", "exit 1 2", "nothing 1", "exit 0,hang 0", "exit 1000001"])
def test_a_mix_is_faults_with_weights_that_are_not_all_nothing(text: str) -> None:
    with pytest.raises(UsageError, match="faults: --mix"):
        mix_of(text)


def test_a_weight_is_nothing_to_a_million() -> None:
    assert mix_of("exit 0,hang 1000000") == {"exit": 0, "hang": 1_000_000}


@pytest.fixture
def campaigns(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A campaign with fifteen faults, ten of them noticed by nobody."""
    asked: list[dict[str, Any]] = []

    class Campaign:
        def __init__(self, rules: Any, components: Any, mix: Any, seed: int, **more: Any) -> None:
            asked.append({"rules": rules, "components": tuple(components), "mix": mix,
                          "seed": seed, **more})  # fmt: skip

        def run(self, n: int) -> Verdict:
            asked[-1]["n"] = n
            outcomes = {("disk", "exit", "transparent"): 7, ("fs", "hang", "transparent"): 3,
                        ("fs", "exit", "client error"): 5}  # fmt: skip
            down = {"transparent": [1 * SECOND, 3 * SECOND], "client error": [8 * SECOND]}
            return Verdict(Counter(outcomes), 2, down)

    monkeypatch.setattr(failure.campaign, "Campaign", Campaign)
    return asked


def test_faults_are_counted_by_what_came_of_them_with_mean_and_worst_time(
    campaigns: list[dict[str, Any]],
) -> None:
    found = rows_of("faults")
    counts = {m: r.value for m, r in found.items() if r.unit == "faults"}
    assert counts == {**dict.fromkeys(OUTCOMES, 0), "transparent": 10, "client error": 5}
    down = {m: (r.value, r.high) for m, r in found.items() if r.unit == "ms"}
    assert down == {
        "downtime, client error": (8000, 8000), "downtime, transparent": (2000, 3000),
    }  # fmt: skip
    wrong = found["wrong bytes"]
    assert (wrong.value, wrong.unit, wrong.system) == (2, "bytes", "l4-server")
    assert {row.better for row in found.values()} == {"smaller"}


def test_a_campaign_is_what_was_asked_for(campaigns: list[dict[str, Any]]) -> None:
    rows_of("faults")
    rows_of(
        "faults", "--n", "7", "--seed", "3", "--components", "manager,names", "--mix",
        "exit", "1,hang", "2", "--policy", "ham", "--data", "mapped",
    )  # fmt: skip
    usual, given = campaigns
    assert (usual["n"], usual["seed"], usual["components"]) == (200, 1, ("disk", "fs"))
    assert (usual["rules"].name, usual["mapped"]) == ("minix", False)
    assert sum(usual["mix"].values()) == 100
    assert max(usual["mix"], key=usual["mix"].__getitem__) == "exit"
    assert (given["n"], given["seed"], given["components"]) == (7, 3, ("manager", "names"))
    assert (given["rules"].name, given["mapped"]) == ("ham", True)
    assert given["mix"] == {"exit": 1, "hang": 2}


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
def test_what_a_campaign_cannot_be_told(
    campaigns: list[dict[str, Any]], words: str, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        rows_of("faults", *words.split())
    assert campaigns == []


@pytest.mark.parametrize("words", ["--n 100000", "--seed 0", "--seed 2147483648", "--n 1"])
def test_the_ends_of_numbers_are_taken(campaigns: list[dict[str, Any]], words: str) -> None:
    rows_of("faults", *words.split())
    assert len(campaigns) == 1


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


def test_availability_is_the_share_of_time_between_faults_and_seconds_of_a_year(
    campaigns: list[dict[str, Any]],
) -> None:
    found = rows_of("availability", "--mttf", "36s")
    for name in ("direct", "minix", "ham"):
        share, down = found[f"available, {name}"], found[f"down, {name}"]
        assert (share.value, share.unit, share.better) == (36 / 40, "share", "larger")
        assert down.value == pytest.approx(365.25 * 86400 / 10)
        assert (down.unit, down.better, down.system) == ("s/year", "smaller", "l4-server")
        assert share.low is share.high is down.low is down.high is None
    assert [a["rules"].name for a in campaigns] == ["direct", "minix", "ham"]
    assert {a["n"] for a in campaigns} == {100}
    assert {a["seed"] for a in campaigns} == {1}
    assert {a["components"] for a in campaigns} == {("disk", "fs")}


def test_a_kernel_reboots_in_a_time_with_a_range_whose_ends_change_places(
    campaigns: list[dict[str, Any]],
) -> None:
    found = rows_of("availability", "--n", "5", "--seed", "2")
    assert {(a["n"], a["seed"]) for a in campaigns} == {(5, 2)}
    share, down = found["available, reboot"], found["down, reboot"]
    seconds, day, year = reboot_numbers()["reboot"], 86400, 365.25 * 86400
    assert share.system == down.system == "native"
    assert share.low is not None
    assert share.high is not None
    assert share.low < share.value < share.high
    assert share.low == pytest.approx(day / (day + seconds.high))
    assert down.low is not None
    assert down.high is not None
    assert down.low < down.value < down.high
    assert down.low == pytest.approx(year * seconds.low / (day + seconds.low))
    assert down.value == pytest.approx(year * (1 - share.value))


def test_the_ends_of_availability() -> None:
    for words, says in (("--n 100001", "1 to 100000"), ("--seed 2147483649", "0 to")):
        with pytest.raises(UsageError, match=says):
            rows_of("availability", *words.split())
