"""Measured beside modelled, sides beside one another, and causes of a difference: toy rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from microbench.errors import MismatchError, UsageError
from microbench.row import Row
from microbench.run.setup import prepare
from microbench.store.across import Line, across, labels, means
from microbench.study import between as betweens
from microbench.study.beside import Beside, beside, largest
from microbench.study.verdicts import shares, verdict


def row(benchmark: str, value: float, machine: str = "a", **more: object) -> Row:
    fields = {"args": "", "metric": "latency", "unit": "us", "better": "smaller", **more}
    return Row(benchmark=benchmark, machine=machine, system="s", value=value, **fields)  # type: ignore[arg-type]


def test_sides_are_matched_although_machines_differ() -> None:
    first = [row("x", 2.0), row("y", 5.0)]
    second = [row("x", 3.0, "b"), row("z", 1.0, "b")]
    (line,) = across([first, second])
    assert line.change(1) == pytest.approx(0.5)
    assert labels({"f": first, "g": second}) == ["a", "b"]
    assert labels({"f": first, "g": first}) == ["f", "g"]
    assert means([line], 2) == [1.0, pytest.approx(1.5)]


def test_a_rate_counts_the_other_way_round_in_the_mean() -> None:
    rates = {"unit": "MB/s", "better": "larger", "metric": "bandwidth"}
    lines = across([[row("x", 2.0, **rates)], [row("x", 4.0, "b", **rates)]])
    assert means(lines, 2)[1] == pytest.approx(0.5)


def test_what_has_nothing_in_common_is_refused() -> None:
    with pytest.raises(MismatchError, match="no row in common"):
        across([[row("x", 1.0)], [row("y", 1.0)]])
    with pytest.raises(MismatchError, match="unit"):
        across([[row("x", 1.0)], [row("x", 1.0, unit="ns")]])


def test_overlapping_intervals_of_measurements_are_no_difference() -> None:
    low = row("x", 1.0, low=0.9, high=1.1, role="measured")
    near, far = replace(low, value=1.05), replace(low, value=2.0, low=1.9, high=2.1)
    assert Line((low, near)).unclear(1)
    assert not Line((low, far)).unclear(1)
    assert not Line((low, replace(near, role=""))).unclear(1)


def test_beside_a_machine_with_what_is_not_modelled_named() -> None:
    setup = prepare("cortex-a72")
    rows = [
        row("lat_syscall", 0.4, args="null"),
        row("lat_udp", 9.0),
        row("lat_pipe", 1.0, unit="ns"),
    ]
    known, unknown, other = beside(rows, setup)
    assert known.modelled is not None
    assert known.modelled.low <= known.modelled.value <= known.modelled.high
    assert known.error == pytest.approx(known.modelled.value / 0.4 - 1)
    assert unknown.modelled is None
    assert "lat_udp" in unknown.why
    assert "ns" in other.why
    assert "%" in verdict(known, setup)


def test_the_largest_differences_first_and_small_ones_not() -> None:
    def one(error: float) -> Beside:
        return Beside(row("x", 1.0), row("x", 1.0 + error, low=0.5, high=1.2))

    found = [one(0.05), one(0.5), one(-0.6)]
    assert [round(b.error, 2) for b in largest(found)] == [-0.6, 0.5]
    assert one(0.0).place == "inside"
    assert Beside(row("x", 3.0), row("x", 1.0, low=0.5, high=1.2)).place == "above"


def test_causes_as_shares_of_their_sum() -> None:
    assert shares({"a": 1.0, "b": 3.0, "c": 0.0}) == "b 75%, a 25%"
    assert shares({}) == ""


def test_a_cause_that_makes_the_whole_difference_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that are a trap, and rows that are memory: dearer traps move only the first."""

    def value(line: Row, setup: object) -> float:
        spec = setup.spec  # type: ignore[attr-defined]
        key = {"trap": "trap.syscall_cycles", "memory": "memory.latency_ns"}[line.benchmark]
        return float(spec.value(key))

    monkeypatch.setattr(betweens, "_value", value)
    sides = [
        [row("trap", 1.0), row("memory", 1.0)],
        [row("trap", 10.0, "b"), row("memory", 1.0, "b")],
    ]
    found = {f.cause: f for f in betweens.between(across(sides), ["a", "b"], prepare("skylake"))}
    traps = found["dearer traps (mitigations, exits to a host)"]
    assert (traps.verdict, traps.side, traps.explained) == ("could", "b", pytest.approx(1.0))
    assert found["slower memory"].verdict == "cannot"
    assert "trap: x 10.00, would be x 1.00" in found["slower memory"].against


def test_rows_without_a_difference_have_no_cause() -> None:
    lines = across(
        [[row("lat_syscall", 1.0, args="null")], [row("lat_syscall", 1.0, "b", args="null")]]
    )
    with pytest.raises(UsageError, match="no row differs"):
        betweens.between(lines, ["a", "b"], prepare("skylake"))
