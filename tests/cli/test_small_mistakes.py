"""Small things once wrong, each with what is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from microbench.cli._group import cli
from microbench.errors import InputError, UsageError
from microbench.report.bundle import bundle
from microbench.report.export import Frame
from microbench.report.sweep_table import _typed
from microbench.row import COLUMNS, Row
from microbench.store.baseline import read_results
from microbench.store.journal import Journal


def test_a_heading_without_rows_is_nothing_to_compare(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text(",".join(COLUMNS) + "\n")
    with pytest.raises(InputError, match="nothing to compare"):
        read_results(str(path))


@pytest.mark.parametrize(
    ("column", "text"),
    [(0, "=1+1"), (2, "m\x1b[31m"), (3, "@x"), (4, "-x"), (1, "a\u2028b"), (5, "+us")],
)
def test_names_of_a_result_file_are_checked_where_read(
    tmp_path: Path, column: int, text: str
) -> None:
    cells = ["b", "-s 0 2", "m", "s", "latency", "us", "smaller", "1.5"]
    path = tmp_path / "r.csv"
    head = ",".join(COLUMNS[:8])
    path.write_text(f"{head}\n{','.join(cells)}\n")
    assert len(read_results(str(path)).rows) == 1
    cells[column] = f'"{text}"'
    path.write_text(f"{head}\n{','.join(cells)}\n")
    with pytest.raises(InputError, match=COLUMNS[column]):
        read_results(str(path))


def test_no_empty_list_for_the_benchmark_action() -> None:
    row = Row("lat_x", "", "m", "l4", "latency", "us", "smaller", 1.0, 100)
    files = bundle({"t": [row]}, {"t": Frame("t")}, ["github-action-benchmark"], {})
    assert sorted(files) == ["benchmark-smaller.json", "provenance.json"]
    assert len(json.loads(files["benchmark-smaller.json"])) == 1


@pytest.mark.parametrize("key", ["TALK", "talk"])
def test_a_source_is_found_in_any_case(key: str) -> None:
    assert CliRunner().invoke(cli, ["show", "source", key]).output.startswith("TALK: ")


def test_calibrate_writes_only_where_it_is_told() -> None:
    assert "--output" in CliRunner().invoke(cli, ["calibrate"]).output


@pytest.mark.parametrize(
    "words", [["--set", "line.other=5"], ["--system", "l4"], ["--machine", "pxa255"]]
)
def test_plot_smp_ignores_nothing(words: list[str], tmp_path: Path) -> None:
    found = CliRunner().invoke(cli, ["plot", "smp", *words, "-o", str(tmp_path / "x.svg")])
    assert isinstance(found.exception, UsageError)
    assert any(word in str(found.exception) for word in words)


@pytest.mark.parametrize(
    "words",
    [
        ["run", "lat_pipe", "-o"],
        ["smp", "plot", "-o"],
        ["smp", "fit", "data.csv", "--machine", "icelake128", "--plot"],
        ["plot", "ratios", "-o"],
        ["trace", "record", "lat_pipe", "-o"],
        ["report", "--out"],
        ["host", "--machine-file"],
        ["validate", "-o"],
    ],
)
def test_a_place_that_cannot_be_written_is_refused_before_anything_runs(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*what: object, **more: object) -> None:
        raise AssertionError("something ran")

    monkeypatch.setattr("microbench.machine.load.load_machine", run)
    there = tmp_path / "a.svg"
    there.touch()
    for place, said in ((there / "x.svg", "cannot write"), (tmp_path / "no" / "x.svg", "no dir")):
        found = CliRunner().invoke(cli, [*words, str(place)])
        assert isinstance(found.exception, UsageError)
        assert said in str(found.exception)
        assert str(place) in str(found.exception)


@pytest.mark.parametrize(
    "words",
    [["run", "availability", "--mttf", "-3h"], ["run", "lat_ctx", "-s", "-4q", "2"]],
)
def test_a_negative_quantity_is_no_option(words: list[str]) -> None:
    found = CliRunner().invoke(cli, words)
    assert isinstance(found.exception, UsageError)
    assert "must not be negative" in str(found.exception)


def test_swept_numbers_are_numbers_and_words_words() -> None:
    record = {"l1d.size_bytes": "8k", "tlb.tag": "asid", "system": "l4", "value": 1.5}
    assert _typed(record) == {**record, "l1d.size_bytes": 8192.0}


def test_a_changed_line_of_a_journal_is_computed_again(tmp_path: Path) -> None:
    output = str(tmp_path / "s.csv")
    journal = Journal(output, "this sweep")
    for ways in (4, 8, 16):
        journal.add(f"l1d.ways={ways}", [{"value": 1.25 * ways}])
    journal.close()
    text = journal.path.read_text()
    journal.path.write_text(text.replace("10.0", "19.0"))
    again = Journal(output, "this sweep")
    again.close()
    assert list(again.done) == ["l1d.ways=4", "l1d.ways=16"]
    assert journal.path.read_text() == "".join(
        line for line in text.splitlines(keepends=True) if "10.0" not in line
    )


def test_a_screen_of_errors_fits_a_terminal() -> None:
    from types import SimpleNamespace

    from microbench.cli.validate import WIDTH, _errors, _folded, _spreads

    published = SimpleNamespace(unit="jobs/min", value=123456.0, role="calibrate")
    name = "bw_mmap_rd 1024 mmap_only native"
    row = SimpleNamespace(
        name=name, published=published, modelled=7.9084e4, error=1.07, spread=0.09
    )
    found = [*_errors([row]), *_spreads([row]), *_folded(["word " * 40])]
    assert max(map(len, found)) <= WIDTH
    assert f"  {name}    9.0%" in found
    assert _spreads([SimpleNamespace(spread=0.0)]) == []


def test_a_machine_named_twice_is_one_machine(mkbench):
    once, twice = (mkbench("run", "lat_pipe", "--machine", m) for m in ("pxa255", "pxa255,pxa255"))
    assert twice.returncode == 0
    assert twice.stdout == once.stdout
