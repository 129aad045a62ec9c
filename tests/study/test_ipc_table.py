"""The IPC table: ten values of the talk, seL4's beside modern cores, ranges, blocks."""

from __future__ import annotations

from functools import cache

from microbench.row import Row
from microbench.study.ipc_table import (
    BLOCKS,
    QUEUED,
    IpcLine,
    blocks,
    chosen_cases,
    ipc_lines,
)
from microbench.study.tables import table_rows


@cache
def rows() -> list[Row]:
    return table_rows("ipc")


@cache
def lines() -> list[IpcLine]:
    return ipc_lines(rows())


def test_every_published_value_stands_there_once() -> None:
    shown = [r for r in rows() if r.published is not None]
    talk = [r for r in shown if "talk ipc" in r.published_source and "-filter" not in r.machine]
    assert len(talk) == 10
    assert len({r.key for r in rows()}) == len(rows())
    assert all(r.role == "predict" for r in shown)


def test_nothing_is_calibrated_on_it() -> None:
    assert not any(r.role == "calibrate" for r in rows())


def test_low_and_high_enclose_the_middle() -> None:
    assert len(lines()) * 3 == len(rows())
    for line in lines():
        assert line.low <= line.row.value <= line.high


def test_tagged_rows_are_equal_and_untagged_are_not() -> None:
    value = {(x.row.machine, x.row.args): x.row.value for x in lines() if x.row.system == "l4"}
    for machine in ("itanium2", "r4700"):
        assert value[machine, ""] == value[machine, "--same-space"]
    assert 5 < value["pxa255", ""] - value["pxa255", "--same-space"] < 30
    for machine in ("pentium3", "k8"):
        assert value[machine, ""] > 1.5 * value[machine, "--same-space"]


def test_blocks_hold_all_lines_and_pair_the_queued_ones() -> None:
    found = blocks(rows())
    assert list(found) == list(BLOCKS.values())
    talk, modern, queued = found.values()
    assert {x.row.system for x in modern} == {"sel4"}
    assert [x.row.machine for x in queued] == [m for m in QUEUED for _ in range(2)]
    assert {x.row.machine for x in talk} >= {"pentium3", "k8", "k8-filter", "pentium"}


def test_one_machine_and_its_variants() -> None:
    assert {c.machine for c in chosen_cases("k8")} == {"k8", "k8-filter"}
    assert {c.machine for c in chosen_cases("my.toml")} == {"my.toml"}


def test_settings_reach_every_machine() -> None:
    tagged = table_rows("ipc", "k8", settings=["tlb.tag=asid"])
    plain = {r.key: r.value for r in rows()}
    row = next(r for r in tagged if r.args == "" and r.metric == "latency")
    assert row.machine == "k8, tlb.tag=asid"
    assert row.published is None
    assert row.value < plain["lat_ipc", "", "k8", "l4", "latency"]


def test_place_of_the_published_value() -> None:
    row = Row("lat_ipc", "", "x", "l4", "latency", "cycles", "smaller", 5.0)
    line = IpcLine(row, 4.0, 6.0)
    assert line.place == ""
    for published, place in ((3.0, "below"), (4.0, "inside"), (7.0, "above")):
        shown = Row(**{**row.as_dict(), "published": published})
        assert IpcLine(shown, 4.0, 6.0).place == place
