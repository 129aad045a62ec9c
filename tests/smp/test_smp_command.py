"""`mkbench smp` from outside: rows, files, mistakes and the figure."""

import csv
import io
import json
import re
import subprocess
import sys

import pytest

from microbench.cli._options import Where
from microbench.cli.smp._cpus import cpu_list
from microbench.datafiles import data_dir
from microbench.errors import UsageError
from microbench.row import COLUMNS


@pytest.fixture
def smp(mkbench):
    """`mkbench smp WORDS`."""
    return lambda *words: mkbench("smp", *words)


def rows_of(text):
    """The rows of a CSV, behind its header of what it is about."""
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("#")]
    return list(csv.DictReader(io.StringIO("".join(lines))))


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("1", [1]),
        ("1,2,4,...,16", [1, 2, 4, 8, 16]),
        ("1,2,...,5", [1, 2, 3, 4, 5]),
        ("1,3,5,...,8", [1, 3, 5, 7, 8]),
        ("2,4,...,32", [2, 4, 8, 16, 32]),
        ("10,20,30,...,80", [10, 20, 30, 40, 50, 60, 70, 80]),
        ("4, 4", [4]),
    ],
)
def test_dots_go_on_as_they_began(text, counts):
    assert cpu_list(text) == counts


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "x", "1,...,4", "1,2,...", "4,2,...,8", "1;2", "²"]
)
def test_other_lists_are_refused(text):
    with pytest.raises(UsageError) as caught:
        cpu_list(text)
    assert "--cpus" in str(caught.value)


def test_csv_has_the_columns_of_every_export(smp):
    call = smp("run", "fault", "--os", "tornado,linux-2.2", "--cpus", "1,2,4", "--format", "csv")
    assert call.returncode == 0
    rows = rows_of(call.stdout)
    assert tuple(rows[0]) == COLUMNS
    slow = {(r["system"], r["args"]): float(r["value"]) for r in rows if r["metric"] == "slowdown"}
    assert slow["tornado", "--cpus 4 --shared process"] < 1.05
    assert slow["linux-2.2", "--cpus 4 --shared process"] > 2


def test_the_same_call_gives_the_same_bytes_in_another_process(tmp_path, smp):
    file = tmp_path / "a.csv"
    args = ["run", "fstat", "--os", "linux-2.2", "--cpus", "1,16", "--format", "csv", "-o", file]
    assert smp(*map(str, args)).returncode == 0
    here = file.read_bytes()
    subprocess.run([sys.executable, "-m", "microbench", "smp", *args], check=True)
    assert file.read_bytes() == here


def test_a_run_says_where_the_time_goes(smp):
    out = smp("run", "fault", "--os", "linux-2.2", "--cpus", "16", "-q").stdout
    assert re.search(r"^linux-2\.2 +16 .* mmap_sem \d+ %$", out, re.MULTILINE)


def test_a_run_fits_eighty_columns_with_every_value_under_its_name(smp):
    call = ("run", "thread", "--machine", "e7-8870", "--cpus", "1,40,80", "-q")
    lines = smp(*call).stdout.splitlines()
    assert max(map(len, lines[:-1])) <= 88  # piped: nothing is dropped
    assert {"slowdown", "us", "moves", "cycles"} <= set(lines[2].split())


def test_what_is_not_a_value_is_not_printed_as_one(smp):
    """Beyond as many waiters as locks were measured with, less than one CPU is said as such."""
    call = ("--machine", "numa4096", "--cpus", "1,4096", "-q")
    line = smp("run", "fstat", "--os", "linux-2.2", *call).stdout.splitlines()
    assert [cell for cell in line[5].split() if cell.startswith(">")] == [">4096"]
    assert not re.search(r"\d{5}", line[5])
    table = smp("table", *call).stdout
    assert re.search(r"^linux-2\.2 .* >4096 ", table, re.MULTILINE)
    assert "is not a value" in " ".join(table.split())


def test_two_machines_stand_side_by_side_in_one_table(mkbench):
    words = ("smp_fault", "--machine", "numachine,altix512", "--os", "tornado", "--cpus", "4")
    table = mkbench("run", *words, "--seed", "7", "-q").stdout
    assert table.startswith("numachine, altix512, seed 7\n")
    assert "(no rows)" not in table
    rows = rows_of(mkbench("run", *words, "--format", "csv", "-q").stdout)
    assert {row["machine"] for row in rows} == {"numachine", "altix512"}


def test_a_slowdown_that_hangs_on_nothing_says_so(smp):
    call = smp("sensitivity", "fault", "--os", "tornado", "--cpus", "1")
    assert "no number moves it" in call.stderr


def test_every_part_can_be_set_and_user_work_added(smp):
    def cycles(*more):
        args = ("run", "fstat", "--os", "tornado", "--cpus", "1", "--format", "csv", "-q", *more)
        rows = rows_of(smp(*args).stdout)
        return next(float(r["cycles"]) for r in rows if r["metric"] == "slowdown")

    plain = cycles()
    assert cycles("--work", "5000") == pytest.approx(plain + 5000, rel=0.02)
    assert cycles("--set", "parts.stat=5350") == pytest.approx(plain + 5000, rel=0.02)


def test_explain_and_sensitivity_of_the_main_command_ask_here(mkbench):
    words = ("--os", "linux-2.2", "--cpus", "4", "-q")
    explained = mkbench("explain", "smp_fstat", *words)
    assert explained.returncode == 0, explained.stderr
    assert "bkl" in explained.stdout
    assert "local work" in explained.stdout
    hangs = mkbench("sensitivity", "smp_fstat --os linux-2.2 --cpus 4", "-q")
    assert hangs.returncode == 0, hangs.stderr
    assert "hangs on" in hangs.stdout


def test_json_says_the_seed(smp):
    call = smp("run", "fstat", "--os", "k42", "--cpus", "1", "--seed", "5", "--format", "json")
    data = json.loads(call.stdout)
    assert str(data["provenance"]["seed"]) == "5"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("run", "sing"), "sing"),
        (("dance",), "dance"),
        (("run", "fault", "--work", "-1"), "0 to"),
        (("run", "fault", "--os", "tornado", "--set", "parts.map=0"), "1 to"),
        (("run", "fault", "--os", "tornado", "--set", "parts.nap=9"), "lookup"),
        (("run", "fault", "--os", "tornado", "--set", "objects.region.kind=mcs"), "region"),
        (("explain", "fault", "--cpus", "99"), "99"),
        (("fit", "no.csv", "--machine", "icelake128"), "no.csv"),
        (("run", "fault", "--os", "windows"), "windows"),
        (("explain", "fault", "--cpus", "17"), "17"),
        (("run", "fault", "--cpus", "many"), "many"),
        (("run", "fault", "--machine", "cray"), "cray"),
        (("run", "fault", "--shared", "all"), "all"),
        (("run", "fault", "--without", "luck"), "luck"),
        (("run", "fault", "--os", "linux-2.2", "--without", "local-data"), "local-data"),
        (("run", "fault", "--seed", "-1"), "-1"),
        (("plot",), "-o"),
        (("plot", "-o", "figure.bmp"), "figure.bmp"),
        (("growth", "--cpus", "8192"), "8192"),
        (("run", "fault", "--set", "line.colour=1"), "line.colour"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(args, said, smp):
    call = smp(*args, "-q")
    assert call.returncode == 2
    assert call.stdout == ""
    assert call.stderr.count("\n") == 1
    assert said in call.stderr


def test_a_count_the_machine_has_not_is_a_row_without_a_value(smp, tmp_path):
    from microbench.store.baseline import read_results
    from microbench.store.compare import compare

    words = ("run", "fstat", "--os", "tornado", "--cpus", "1,17", "-q")
    data = json.loads(smp(*words, "--format", "json").stdout)
    (empty,) = [row for row in data["rows"] if row["value"] is None]
    assert empty["args"] == "--cpus 17 --shared process"
    assert empty["note"] == "numachine has 16 CPUs"
    text = smp(*words).stdout
    assert "empty: numachine has 16 CPUs." in text
    assert "nan" not in text
    file = tmp_path / "a.csv"
    assert smp(*words, "--format", "csv", "-o", str(file)).returncode == 0
    kept = read_results(str(file))
    assert [row.has_value for row in kept.rows].count(False) == 1
    assert not compare(kept, kept).failed()
    alone = smp("run", "fstat", "--os", "tornado", "--cpus", "17")
    assert (alone.returncode, alone.stderr) == (
        0,
        "mkbench: numachine has 16 CPUs: no value beyond\n",
    )


def test_a_principle_alone_runs_the_systems_that_have_it(smp):
    call = smp("run", "fault", "--cpus", "1,16", "--without", "local-data", "--format", "csv", "-q")
    rows = rows_of(call.stdout)
    assert {r["system"] for r in rows} == {"tornado"}
    assert any(r["metric"] == "slowdown" and float(r["value"]) > 4 for r in rows)


def test_the_figure_has_six_panels_and_says_what_is_not_drawn(tmp_path):
    from microbench.report.plot_panels import OPERATIONS, SHARINGS, SYSTEMS, figure

    assert len(OPERATIONS) * len(SHARINGS) == 6
    assert "tornado" in SYSTEMS
    first, second = tmp_path / "a.svg", tmp_path / "b.svg"
    for path in (first, second):
        figure(str(path), cpus=(1, 4))
    text = first.read_text(encoding="utf-8")
    assert first.read_bytes() == second.read_bytes()
    assert sum(f'id="axes_{i}"' in text for i in range(1, 8)) == 6


def test_the_listing_names_every_operation_system_and_machine(smp):
    text = smp("list").stdout
    for word in ("anonfault", "linux-6.15", "radixvm", "altix512", "per-VMA"):
        assert word in text


def test_run_forwards_what_it_does_not_take_itself(capsys):
    from microbench.cli.smp._asked import ask

    words = ["--os", "tornado", "--cpus", "1,2", "--shared", "none"]
    ask("run", "smp_fault", words, Where("numachine", None, ()), quiet=True, form="csv")
    out = capsys.readouterr().out
    assert out.count("smp_fault,--cpus 2 --shared none,numachine,tornado,slowdown") == 2


def test_validation_as_json_has_a_summary(monkeypatch):
    from microbench.cli.smp._report import validate_text
    from microbench.reference.series import load_series
    from microbench.study.smp import validate

    few = [s for s in load_series() if s.name in ("pft-4.15", "pft-6.2")]
    monkeypatch.setattr(validate, "load_series", lambda: few)

    data = json.loads(validate_text("json", quiet=True))
    assert data["summary"]["promises_kept"] <= data["summary"]["promises"]
    assert data["rows"]


def test_the_command_loads_no_engine_before_it_runs():
    code = (
        "import sys, microbench.smp, microbench.cli.smp\n"
        "assert 'numba' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    call = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert call.returncode == 0, call.stderr


@pytest.mark.parametrize(
    ("report", "option"),
    [("lines", "--machine"), ("locks", "--cpus"), ("queue", "--machine"), ("bends", "--cpus")],
)
def test_a_report_has_no_option_that_its_data_decide(smp, report, option):
    call = smp(report, option, "4")
    assert call.returncode == 2
    assert f"No such option '{option}'" in call.stderr


@pytest.mark.parametrize("option", ["--work", "--seed"])
@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "1e3", "\uff12", "9" * 30])
def test_a_whole_number_is_refused_with_its_bounds(smp, option, text):
    call = smp("run", "fault", "--os", "tornado", "--cpus", "1", option, text)
    assert call.returncode == 2
    assert re.match(rf"mkbench: {option} .*: must be 0 to \d+", call.stderr)


@pytest.mark.parametrize("command", ["run", "explain", "sensitivity"])
@pytest.mark.parametrize("operation", ["call", "servers", "fork"])
def test_a_principle_that_no_system_has_is_refused_not_passed_over(smp, command, operation):
    call = smp(command, operation, "--without", "local-data", "--cpus", "2", "-q")
    assert call.returncode == 2
    assert "no principle 'local-data'" in call.stderr


@pytest.mark.parametrize(
    "path",
    [
        "open/nosuch",
        "nosuch/usercopy",
        "hold open/nosuch",
        "zork",
        "hold zork",
        "/user",
        "open/",
        "open/user+",
        "sel4 zork",
        "sel4 a/b",
        "hold /",
        "entry sel4 x/y",
        "open -s/user",
        "lat_ctx -s x/user",
        "/ - /",
    ],
)
def test_a_recorded_path_that_is_not_there_is_named_with_its_part(smp, tmp_path, path):
    text = f"""
[system.a]
title = "A"
source = "me"
path = ["hold"]
parts.hold = {{ path = "{path}", value = 1, unit = "cycles", source = "me", certainty = "choice" }}
"""
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    call = smp("run", str(own), "--machine", "icelake128", "--cpus", "1", "-q")
    assert call.returncode == 2
    assert len(call.stderr.splitlines()) == 1
    assert f"own: system.a.parts.hold.path = '{path}': " in call.stderr


def test_an_own_file_names_its_own_principles(smp, tmp_path):
    text = """
[system.a]
title = "A"
source = "me"
path = ["hold"]
parts.hold = { value = 10, unit = "cycles", source = "me", certainty = "measured" }
[system.a.without.order]
why = "twice"
path = ["hold", "hold"]
"""
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    call = smp("run", str(path), "--without", "order", "--cpus", "2", "-q")
    assert call.returncode == 0, call.stderr


@pytest.mark.parametrize("operation", ["fork", "fault", "map", "open"])
def test_shares_of_an_explained_time_add_up(smp, operation):
    """What is too small to be named has a line together: 4.5 % of a fork were missing."""
    out = smp("explain", operation, "--cpus", "4,16", "-q").stdout
    blocks = out.strip().split("\n\n")
    assert {re.search(r"(\d+) CPUs", " ".join(b.split()))[1] for b in blocks} == {"4", "16"}
    for block in blocks:
        shares = [float(x) for x in re.findall(r"^  \S.*?([\d.]+)% +\d+ cycles", block, re.M)]
        assert sum(shares) == pytest.approx(100, abs=0.06 * len(shares) + 0.01)


CHANGES = {
    "--work 3000": "--work 3000",
    "--set parts.trap=500": "parts.trap=500",
    "--set line.other=300": "numachine, line.other=300",
    "--order spread": "--order spread",
    "--without local-data": "--without local-data",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("command", ["run", "sensitivity"])
def test_a_changed_run_is_called_so_in_rows_and_heading(smp, command, change):
    """A row that says `numachine` and `--cpus 4 --shared process` is of those as they are."""
    words = (command, "fault", "--os", "tornado", "--cpus", "4", "-q", *change.split())
    shown = smp(*words).stdout
    assert CHANGES[change] in shown.splitlines()[0] or "(no rows)" in shown
    rows = rows_of(smp(*words, "--format", "csv").stdout)
    usual = ("--cpus 4 --shared process", "numachine")
    assert all((r["args"], r["machine"]) != usual for r in rows)
    assert all(CHANGES[change] in f"{r['args']} {r['machine']}" for r in rows)


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_explanation_is_called_so(smp, change):
    out = smp("explain", "fault", "--os", "tornado", "--cpus", "4", "-q", *change.split()).stdout
    assert CHANGES[change] in " ".join(out.split())


def test_a_file_that_calls_itself_like_a_machine_is_called_by_its_file(smp, tmp_path):
    path = tmp_path / "mine.toml"
    text = (data_dir() / "machines" / "numachine.toml").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    words = ("run", "fault", "--os", "tornado", "--cpus", "1", "--format", "csv", "-q")
    rows = rows_of(smp(*words, "--machine", str(path)).stdout)
    assert {r["machine"] for r in rows} == {"numachine of mine.toml"}
