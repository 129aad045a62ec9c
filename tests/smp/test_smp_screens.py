"""Every screen about many CPUs fits 80 columns; no report can be forgotten here."""

import re

import pytest

from microbench.cli.smp.list import listing
from microbench.errors import UsageError
from microbench.report.smp_details import details
from microbench.report.smp_screen import screen
from microbench.smp.build import Setup
from microbench.smp.machine import load_machine
from microbench.smp.operation import load_operation, operation_names, system_names
from microbench.study.smp import grid
from microbench.study.smp.reports import REPORTS
from microbench.study.smp.validate import validate_rows
from microbench.study.smp.where import where_text

SMALL = (1, 2, 4)


def widest(text):
    return max(map(len, text.splitlines()))


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_fits(name):
    report = REPORTS[name]
    counts = SMALL if "cpus" in report.asks else None
    rows, text = report.make(None, counts, lambda label: None)
    assert rows
    assert widest(text) <= grid.WIDTH


def test_the_validation_at_length_has_every_point_and_fits():
    rows = validate_rows()
    text = details(rows)
    assert widest(text) <= grid.WIDTH
    blocks = text.split(screen(rows))[0].splitlines()
    numbers = [line.split()[:2] for line in blocks if line[:5].strip().isdigit()]
    points = [r for r in rows if r.metric in ("rate", "latency")]
    assert numbers == [[r.args.split()[-1], f"{r.published:.0f}"] for r in points]


def test_the_list_fits_and_has_every_system():
    text = listing()
    assert widest(text) <= grid.WIDTH
    for name in operation_names():
        for system in system_names(name):
            assert f"\n  {system} " in text


@pytest.mark.parametrize("name", operation_names())
def test_an_explanation_fits(name):
    machine = load_machine("e7-8870")
    ops = [load_operation(name, system) for system in system_names(name)]
    assert widest(where_text(ops, machine, 16, Setup())) <= grid.WIDTH


def test_where_nothing_is_shared_no_line_is_the_busiest():
    machine, op = load_machine("e7-8870"), load_operation("open", "sv6-any")
    assert "no line is shared" in where_text([op], machine, 4, Setup(shared="none"))


def test_wide_cells_and_changing_counts():
    from microbench.row import Row

    def row(label, n, value):
        return Row("b", f"{label} --cpus {n}", "m", "s", "metric", "us", "smaller", value)

    rows = [row("one", 1, 5.0), row("one", 2, 12345.0), row("two", 4, 0.5)]
    text = grid.by_cpus(rows, grid.without_cpus, grid.number)
    assert text.splitlines() == [
        "        1     2",
        "one     5 12345",
        "",
        "        4",
        "two   0.5",
    ]


def test_measured_rates_stand_beside_the_model_in_a_narrow_terminal(mkbench, tmp_path):
    data = tmp_path / "d.csv"
    data.write_text("cpus,throughput\n1,620000\n2,1200000\n4,2300000\n8,3400000\n")
    out = mkbench("smp", "fit", str(data), "--machine", "ivybridge40", "-q").stdout
    assert "measured" in out
    assert max(map(len, out.splitlines())) <= grid.WIDTH


@pytest.mark.parametrize("name", [n for n, report in REPORTS.items() if "cpus" in report.asks])
def test_without_counts_a_report_goes_as_far_as_the_machine(name):
    """A small machine was refused for counts that nobody had asked for."""
    machine = "ivybridge40"
    if name == "growth":
        with pytest.raises(UsageError, match="two counts"):
            REPORTS[name].make(machine, None, lambda label: None)
        return
    rows, _ = REPORTS[name].make(machine, None, lambda label: None)
    counts = {int(r.args.split("--cpus ")[1].split()[0]) for r in rows if "--cpus " in r.args}
    assert max(counts) <= 40


def test_a_share_of_time_is_one_on_a_machine_whose_clock_rises():
    """User work counts in the core's cycles, the rest in those of the base clock."""
    _, text = REPORTS["users"].make("icelake128", (4,), lambda label: None)
    assert all(0 <= int(share) <= 100 for share in re.findall(r"(-?\d+)%", text))
    rows, _ = REPORTS["lameter"].make("icelake128", (64,), lambda label: None)
    assert all(r.value > 0 for r in rows if r.metric == "call cost")
