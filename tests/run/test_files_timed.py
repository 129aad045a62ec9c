"""Rows of file benchmarks: which stretches are timed, what is counted in them, which end is low."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from microbench.run import files
from microbench.run.files import COUNTS, FileOutcome, counts, file_rows, structures_of, timed
from microbench.run.runner import Measured
from microbench.run.setup import Setup
from microbench.servers.played import Played
from microbench.systems.registry import SYSTEMS, Play, System
from microbench.trace import Trace, ops
from microbench.workloads.files import FileBench, FileOptions
from tests.machine.toy import Toy, toy
from tests.run.made import SETUP, user

NAMES = ("ipc_fast_call", "ipc_transfer_x", "exception_y", "page_fault_z", "interrupt_ipc", "open")


def bench(**more: Any) -> FileBench:
    given = {"options": FileOptions(fs=("toy",)), "warm_up": 1, "counted": 2, **more}
    return FileBench("lat_fs", "-x", program=lambda n: None, **given)  # type: ignore[arg-type]


def marked(*stretches: tuple[int, int], paths: int = 0) -> Trace:
    """Stretches of so many instructions, with the numbers of their marks, and some paths each."""
    t = Toy()
    for instructions, number in stretches:
        t.recorder.compute(instructions)
        for _ in range(paths):
            t.fetch(0)
        t.recorder.mark(number)
    return t.recorder.finish()


STRETCHES = ((900, -1), (50, 0), (800, -1), (20, 1), (700, -1), (30, 2))


def played(level: str = "value") -> Played:
    scale = {"low": 1, "value": 2, "high": 4}[level]
    trace = marked(*((n * scale, number) for n, number in STRETCHES))
    totals = [
        Counter(requests=7 * i * i, copied=100 * i, ipcs=50 * i, own=i)
        for i in range(1, len(STRETCHES) + 1)
    ]
    return Played(trace, totals, [])


def play(part: Any, stage: Mapping[str, Any]) -> Played:
    return played(stage["level"])


@pytest.fixture(autouse=True)
def structures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A structure twice as fast as the kernel's own, whose ranges cost nothing."""
    files._played.cache_clear()
    for name in [n for n, s in SYSTEMS.items() if "files" in s.play]:
        monkeypatch.delitem(SYSTEMS, name)
    monkeypatch.setitem(SYSTEMS, "toy", System("toy", "", {"files": Play(play)}))
    monkeypatch.setitem(SYSTEMS, "native", System("native", "", {"files": Play(play)}))


def test_marks_from_nought_on_end_what_is_timed() -> None:
    assert timed(marked(*STRETCHES)) == [1, 3, 5]
    assert timed(marked((1, 0), (1, -1), (1, 5))) == [0, 2]


def test_the_last_counted_stretches_are_measured() -> None:
    found = files.outcome(bench(), "toy", SETUP).measured["value"]
    assert (found.counted, found.ledger.cycles, found.cycles) == (2, 100, 50)
    assert found.spread == pytest.approx((60 - 40) * 2 / 100)
    (one,) = (files.outcome(bench(counted=1), "toy", SETUP).measured["value"],)
    assert (one.counted, one.cycles, one.spread) == (1, 60, 0)


def test_each_level_plays_its_own_end_on_its_own_machine() -> None:
    found = files.outcome(bench(), "toy", SETUP)
    assert {level: m.cycles for level, m in found.measured.items()} == {
        "low": 25, "value": 50, "high": 100,
    }  # fmt: skip
    assert found.us(SETUP) == 0.5
    assert found.us(SETUP, "high") == 1.0
    assert found.us(Setup(toy(core__clock_hz=50e6))) == 1.0


def test_what_was_counted_is_of_the_timed_stretches_alone() -> None:
    found = counts(played(), bench())
    squares = ((4 * 4 - 3 * 3) + (6 * 6 - 5 * 5)) * 7 / 2
    assert found["requests"] == squares
    assert (found["copied"], found["own"]) == (100, 1)
    assert found["ipcs"] == 0, "messages are counted in the trace"
    assert set(COUNTS) <= found.keys()


def test_messages_are_paths_of_the_microkernel_that_deliver_one() -> None:
    """Six paths in each of three stretches; in the last one one of each name."""
    trace = marked((1, 0), (1, -1), (1, 1), paths=len(NAMES))
    table = trace.operations.copy()
    other = NAMES.index("open")
    numbers = [0, *[other] * 5, *range(6), *range(6)]
    table[table[:, 0] == ops.PATH, 1] = numbers
    renamed = Trace(**{**vars(trace), "operations": table, "names": NAMES})
    totals = [Counter[str]() for _ in range(3)]
    assert counts(Played(renamed, totals, []), bench(counted=1))["ipcs"] == 5
    assert counts(Played(renamed, totals, []), bench(counted=2))["ipcs"] == (1 + 5) / 2


def test_a_benchmark_runs_where_it_is_asked_to_or_wherever_there_are_files() -> None:
    assert structures_of(bench()) == ["toy"]
    assert set(structures_of(bench(options=FileOptions()))) == {"toy", "native"}


def made(cycles: float, low: float, high: float) -> FileOutcome:
    measured = {
        level: Measured(user(trap=c), 1, 0.0)
        for level, c in (("value", cycles), ("low", low), ("high", high))
    }
    return FileOutcome(measured, dict.fromkeys(COUNTS, 3.0))


def rows(
    monkeypatch: pytest.MonkeyPatch, outcomes: Mapping[str, FileOutcome], **more: Any
) -> dict[str, Any]:
    monkeypatch.setattr(files, "outcome", lambda bench, name, setup: outcomes[name])
    return {row.metric: row for row in file_rows(bench(**more), SETUP)}


def test_a_time_has_its_cycles_and_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"toy": made(200, 150, 400), "native": made(100, 90, 110)}
    found = rows(monkeypatch, both)
    latency = found["latency"]
    assert (latency.value, latency.low, latency.high) == (2.0, 1.5, 4.0)
    assert (latency.cycles, latency.system, latency.machine) == (200, "toy", SETUP.machine)
    assert latency.machine_hash == SETUP.spec.hash
    share = found["ratio"]
    assert (share.value, share.unit, share.better) == (0.5, "of native", "larger")
    assert (share.low, share.high) == (110 / 400, 90 / 150)


def test_of_a_rate_the_slow_end_is_the_low_one(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"toy": made(200, 150, 400), "native": made(100, 100, 100)}
    found = rows(monkeypatch, both, metric="bandwidth", unit="MB/s", better="larger", size=60)
    assert (found["bandwidth"].value, found["bandwidth"].low) == (30, 15)
    assert found["bandwidth"].high == 40


def test_a_range_holds_its_value_whatever_the_ends_are(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"toy": made(200, 250, 400), "native": made(100, 500, 500)}
    found = rows(monkeypatch, both)
    assert (found["latency"].low, found["latency"].high) == (2.0, 4.0)
    assert (found["ratio"].low, found["ratio"].value) == (0.5, 0.5)
    below = {"toy": made(500, 250, 400), "native": made(100, 100, 100)}
    found = rows(monkeypatch, below)
    assert (found["latency"].low, found["latency"].high) == (2.5, 5.0)
    assert found["ratio"].low == 0.2


def test_counts_stand_beside_it_bytes_as_bytes_and_calls_per_operation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = {"toy": made(2, 1, 3), "native": made(1, 1, 1)}
    found = rows(monkeypatch, both)
    units = {m: r.unit for m, r in found.items() if m not in ("latency", "ratio")}
    bytes_too = {c.replace(" ", "_"): "bytes " if c == "copied" else "" for c in COUNTS}
    assert units == {c: f"{word}per op" for c, word in bytes_too.items()}
    assert {found[m].value for m in units} == {3.0}
    assert {found[m].better for m in units} == {"smaller"}
    assert found["requests"].low is None


@pytest.mark.parametrize(
    ("more", "unit", "count"),
    [
        ({"unit": "1/s", "size": 6}, "per op", 0.5),
        ({"unit": "MB/s", "size": 6, "per": "pass"}, "per pass", 3),
        ({"size": 1, "per": "phase"}, "per phase", 3),
    ],
)
def test_counts_are_of_what_their_unit_says(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], unit: str, count: float
) -> None:
    """A rate is of operations, so what is counted beside it is of one, too."""
    found = rows(monkeypatch, {"toy": made(2, 1, 3), "native": made(1, 1, 1)}, **more)
    assert (found["requests"].unit, found["requests"].value) == (unit, count)
    assert (found["copied"].unit, found["copied"].value) == (f"bytes {unit}", count)


def test_native_is_run_for_the_ratio_only_where_it_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def outcome(bench: FileBench, name: str, setup: Setup) -> FileOutcome:
        asked.append(name)
        return made(2, 2, 2)

    monkeypatch.setattr(files, "outcome", outcome)
    file_rows(bench(), SETUP)
    file_rows(bench(options=FileOptions(fs=("native",))), SETUP)
    assert asked == ["toy", "native", "native"]
