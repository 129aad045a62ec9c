"""The overhead figure: a curve and points per machine, and what is left out."""

from __future__ import annotations

import pytest

from microbench.report.ipc_columns import FAR, reasons
from microbench.report.plot_overhead import overhead_figure
from microbench.report.terminal import print_screen
from microbench.row import Row
from microbench.study.ipc_table import IpcLine
from microbench.study.overhead import SHARES, OverheadLine, overhead_rows
from microbench.study.tables import table_rows


def line(name: str, native: float, overhead: float, calls: float = 1.0) -> OverheadLine:
    return OverheadLine(name, "m", "l4", native, 1e6, calls, overhead, overhead, overhead, "")


CHEAP = [line("lat_syscall null", 100, 50), line("lat_pipe", 4000, 200, 4)]


def test_points_lie_on_the_curve() -> None:
    axes = overhead_figure({"m": CHEAP}, "t").axes[0]
    curve, points = axes.lines[:2]
    assert list(points.get_xdata()) == [100.0, 1000.0]
    assert list(points.get_ydata()) == [0.5, 0.05]
    x, y = curve.get_data()
    assert x * y == pytest.approx([50.0] * len(x))
    across = [art.get_ydata()[0] for art in axes.lines[2:]]
    assert across == list(SHARES)


def test_names_are_short() -> None:
    axes = overhead_figure({"m": CHEAP}, "t").axes[0]
    assert {"null", "pipe"} <= {text.get_text() for text in axes.texts}


def test_a_machine_without_overhead_is_named_instead() -> None:
    figure = overhead_figure({"m": CHEAP, "odd": [line("lat_syscall null", 100, -3)]}, "t")
    assert any("odd" in text.get_text() for text in figure.axes[0].texts)
    with pytest.raises(ValueError, match="no overhead"):
        overhead_figure({"odd": [line("lat_syscall null", 100, -3)]}, "t")


def test_the_tables_print_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_screen(overhead_rows(CHEAP), "heading", screen="overhead")
    text = capsys.readouterr().out
    assert "heading" in text
    assert "lat_pipe" in text
    assert "50.0 %" in text
    print_screen(table_rows("ipc", "k8"), screen="ipc")
    text = capsys.readouterr().out
    assert "k8-filter" in text
    assert "queued, two spaces" in text
    assert "inside" in text


@pytest.mark.parametrize(("machine", "error", "says"), [
    ("k8", FAR + 0.01, ["k8: nothing says"]),
    ("k8", -FAR - 0.01, ["k8: nothing says"]),
    ("k8", FAR, []),
    ("k8", None, []),
    ("skylake-pti", 1.0, ["skylake-pti: MOV CR3"]),
    ("unheard-of", 1.0, ["unheard-of: not known"]),
])  # fmt: skip
def test_a_row_that_is_far_off_has_a_reason(
    machine: str, error: float | None, says: list[str]
) -> None:
    row = Row("lat_ipc", "", machine, "l4", "latency", "cycles", "smaller", 1.0, error=error)
    found = reasons([IpcLine(row, 1.0, 1.0)] * 2)
    assert [text[: len(start)] for text, start in zip(found, says, strict=True)] == says
