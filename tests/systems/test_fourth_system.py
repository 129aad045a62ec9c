"""A system more is one player and one line; every command, table and plot has it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from microbench.cli._group import cli
from microbench.row import Row
from microbench.run.rows import setup_rows
from microbench.run.setup import prepare
from microbench.study.tables import TABLES, Ask, Step, Table
from microbench.systems.players import play_linux
from microbench.systems.registry import SYSTEMS, Play, System
from microbench.trace import Trace

NAME = "native-twice"


def play_twice(part: Any, stage: Mapping[str, Any]) -> Trace:
    """Native Linux on a pipe twice as large as it was."""
    return play_linux(part, stage, "systems.native:Native", options=(("pipe_bytes", 8192),))


def steps(ask: Ask) -> list[Step]:
    """One row on native and on the new system."""
    setup = prepare(ask.machine or "pxa255", ask.settings)

    def rows() -> list[Row]:
        return setup_rows("bw_pipe", [], ("native", "l4", NAME), setup)

    return [("bw_pipe", rows)]


@pytest.fixture(autouse=True)
def added(monkeypatch: pytest.MonkeyPatch) -> None:
    play = {"linux": Play(play_twice, ("numbers",))}
    monkeypatch.setitem(SYSTEMS, NAME, System(NAME, "native, with a larger pipe", play))
    monkeypatch.setitem(TABLES, "tiny", Table("tiny", "One row only", steps))


def shown(*words: str) -> str:
    result = CliRunner().invoke(cli, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_it_is_listed() -> None:
    text = shown("list")
    assert f"  {NAME} " in text
    assert "larger pipe" in text
    assert "One row only" in text


@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown", "latex"])
def test_it_runs_and_is_printed(form: str) -> None:
    text = shown("run", "bw_pipe", "--system", f"native,{NAME}", "--format", form)
    assert NAME in "".join(text.replace("\n", "").split()) or "-twice" in text


def test_it_stands_in_a_table_with_its_ratio() -> None:
    rows = {row.system: row.value for _, make in steps(Ask()) for row in make()}
    assert rows[NAME] > rows["native"]
    text = shown("table", "tiny")
    assert f"{rows[NAME]:.4g}" in text
    assert f"{rows[NAME] / rows['native']:.2f}" in text


def test_a_table_of_ones_own_has_ranges_too() -> None:
    lines = shown("table", "tiny", "--format", "csv").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    found = {row["system"]: [float(row[key]) for key in ("low", "value", "high")] for row in rows}
    assert set(found) == {"native", "l4", NAME}
    assert all(low < value < high for low, value, high in found.values())


def test_it_is_explained_and_the_difference_with_it() -> None:
    text = shown("explain", "bw_pipe", "--system", f"native,{NAME}")
    assert f"native less {NAME}" in text


def test_it_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for words in (["breakdown", "bw_pipe"], ["ctx", "--sizes", "0", "--processes", "2"]):
        path = tmp_path / f"{words[0]}.svg"
        shown("plot", *words, "--system", f"native,{NAME}", "-o", str(path))
        assert NAME.encode() in path.read_bytes()


def test_a_system_of_another_kind_is_refused_by_name() -> None:
    result = CliRunner().invoke(cli, ["run", "lat_ipc", "--system", NAME])
    assert result.exit_code != 0
    assert NAME in str(result.exception)


def test_every_system_of_a_published_value_is_listed() -> None:
    from microbench.reference.load import packaged

    assert {p.system for p in packaged()} <= set(SYSTEMS)
