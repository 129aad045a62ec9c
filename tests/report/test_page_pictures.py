"""Chapters with a figure: drawn into the page, or said in its place that it cannot be."""

from __future__ import annotations

import pytest

from microbench.errors import UsageError
from microbench.report.page import contents
from microbench.report.page.contents import CHAPTERS, Chapter
from microbench.report.page.model import Figure
from microbench.report.page.pictures import figure
from microbench.report.page.sheets import panel_sheets
from microbench.report.plot import SIGNED, new_figure
from microbench.study.smp.table import panel_rows


def test_every_chapter_names_what_there_is() -> None:
    for chapter in CHAPTERS:
        for reference in filter(None, (chapter.rows, chapter.picture, chapter.sheets)):
            assert callable(contents._named(reference))
    assert {"ipc", "overhead", "kernels", "files", "containment", "smp"} <= {
        chapter.anchor for chapter in CHAPTERS
    }


def test_a_drawing_becomes_a_figure_with_words() -> None:
    drawing = new_figure(2, 2)
    drawing.subplots().plot([1, 2], [1, 2])
    found = figure(drawing, "one", "a line that rises", "A line.")
    assert found.svg.startswith("<svg")
    assert 'id="one-' in found.svg
    assert (found.alternative, found.caption) == ("a line that rises", "A line.")
    assert SIGNED in {text.get_text() for text in drawing.texts}


def test_a_figure_that_cannot_be_drawn_is_said_in_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing() -> Figure:
        raise UsageError("plots need matplotlib")

    monkeypatch.setattr(contents, "_named", lambda reference: missing)
    section, rows = Chapter("x", "X", "Of x.", "", (), "room:missing").section()
    assert section.intro == "Of x. No figure: plots need matplotlib."
    assert rows == []
    assert not section.sheets


def test_a_panel_on_the_page_has_the_numbers_of_table_smp() -> None:
    rows = panel_rows("fstat", "process", ["tornado", "linux-2.4"], "numachine", (1, 2, 4))
    (sheet,) = [s for s in panel_sheets(rows) if s.lines]
    slow = {(r.system, r.args.split()[1]): r.value for r in rows if r.metric == "slowdown"}
    at = sheet.columns.index("slowdown at 4")
    assert {line.cells[0].text: line.cells[at].number for line in sheet.lines} == {
        system: value for (system, cpus), value in slow.items() if cpus == "4"
    }
    assert sheet.title == "smp_fstat, threads of one process"
