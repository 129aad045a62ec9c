"""Terminal tables: no cell cut at any width, whole when piped, colour never alone."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.text import Text
from sample_rows import sample_rows

from microbench.report.decimals import percent, printed, short
from microbench.report.terminal import print_screen, rendered

TABLES = ["lmbench", "context", "reaim", "ipc"]


class Tty(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, width: int, table: str, colour: bool = False) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm-256color")
    if colour:
        monkeypatch.delenv("NO_COLOR", raising=False)
    else:
        monkeypatch.setenv("NO_COLOR", "1")
    out = Tty()
    print_screen(sample_rows(table), "lmbench-style", out)
    return out.getvalue()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("width", [80, 100, 200])
def test_fits_and_nothing_is_cut(monkeypatch: pytest.MonkeyPatch, table: str, width: int) -> None:
    text = shown(monkeypatch, width, table)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    for row in sample_rows(table):
        if row.system == "l4":
            assert short(row.value) in text
            assert percent(row.error) in text
            assert all(word in text for word in row.args.split())


def test_dropped_columns_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = shown(monkeypatch, 60, "context")
    assert "not shown at this width:" in narrow
    assert "role" in narrow
    assert "not shown" not in shown(monkeypatch, 200, "context")


def test_too_narrow_prints_wider_rather_than_cutting(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, 20, "lmbench")
    assert all(short(row.value) in text for row in sample_rows("lmbench") if row.system == "l4")
    assert "…" not in text


def test_piped_has_every_column_on_one_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = rendered(print_screen, sample_rows("context"), "lmbench-style")
    line = next(line for line in text.splitlines() if line.startswith("lat_ctx -s 0 2 "))
    assert line.split()[-3:] == ["calibrate", "/", "predict"]
    assert "\x1b" not in text


def test_no_color_and_colour_differ_in_escapes_only(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = shown(monkeypatch, 100, "context")
    colour = shown(monkeypatch, 100, "context", colour=True)
    assert "\x1b[32m" in colour
    assert "\x1b" not in plain
    strip = Text.from_ansi
    assert strip(plain).plain == strip(colour).plain


def test_marks_show_the_role_without_its_column(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, 80, "lmbench")
    assert text.count("%*") == sum(r.role == "calibrate" for r in sample_rows("lmbench"))
    assert text.count("%c") == sum(r.role == "check" for r in sample_rows("lmbench"))
    assert "* calibrated" in text


def test_rows_and_no_rows() -> None:
    out = io.StringIO()
    print_screen(sample_rows("reaim"), "ReAIM-style", out, "rows")
    assert out.getvalue().count("native-fass") == 3
    assert "(no rows)" in rendered(print_screen, [], "x")


def test_digits() -> None:
    assert [short(v) for v in (262.0, 4.8, 0.21, 68812.4, 0.0)] == [
        *("262.0", "4.800", "0.2100", "68812", "0")
    ]
    assert [printed(v) for v in (262.0, 4.8, None)] == ["262", "4.8", ""]
    assert [percent(v) for v in (-0.041, 12.5, None)] == ["-4.1 %", "+1250 %", ""]
    assert short(1e300) == "1.000e+300"


def test_a_name_that_alone_tells_lines_apart_is_not_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two metrics of one call, or two machines, stay told apart however narrow it is."""
    monkeypatch.setenv("COLUMNS", "30")
    row = replace(sample_rows("lmbench")[0], benchmark="x", args="", role="", published=None)
    for other in (replace(row, metric="another"), replace(row, machine="another")):
        out = Tty()
        print_screen([row, other], "", out, screen="rows")
        assert "another" in out.getvalue()
        assert "machine" in out.getvalue()
