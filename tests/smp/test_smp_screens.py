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
from microbench.smp.simulate import simulate
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
    assert widest(where_text(ops, machine, [16], Setup())) <= grid.WIDTH


def test_where_nothing_is_shared_no_line_is_the_busiest():
    machine, op = load_machine("e7-8870"), load_operation("open", "sv6-any")
    assert "no line is shared" in where_text([op], machine, [4], Setup(shared="none"))


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
    rows, _ = REPORTS[name].make(machine, None, lambda label: None)
    counts = {int(r.args.split("--cpus ")[1].split()[0]) for r in rows if "--cpus " in r.args}
    assert max(counts) <= 40


def test_a_share_of_time_is_one_on_a_machine_whose_clock_rises():
    """User work counts in the core's cycles, the rest in those of the base clock."""
    _, text = REPORTS["users"].make("icelake128", (4,), lambda label: None)
    assert all(0 <= int(share) <= 100 for share in re.findall(r"(-?\d+)%", text))
    rows, _ = REPORTS["lameter"].make("icelake128", (64,), lambda label: None)
    assert all(r.value > 0 for r in rows if r.metric == "call cost")


def _made(name, machine=None, counts=None):
    return REPORTS[name].make(machine, counts, lambda label: None)


def _numbers(rows):
    metrics = {(r.benchmark, r.args, r.system, r.metric): r.value for r in rows}
    return {key: value for key, value in metrics.items() if key[-1] != "wall time"}


@pytest.mark.parametrize("name", ["table", "principles", "asked", "scale", "users", "lameter"])
def test_counts_in_any_order_are_compared_with_one_cpu(name):
    """Not with the first that was named: `--cpus 4,2` said that four CPUs are faster."""
    machine = "bus4-1999"
    (backwards, text), (forwards, same) = (_made(name, machine, c) for c in ((4, 2), (1, 2, 4)))
    if name == "lameter":
        forwards, same = _made(name, machine, (2, 4))
    assert _numbers(backwards) == _numbers(forwards)
    assert text == same


def test_growth_on_the_smallest_machine_halves_it():
    rows, _ = _made("growth", "bus4-1999")
    assert {grid.cpus_of(r) for r in rows} == {2, 4}
    with pytest.raises(UsageError, match="--cpus 3: growth wants two"):
        _made("growth", "bus4-1999", (3,))


@pytest.mark.parametrize("name", sorted(set(REPORTS) - {"validate", "locks", "lines", "queue"}))
def test_a_report_names_its_machine(name):
    _, text = _made(name, "bus4-1999")
    assert re.search(r"bus4-1999|4-way bus", text)
    assert max(map(len, text.splitlines())) <= grid.WIDTH


def test_words_below_a_report_hold_on_a_machine_of_four():
    """Where nothing is shared by too many, nothing is said to decide."""
    _, calls = _made("lameter", "bus4-1999")
    assert "None of the ways is shared by too many" in calls
    assert "Sharing decides" not in calls
    _, asked = _made("asked", "bus4-1999")
    assert "What is shared decides" not in asked
    _, scale = _made("scale", "bus4-1999")
    assert "below 1" not in scale
    _, users = _made("users", "bus4-1999")
    assert "+" not in users.split("user work:")[0]


def test_most_of_those_tried_is_no_bound_of_the_machine():
    """`32` on 128 CPUs read as if the workload scaled no further."""
    _, text = _made("users", "icelake128", (2, 4))
    assert re.search(r"300,000 .* 4\+ .* 4\+$", text, re.MULTILINE)


def test_the_table_of_every_command_goes_as_far_as_a_small_machine(mkbench):
    """`table smp` asked a machine of four for eight CPUs that nobody had asked for."""
    call = mkbench("table", "smp", "--machine", "bus4-1999", "--format", "csv", "-q")
    assert call.returncode == 0, call.stderr
    assert "--cpus 4 " in call.stdout
    assert "--cpus 8 " not in call.stdout


@pytest.mark.parametrize("name", ["fault linux-2.2", "anonfault linux-2.2", "map radixvm-shared"])
def test_local_work_is_no_more_than_one_cpu_has_alone(name):
    """Interrupts taken and waits that never ended were called local work: 97,528 of 5,443."""
    machine = load_machine("numachine")
    op = load_operation(*name.split())
    alone, many = (where_text([op], machine, [n], Setup()) for n in (1, 16))
    work = [int(re.search(r"local work .*?(\d+) cycles", text)[1]) for text in (alone, many)]
    assert work[1] <= 1.01 * work[0]
    assert "beside it" not in alone
    assert ("beside it" in many) == (op.system == "radixvm-shared")
    assert widest(many) <= grid.WIDTH


@pytest.mark.parametrize(
    ("name", "lock"),
    [("anonfault linux-2.2", "mmap_sem"), ("fstat linux-2.2", "bkl"), ("fstat big-lock", "kernel")],
)
def test_who_sleeps_to_the_end_has_waited_for_the_lock(name, lock):
    """Of 16 CPUs 15 slept for good beside one that ran: mmap_sem had 7 % of the time."""
    op, machine = load_operation(*name.split()), load_machine("numachine")
    shares = [simulate(op, machine, n, Setup()).spent.get(lock, 0) for n in (2, 4, 16)]
    assert shares == sorted(shares)
    assert 0.9 < shares[-1] <= 1


def test_growth_of_one_cpu_is_refused_as_such(tmp_path):
    one = 'cpus = { value = 1, unit = "cpus", source = "me", certainty = "choice" }'
    text = f'name = "one"\ntitle = "One"\nlike = "numachine"\n[smp.topology]\n{one}\n'
    for key in ("cpus_per_socket", "cpus_per_cluster"):
        text += one.replace("cpus =", f"{key} =") + "\n"
    path = tmp_path / "one.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="--cpus 1,1: growth wants two counts"):
        _made("growth", str(path))
