"""The contents of the page: everything, or the benchmarks that were asked for.

Each chapter is one line of `CHAPTERS`: where its rows come from and what they mean. A chapter
that cannot be made here (an extra is not installed) says so in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from microbench.errors import UsageError
from microbench.report.page.model import Page, Section
from microbench.report.page.sections import page_of, plain_section, reason, talk_sections
from microbench.report.page.sheets import paired_sheet
from microbench.row import Row

Step = Callable[[str], None]
TALK = ("context", "lmbench", "reaim")


@dataclass(frozen=True)
class Chapter:
    """Tidy rows under a heading.

    Attributes
    ----------
    rows : str
        "room.module:name" of a function that gives the rows; called with `given`; "": none.
    picture : str
        "room.module:name" of a function that gives a figure above them.
    sheets : str
        "room.module:name" of a function that makes sheets of the rows; "": one, a row a line.
    """

    anchor: str
    title: str
    intro: str
    rows: str
    given: tuple[str, ...] = ()
    picture: str = ""
    sheets: str = ""

    def section(self) -> tuple[Section, list[Row]]:
        """The section, and its rows."""
        rows = list(_named(self.rows)(*self.given)) if self.rows else []
        if self.sheets:
            section = Section(self.anchor, self.title, self.intro, _named(self.sheets)(rows))
        else:
            section = plain_section(self.anchor, self.title, self.intro, rows)
        if not self.picture:
            return section, rows
        sheets = section.sheets if rows else ()
        try:
            return replace(section, sheets=sheets, figures=[_named(self.picture)()]), rows
        except UsageError as error:
            return replace(section, sheets=sheets, intro=f"{self.intro} No figure: {error}."), rows


def _named(reference: str) -> Callable[..., Any]:
    module, _, name = reference.partition(":")
    found: Callable[..., Any] = getattr(import_module(f"microbench.{module}"), name)
    return found


CHAPTERS = (
    Chapter(
        "ipc", "What an IPC costs",
        "One way, in cycles, on machines of then and now, beside what was published.",
        "study.tables:table_rows", ("ipc",),
    ),
    Chapter(
        "overhead", "What it would cost to put a call behind a server",
        "Two IPCs instead of one trap: the difference beside the native cost of the call.",
        "study.tables:table_rows", ("overhead",), "report.page.pictures:overhead",
    ),
    Chapter(
        "today", "Today's kernel on today's machines",
        "Recorded operations of Linux 6.1 on cores of today, beside what boards measured.",
        "study.today:today_rows",
    ),
    Chapter(
        "kernels", "What Linux became",
        "The same operations of Linux 2.6.12 and 6.1, both replayed on one machine of today.",
        "study.tables:table_rows", ("kernels",),
    ),
    Chapter(
        "files", "File systems outside the kernel",
        "FUSE beside the kernel's own file system: shares of its speed, requests per operation, "
        "and the seconds of a tree on NTFS-3G of 2007.",
        "study.fs_table:fs_rows",
    ),
    Chapter(
        "containment", "What a component costs, and what its death",
        "Price of a request on each structure beside what survives a fault of the component.",
        "study.tables:table_rows", ("containment",),
    ),
    Chapter(
        "smp", "Many CPUs at once",
        "Six panels: three operations by threads of one process and by separate processes.",
        "study.tables:table_rows", ("smp", "numachine"), "report.page.pictures:panels",
        "report.page.sheets:panel_sheets",
    ),
)  # fmt: skip


def everything(machines: Sequence[str], step: Step) -> Page:
    """The talk's tables on the first machine, then every chapter."""
    from microbench.run.setup import prepare
    from microbench.study.ranges import ranged
    from microbench.study.tables import table_rows

    tables = {}
    for name in TALK:
        step(f"table {name}")
        tables[name] = ranged(table_rows(name, machines[0]), prepare(machines[0]))
    sections = talk_sections(tables)
    rows = [row for table in tables.values() for row in table]
    for chapter in CHAPTERS:
        step(chapter.title)
        section, more = chapter.section()
        sections.append(section)
        rows += more
    step("how far to trust it")
    sections.append(trust())
    return page_of("mkbench: what an OS structure costs, and why", sections, rows, ["report"])


def chosen(benchmarks: Iterable[str], machines: Iterable[str], step: Step) -> Page:
    """The benchmarks asked for, on each machine."""
    from microbench.run.rows import benchmark_rows
    from microbench.run.setup import prepare
    from microbench.study.ranges import ranged

    names, places = list(benchmarks), list(machines)
    rows: list[Row] = []
    sections = []
    for name in names:
        found: list[Row] = []
        for machine in places:
            step(f"{name} on {machine}")
            found += ranged(benchmark_rows(name, "", machine), prepare(machine))
        sheet = paired_sheet(f"{name} on {', '.join(places)}", found, reason)
        sections.append(Section(name, name, "", [sheet]))
        rows += found
    title = f"mkbench: {', '.join(names)} on {', '.join(places)}"
    return page_of(title, sections, rows, ["report", *names, "--machine", ",".join(places)])


def trust() -> Section:
    """The headline errors, in words."""
    from microbench.run.setup import prepare
    from microbench.study.scoreboard import summary
    from microbench.study.values import evaluate

    setup = prepare("pxa255")
    found = summary(evaluate(setup), setup)
    text = (
        f"Over the values with role predict the median error is {found.predict_median_error:.1%}, "
        f"the mean {found.predict_mean_error:.1%}; {found.share_within_10:.0%} are within 10 %, "
        f"{found.share_within_25:.0%} within 25 %. Over the {found.informative_values} of them "
        f"that could have missed it is {found.informative_median_error:.1%}; leaving a row out "
        f"{found.leave_one_out_median:.1%}. Of the published values of all tables "
        f"{found.coverage_90:.0%} lie inside their 90 % ranges. Of {found.choices} choices "
        f"{found.calibrated_numbers} are calibrated numbers. Who wins is right in "
        f"{found.winners_right} of {found.winners_total} rows. "
        "`mkbench validate --all` prints every error, `mkbench validate --choices` every choice."
    )
    return Section("trust", "How far to trust it", text)
