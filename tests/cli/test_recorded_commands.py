"""Commands on recorded kernels, as they are typed."""

from __future__ import annotations

import csv

import pytest
from click.testing import CliRunner, Result

from microbench.cli._group import cli
from microbench.errors import UsageError


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def table(text: str) -> list[dict[str, str]]:
    """The rows of a CSV, without its header of provenance."""
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def test_a_row_is_the_recorded_kernels() -> None:
    found = run("run", "lat_pipe", "--machine", "skylake", "--format", "csv")
    (row,) = table(found.stdout)
    assert row["system"] == "linux-6.1-x86-64"
    assert float(row["low"]) < float(row["value"]) < float(row["high"])


def test_the_old_replay_is_still_there() -> None:
    found = run("run", "lat_pipe", "--machine", "skylake", "--kernel", "linux-2.6.12")
    assert found.exit_code == 0
    assert "ARM kernels of 2004" in found.stderr


def test_what_was_not_recorded_says_what_there_is() -> None:
    found = run("run", "reaim", "--machine", "skylake")
    assert isinstance(found.exception, UsageError)
    assert "--kernel linux-2.6.12 replays the old one" in str(found.exception)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "kernels"), "linux-6.1-aarch64"),
        (("show", "kernel", "linux-6.1-x86-64"), "pipe_pingpong_1B_roundtrip"),
        (("explain", "lat_pipe", "--machine", "zen3"), "mitigations"),
        (("table", "today", "--machine", "zen3"), "median error"),
        (("table", "kernels"), "grew most"),
        (("list", "systems"), "linux-6.1-x86-64"),
        (("run", "lat_fifo", "--machine", "zen3", "--kernel", "linux-6.1-x86-64"), "6.1-x86-64"),
        (("table", "context", "--machine", "zen3", "--system", "linux-6.1-x86-64"), "lat_unix"),
        (("run", "lat_kernel", "mprotect_1page_to_ro", "--machine", "zen3"), "mprotect"),
    ],
)
def test_what_is_shown(words: tuple[str, ...], said: str) -> None:
    found = run(*words)
    assert found.exit_code == 0, found.exception
    assert said in found.stdout


def test_user_code_needs_no_kernel() -> None:
    found = run("run", "lat_mem_rd", "1", "64", "--machine", "skylake", "--format", "csv")
    rows = table(found.stdout)
    first = [float(r["cycles"]) for r in rows if "512 bytes" in r["metric"]]
    assert first
    assert min(first) >= 4


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_todays_table_is_exported(form: str) -> None:
    found = run("table", "today", "--machine", "zen3", "--format", form)
    assert found.exit_code == 0
    assert "lat" in found.stdout
