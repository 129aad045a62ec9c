"""What a row is made of adds up to it: parts, causes, places, whole numbers, and sentences."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from microbench.run.account import by_cause, by_part, by_place, events, whole
from microbench.run.calls import calls
from microbench.run.explain import columns, difference, reasons
from microbench.run.rows import rows_of_run, runs_of
from microbench.run.setup import prepare
from microbench.run.shares import all_shares, main_shares, summed, taken_off
from microbench.study.overhead import family_calls, overhead_lines
from microbench.workloads.registry import BENCHMARKS, workloads

ROWS = [
    (name, args)
    for name, entry in BENCHMARKS.items()
    if entry.family not in ("files", "failure") and name not in ("reaim", "bw_unix")
    for args in entry.variants
]
SEVERAL = [("lat_ctx", "-s 0 2"), ("lat_sig", "prot"), ("lat_pagefault", ""), ("lat_ipc", "")]


@pytest.mark.parametrize(("name", "args"), ROWS)
def test_every_breakdown_of_every_row_sums_to_it(name: str, args: str) -> None:
    setup = prepare("pxa255")
    systems = ("native", "l4") if (name, args) in SEVERAL and name != "lat_ipc" else ("native",)
    workload = next(w for w in workloads(name, args.split()) if w.args == args)
    for run in runs_of(workload, None if name == "lat_ipc" else systems, setup):
        total = run[0].metrics[0].cycles
        for amounts in (by_part(run[0]), by_cause(run[0]), by_place(run[0])):
            assert sum(amounts.values()) == pytest.approx(total, rel=1e-9, abs=1e-6)
            assert sum(whole(amounts).values()) == round(sum(amounts.values()))
        assert rows_of_run(run, setup)[0].cycles == round(total)


def test_shares_are_those_of_the_arithmetic() -> None:
    ring = workloads("lat_ctx", ["-s", "0", "10"])[0]
    assert main_shares(ring) == {"ring": Fraction(1, 10), "overhead": -1}
    assert all_shares(ring)["overhead"] == {"ring": 0, "overhead": 1}
    assert summed(main_shares(ring), {"ring": 50.0, "overhead": 2.0}) == 3.0
    assert taken_off(main_shares(ring)) == ["overhead"]


def test_a_product_is_no_sum_and_refused() -> None:
    class Squared:
        """A workload whose metric is no share of its part."""

        name, args = "squared", ""

        def parts(self) -> list[object]:
            return list(workloads("lat_pipe", [])[0].parts())

        def metrics(self, cycles: dict[str, Fraction], clock_hz: float) -> list[object]:
            metric = workloads("lat_pipe", [])[0].metrics({"round trip": 1.0}, 1.0)[0]
            squared = type(metric)("latency", "us", "smaller", 1.0, cycles["round trip"] ** 2)
            return [squared]

    with pytest.raises(ValueError, match="no sum"):
        all_shares(Squared())  # type: ignore[arg-type]


def test_whole_numbers_give_the_rests_to_the_largest() -> None:
    assert whole({"a": 1.4, "b": 1.4, "c": 1.2}) == {"a": 2, "b": 1, "c": 1}
    assert whole({"a": -0.6, "b": 3.6}) == {"a": -1, "b": 4}
    assert whole({}) == {}


def test_the_gap_is_by_the_union_of_names() -> None:
    gaps = difference({"a": 5.0, "b": 1.0}, {"b": 3.0, "c": 4.0})
    assert gaps == [("a", 5.0), ("c", -4.0), ("b", -2.0)]
    assert sum(gap for _, gap in gaps) == 6.0 - 7.0


def test_sentences_are_in_the_units_of_the_row_and_add_up() -> None:
    setup = prepare("pxa255")
    found = columns(calls("lat_ctx", ["-s", "0", "2"], ("native", "l4"), setup), setup)
    (text,) = reasons([list(found.values())], setup)
    total, hop, overhead = map(
        float, re.search(r"native ([\d.]+) us = hop ([\d.]+) - overhead ([\d.]+);", text).groups()
    )
    assert hop - overhead == pytest.approx(total, abs=0.1)
    row = rows_of_run((found["native"],), setup)[0]
    assert total == pytest.approx(row.value, rel=1e-3)
    gap = float(re.search(r"native pays ([\d.]+) us more", text)[1])
    terms = [float(x) for x in re.findall(r" ([+-][\d.]+)", text.split("more: ")[1])]
    assert sum(terms) == pytest.approx(gap, abs=0.1)


def test_explain_counts_misses_of_one_operation() -> None:
    setup = prepare("pxa255")
    (found,) = columns(calls("lat_syscall", ["null"], ("l4",), setup), setup).values()
    assert events(found)["i misses"] == 0
    assert by_part(found)["call"] == pytest.approx(found.metrics[0].cycles)


@pytest.mark.parametrize("name", ["lat_sig", "lat_pagefault", "lat_syscall"])
def test_one_name_has_one_value(name: str) -> None:
    """The overhead table counts the same operation that `run` prints under the same name."""
    setup = prepare("pxa255")
    lines = {line.name: line for line in overhead_lines(family=(name,))}
    for benchmark, args in family_calls((name,)):
        workload = workloads(benchmark, args.split())[0]
        ((native,),) = runs_of(workload, ("native",), setup)
        line = lines[f"{benchmark} {args}".strip()]
        assert line.native_us == pytest.approx(native.metrics[0].value)
        assert line.calls == pytest.approx(round(line.calls))
