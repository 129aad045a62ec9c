"""Elasticities: known ones, their sum, what is moved how, and the forms they are told in."""

from __future__ import annotations

import csv
import io
import math

import pytest

from microbench.errors import UsageError
from microbench.report.sensitivity_table import csv_text, short_name, table_text
from microbench.run.setup import prepare
from microbench.study.sensitivity import (
    PATHS,
    Elasticity,
    elasticities,
    jobs,
    moves,
    path_names,
    strongest,
)
from microbench.workloads.registry import workloads

COSTS = ("cycles", "bus_clocks", "sdram_clocks")


def rows(*names: str) -> list:
    return [(w, "native") for name in names for w in workloads(*_split(name))]


def _split(name: str) -> tuple[str, list[str]]:
    first, *rest = name.split()
    return first, rest


def of(name: str, machine: str = "pxa255") -> dict[str, float]:
    found = [e for job in jobs(rows(name), prepare(machine)) for e in elasticities(job)]
    return {e.number: e.value for e in found}


def test_what_runs_in_the_caches_hangs_on_the_core_clock_alone() -> None:
    found = of("bw_mem 1024 rd")
    assert found["core.clock_hz"] == pytest.approx(1, abs=0.01), "bandwidth, so +1"
    assert found["sdram.clock_hz"] == pytest.approx(0, abs=0.01)
    assert found["core.instruction_cycles"] < 0


def test_costs_of_a_latency_sum_to_one() -> None:
    numbers = prepare("pxa255").spec.numbers
    for name in ("lat_pipe", "lat_syscall null"):
        found = of(name)
        costs = [v for key, v in found.items() if key in numbers and numbers[key].unit in COSTS]
        assert sum(costs) == pytest.approx(1, abs=0.05), name


def test_clocks_of_a_latency_sum_to_minus_one() -> None:
    found = of("lat_pipe")
    clocks = ("core.clock_hz", "bus.clock_hz", "sdram.clock_hz")
    assert sum(found[clock] for clock in clocks) == pytest.approx(-1, abs=0.03)


def test_sizes_double_and_halve_and_costs_move_by_the_step() -> None:
    found = {m.number: m for m in moves(prepare("pxa255"), rows("lat_pipe"), 0.2)}
    size = found["l1d.size_bytes"]
    assert (size.down.spec.value("l1d.size_bytes"), size.up.spec.value("l1d.size_bytes")) == (
        *(size.base / 2, size.base * 2),
    )
    assert size.span == pytest.approx(math.log(4))
    cost = found["core.branch_miss_cycles"]
    assert cost.up.spec.value(cost.number) == pytest.approx(1.2 * cost.base)
    assert cost.span == pytest.approx(math.log(1.2 / 0.8))


def test_what_cannot_be_moved_is_left_out() -> None:
    setup = prepare("pxa255", ("l1d.ways=1", "core.load_use_stall_cycles=0"))
    found = {m.number for m in moves(setup, rows("lat_pipe"))}
    assert "l1d.ways" not in found, "half a way is none"
    assert "core.load_use_stall_cycles" not in found, "a share of nothing is nothing"
    assert "l1i.ways" in found


@pytest.mark.parametrize("step", [0.0, 1.0, -0.1])
def test_bad_steps_are_refused(step: float) -> None:
    with pytest.raises(UsageError, match="--step"):
        moves(prepare("pxa255"), [], step)


def test_kernel_paths_that_ran_are_numbers_too() -> None:
    names = path_names([(w, "l4") for w in workloads("lat_syscall", ["null"])], prepare("pxa255"))
    assert "linux" in names
    assert any(name.startswith("l4/") for name in names)
    assert of("lat_syscall null")[PATHS + "linux"] > 0.2


def sample() -> list[Elasticity]:
    row = ("lat_x", "-s 1", "l4", "latency")
    return [
        Elasticity(*row, "core.clock_hz", 2e8, -1.0),
        Elasticity(*row, PATHS + "l4/ipc", 1.0, 0.25),
        Elasticity(*row, PATHS + "/loop", 1.0, 0.5),
        Elasticity(*row, "sdram.banks", 4.0, 0.001),
        Elasticity("lat_x", "-s 1", "l4", "overhead", "sdram.banks", 4.0, 0.9),
    ]


def test_strongest_first_and_nothing_without_effect() -> None:
    assert strongest(sample(), 2) == ["core.clock_hz", "sdram.banks"]
    assert PATHS + "l4/ipc" in strongest(sample(), 9)
    assert strongest(sample()[3:4], 9) == []


def test_table_shows_the_main_metric_strongest_first() -> None:
    lines = table_text(sample(), 3).splitlines()[2:]
    assert lines == [
        "lat_x -s 1 l4",
        "   -1.00  core.clock_hz",
        "   +0.50  user/loop instructions",
        "   +0.25  l4/ipc instructions",
    ]
    assert short_name("l1d.ways") == "l1d.ways"


def test_csv_reads_back() -> None:
    found = list(csv.DictReader(io.StringIO(csv_text(sample()))))
    assert [float(line["elasticity"]) for line in found] == [e.value for e in sample()]
