"""The commands of IPC: run, table, explain, plot, on machines other than the talk's."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from microbench.cli._group import cli
from microbench.errors import MkbenchError


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args))


def test_lat_ipc_on_any_machine_says_what_is_a_guess() -> None:
    result = run("run", "lat_ipc", "--words", "8", "--machine", "k8", "--format", "csv")
    assert result.exit_code == 0
    assert "estimates (core.instruction_cycles" in result.stderr
    rows = list(
        csv.DictReader(
            io.StringIO(
                "".join(x + "\n" for x in result.stdout.splitlines() if not x.startswith("#"))
            )
        )
    )
    assert {r["metric"] for r in rows} >= {"latency", "latency_low", "latency_high", "call"}
    assert {r["args"] for r in rows} == {"--words 8"}


def test_linux_rows_say_whose_paths_they_are() -> None:
    result = run("run", "lat_syscall", "null", "--machine", "skylake")
    assert result.exit_code == 0
    assert "recorded on linux-6.1-x86-64" in result.stderr
    old = run("run", "lat_syscall", "null", "--machine", "skylake", "--kernel", "linux-2.6.12")
    assert old.exit_code == 0
    assert "ARM kernels" in old.stderr
    assert "ARM kernels" not in run("run", "lat_syscall", "null").stderr


@pytest.mark.parametrize("name", ["ipc", "overhead"])
def test_tables_in_both_forms(name: str) -> None:
    shown = run("table", name, "--machine", "k8")
    assert shown.exit_code == 0
    assert "k8" in shown.stdout
    tidy = run("table", name, "--machine", "k8", "--format", "csv")
    assert tidy.exit_code == 0
    assert "benchmark,args,machine,system,metric" in tidy.stdout


def test_explain_names_the_causes_of_the_difference() -> None:
    text = run("explain", "lat_ipc", "--machine", "pentium3").stdout
    assert "two spaces" in text
    assert "TLB" in text
    assert "control registers" in text
    assert (
        "TLB"
        not in run("explain", "lat_ipc", "--machine", "pentium3", "--set", "tlb.tag=asid").stdout
    )


def test_plot_overhead_writes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "o.svg"
    result = run("plot", "overhead", "--machine", "k8,r4700", "-o", str(path))
    assert result.exit_code == 0
    assert path.read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize("args", [
    ("run", "lat_ipc", "--kernel", "sel4", "--machine", "r4700"),
    ("run", "lat_ipc", "--words", "many"),
    ("table", "ipc", "--machine", "nowhere"),
    ("table", "overhead", "--set", "tlb.tag=maybe"),
    ("plot", "overhead", "--machine", "itanium2"),
])  # fmt: skip
def test_mistakes_are_expected_errors(args: tuple[str, ...]) -> None:
    result = run(*args)
    assert isinstance(result.exception, MkbenchError)
    assert result.exception.exit_code == 2
