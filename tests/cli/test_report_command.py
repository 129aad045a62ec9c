"""`mkbench report`: the numbers on the page are those that the same command exports."""

from __future__ import annotations

import csv
import html
import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from microbench.cli.report import command as report
from microbench.cli.run import command as run
from microbench.errors import UsageError

CELL = re.compile(r'data-value="([^"]+)" data-key="([^"]+)">[^<]*</td>\s*(?:<td[^>]*>([^<]*)</td>)')


def page(folder: Path, *words: str) -> str:
    file = folder / "page.html"
    CliRunner().invoke(report, [*words, "--out", str(file), "-q"], catch_exceptions=False)
    return file.read_text(encoding="utf-8")


def exported(*words: str) -> list[dict[str, str]]:
    found = CliRunner().invoke(run, [*words, "--format", "csv", "-q"], catch_exceptions=False)
    lines = [line for line in found.stdout.splitlines() if not line.startswith("#")]
    return list(csv.DictReader(io.StringIO("\n".join(lines))))


def test_values_and_ranges_are_those_of_the_csv(tmp_path: Path) -> None:
    text = page(tmp_path, "lat_syscall")
    shown = {html.unescape(key): (float(v), around) for v, key, around in CELL.findall(text)}
    rows = exported("lat_syscall")
    assert rows
    for row in rows:
        key = "|".join(
            (row["benchmark"], row["args"], row["machine"], row["system"], row["metric"])
        )
        value, around = shown[key]
        assert value == float(row["value"])
        low, high = (float(end) for end in around.split(" to "))
        assert (low, high) == (
            float(f"{float(row['low']):.3g}"), float(f"{float(row['high']):.3g}")
        )  # fmt: skip


def test_two_machines_stand_on_one_page(tmp_path: Path) -> None:
    text = page(tmp_path, "lat_syscall", "--machine", "pxa255,sa1100")
    assert "lat_syscall|null|sa1100|native|latency" in html.unescape(text)
    assert "lat_syscall|null|pxa255|native|latency" in html.unescape(text)


def test_a_benchmark_that_is_not_there_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="lat_nothing"):
        page(tmp_path, "lat_nothing")
    assert not list(tmp_path.iterdir())


def test_a_page_goes_to_standard_output_or_says_where_it_is(mkbench, tmp_path):
    page = mkbench("report", "lat_pipe", "--out", "-", "-q")
    assert page.stdout.startswith("<!doctype html>")
    path = tmp_path / "page.html"
    said = mkbench("report", "lat_pipe", "--out", str(path), "-q")
    assert path.read_text(encoding="utf-8") == page.stdout
    assert said.stderr == f"mkbench: wrote {path}\n"
