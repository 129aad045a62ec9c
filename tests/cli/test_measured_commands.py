"""The commands about a user's machine and program: what they print, refuse and exit with."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from microbench.cli._group import cli
from microbench.errors import InputError, MismatchError, UsageError

SAMPLES = Path(__file__).parents[1] / "measured" / "samples"
GIT = str(SAMPLES / "git-status.strace-c-w.txt")
GIVEN = ["--set", "core.clock_hz=2.6g", "--ipc-cycles", "230"]
BOARD = "Simple syscall: 0.4 microseconds\nPipe latency: 25.0 microseconds\nnonsense\n"


def call(*words: str, **more: str) -> Result:
    return CliRunner().invoke(cli, list(words), catch_exceptions=True, **more)


def test_app_says_what_a_server_would_cost() -> None:
    done = call("app", GIT, "--cpu", "0.0048", "--wall", "0.0044", *GIVEN)
    assert done.exit_code == 0, done.output
    assert "3,766 calls of 30 kinds" in done.stdout
    line = next(x for x in done.stdout.splitlines() if x.startswith("CPU time, at least"))
    assert line.split()[-1] == "13.9"
    assert "newfstatat" in done.stdout
    assert "at least" in done.stdout


def test_app_rows_are_tidy() -> None:
    done = call("app", GIT, "--cpu", "0.0048", *GIVEN, "--format", "json", "-q")
    rows = json.loads(done.stdout)["rows"]
    counted = [row for row in rows if row["role"] == "measured"]
    assert sum(row["value"] for row in counted) == 3766
    share = next(row for row in rows if row["metric"] == "extra_share_cpu")
    assert share["value"] == pytest.approx(0.1388, rel=1e-3)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give one FILE"),
        ([GIT, "--", "true"], "give one FILE"),
        (["--"], "nothing behind --"),
        (["--", "/no/such/program"], "/no/such/program"),
        ([GIT, "--pollution", "5-2"], "backwards"),
        ([GIT, "--cpu", "nan"], "--cpu"),
        ([GIT, "--rate", "5"], "--requests"),
        ([str(SAMPLES / "git-status.bpftrace.txt"), "--arch", "vax"], "vax"),
    ],
)
def test_app_refuses_in_one_line(words: list[str], said: str) -> None:
    done = call("app", *words)
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here")
def test_app_runs_a_program_under_strace() -> None:
    done = call("app", "--runs", "1", "--ipc-cycles", "1", "--", sys.executable, "-S", "-c", "0")
    if isinstance(done.exception, UsageError):  # a sandbox that forbids tracing says so
        assert "strace" in str(done.exception)
        return
    assert "strace -c" in done.stdout


def test_measured_reads_stdin_and_names_what_it_does_not_know() -> None:
    done = call("measured", "-", "--format", "csv", input=BOARD)
    assert "lat_syscall,null,stdin,measured,latency,us,smaller,0.4" in done.stdout
    assert "line 3: nonsense" in done.stderr
    done = call("measured", "-", "-")
    assert isinstance(done.exception, UsageError)
    done = call("measured", "-", input='{"results": [')
    assert isinstance(done.exception, InputError)


def test_measured_beside_a_machine(tmp_path: Path) -> None:
    file = tmp_path / "board.out"
    file.write_text(BOARD)
    done = call("compare", "--measured", str(file), "--machine", "cortex-a72", "--format", "csv")
    assert done.exit_code == 0, done.output
    heading, null, pipe = done.stdout.splitlines()
    assert heading.startswith("benchmark,unit,measured,modelled,low-high,error")
    assert null.startswith("lat_syscall null,us,0.4000,")
    assert pipe.split(",")[-1] in ("inside", "above", "below")


def test_two_measured_files_stand_side_by_side_and_are_explained(tmp_path: Path) -> None:
    guest, metal = tmp_path / "guest.out", tmp_path / "metal.out"
    guest.write_text("Simple syscall: 0.8 microseconds\n")
    metal.write_text("Simple syscall: 0.4 microseconds\n")
    done = call("compare", str(metal), str(guest))
    assert done.exit_code == 0
    assert "+100 %" in done.stdout
    done = call("explain", "--between", str(metal), str(guest), "--machine", "skylake", "-q")
    assert done.exit_code == 0, done.output
    assert "could" in done.stdout
    assert "cannot" in done.stdout


def rows(tmp_path: Path, name: str, machine: str, value: float) -> str:
    file = tmp_path / f"{name}.csv"
    heading = "benchmark,args,machine,system,metric,unit,better,value,machine_hash\n"
    file.write_text(f"{heading}lat_x,,{machine},native,latency,us,smaller,{value},{name}\n")
    return str(file)


def test_two_machines_are_compared_row_by_row_and_are_no_gate(tmp_path: Path) -> None:
    first, second = rows(tmp_path, "a", "m", 2.0), rows(tmp_path, "b", "n", 3.0)
    done = call("compare", first, second)
    assert "+50.0 %" in done.stdout
    assert isinstance(done.exception, MismatchError)
    assert call("compare", first, second, "--force").exit_code == 0


def test_two_settings_of_a_machine_are_shown_and_not_judged(tmp_path: Path) -> None:
    done = call("compare", rows(tmp_path, "a", "m", 2.0), rows(tmp_path, "b", "m", 3.0))
    assert "+50.0 %" in done.stdout
    assert isinstance(done.exception, MismatchError)


def test_machines_are_columns() -> None:
    done = call("run", "lat_syscall", "null", "--machine", "skylake,cortex-a72", "-q")
    assert done.exit_code == 0, done.output
    assert "skylake" in done.stdout
    assert "cortex-a72" in done.stdout
    assert "geometric mean" in done.stdout
