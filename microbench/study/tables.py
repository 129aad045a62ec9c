"""The tables, one line each: `table`, `export`, `list`, baselines and sweeps ask here.

To add one, write `steps(ask)`, which returns a list of `Step`: a label for the progress line,
and a function that makes the tidy rows of that step. Add one `Table` line that names it.
`columns` says how it is shown, by a name of `microbench.report.screens.SCREENS`: "systems"
(side by side), "rows" (a line each), or a screen of its own. CSV, JSON, Markdown and LaTeX
follow from the rows and the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from microbench.errors import UsageError, unknown
from microbench.row import Row
from microbench.systems.registry import named

if TYPE_CHECKING:
    from microbench.run.setup import Calibration, Setup
    from microbench.study.values import Value


@dataclass(frozen=True)
class Ask:
    """What a table is asked for.

    Attributes
    ----------
    machine : str or None
        None: the table's own.
    systems : tuple of str
        Empty: the table's own.
    settings : tuple of str
        `key=value` changes of the machine.
    calibration : Calibration or None
        None: the packaged one.
    """

    machine: str | None = None
    systems: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    calibration: Calibration | None = None

    def setup(self, usual: str = "pxa255") -> Setup:
        """The machine that is asked for, or the usual one, ready."""
        from microbench.run.setup import prepare

        return prepare(self.machine or usual, self.settings, self.calibration)


OPTIONS = {"machine": "--machine", "systems": "--system", "settings": "--set"}
Step = tuple[str, Callable[[], list[Row]]]
"""What the progress line says, and what makes the rows."""


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes
    ----------
    name, title : str
        As it is asked for, and its heading or caption.
    rows : str or callable
        Its `steps`, or "room.module:name" of them; "" for a table as it was published.
    columns : str
        Screen that shows it.
    words : str
        "room.module:name" of the text that a terminal shows instead of the rows.
    note : str
        A sentence below it, or "room.module:name" of what makes one from the rows.
    machine : str
        Its own machine.
    one_cpu : bool
        Whether it is about one machine that is priced as one CPU.
    usual : bool
        Exported without being asked for.
    fixed : tuple of str
        What of an `Ask` it has of its own, and nobody else may choose.
    """

    name: str
    title: str
    rows: str | Callable[[Ask], list[Step]] = ""
    columns: str = "systems"
    words: str = ""
    note: str = ""
    machine: str = "pxa255"
    one_cpu: bool = True
    usual: bool = True
    fixed: tuple[str, ...] = ()

    def own(self, ask: Ask) -> Ask:
        """What is asked of several tables, without what is not for this one to be asked."""
        return replace(ask, **{name: getattr(Ask(), name) for name in self.fixed})

    def steps(self, ask: Ask) -> list[Step]:
        """What must be done to make its rows.

        Raises
        ------
        UsageError
            If it is asked for what it has of its own.
        """
        for name in self.fixed:
            if getattr(ask, name):
                option = OPTIONS[name]
                raise UsageError(f"table {self.name} takes no {option}: it has its own {name}")
        if not self.rows:
            return published_steps(self.name, ask)
        make = named(self.rows) if isinstance(self.rows, str) else self.rows
        return list(make(ask))

    @property
    def published(self) -> bool:
        """Whether it shows what was published, row by row."""
        return not self.rows or self.name == "all"

    def text(self, rows: Sequence[Row]) -> str:
        """What a terminal shows instead of the rows."""
        return str(named(self.words)(rows))

    def said(self, rows: Sequence[Row]) -> str:
        """What stands below it."""
        if ":" not in self.note or " " in self.note:
            return self.note
        return str(named(self.note)(rows))


_LISTED = (
    Table("context", "lmbench-style: switches, pipes, sockets, system call"),
    Table("lmbench", "lmbench-style: processes, files, memory, bandwidth"),
    Table("reaim", "ReAIM-style: jobs per minute and child"),
    Table("ipc", "IPC, one way, in cycles", "study.ipc_table:steps", "ipc", fixed=("systems",)),
    Table(
        "overhead",
        "What a server costs instead of a system call, lmbench-style",
        "study.overhead:steps",
        "overhead",
        fixed=("systems",),
    ),
    Table(
        "ablations",
        "Speed of l4 relative to native, one cause changed at a time",
        "study.ablation:steps",
        "ablations",
        usual=False,
        fixed=("systems",),
    ),
    Table(
        "fs",
        "Files outside the kernel",
        "study.tables:fs_steps",
        "fs",
        note="study.fs_table:summary",
        one_cpu=False,
        usual=False,
        fixed=("machine", "systems", "settings"),
    ),
    Table(
        "containment",
        "What a request costs, and what survives a fault",
        "study.containment:steps",
        "containment",
        note="study.containment:what_survives",
        usual=False,
        fixed=("systems",),
    ),
    Table(
        "today",
        "Kernels of today as recorded, on machines of today, lmbench-style",
        "study.today:steps",
        "today",
        one_cpu=False,
        usual=False,
        fixed=("systems",),
    ),
    Table(
        "kernels",
        "What Linux became: 2.6.12 and 6.1 on one machine",
        "study.kernels:steps",
        "kernels",
        machine="skylake",
        one_cpu=False,
        usual=False,
        fixed=("systems",),
    ),
    Table(
        "smp",
        "System-call slowdown on many CPUs",
        "study.smp.table:steps",
        "rows",
        words="study.smp.table:matrix",
        note="study.smp.table:said",
        machine="numachine",
        one_cpu=False,
        usual=False,
        fixed=("settings",),
    ),
)
TABLES: dict[str, Table] = {table.name: table for table in _LISTED}
ALL = Table("all", "The talk's tables, lmbench- and ReAIM-style", "study.tables:all_steps")
"""The published tables one after another; a table, but not one more to export."""


def find(name: str) -> Table:
    """A table by name.

    Raises
    ------
    UsageError
        If there is none.
    """
    if name not in (*TABLES, ALL.name):
        raise unknown("table", name, (*TABLES, ALL.name))
    return ALL if name == ALL.name else TABLES[name]


def published_tables() -> tuple[str, ...]:
    """Names of the tables that show what was published, row by row."""
    return tuple(name for name, table in TABLES.items() if not table.rows)


def table_variants(name: str) -> list[tuple[str, str]]:
    """Benchmark and arguments of each row of a published table, in its order.

    Raises
    ------
    UsageError
        For an unknown table.
    """
    if name not in published_tables():
        raise UsageError(f"no published table {name!r}; there are {', '.join(published_tables())}")
    from microbench.reference.load import packaged

    found = [(p.benchmark, p.args) for p in packaged() if p.table == name]
    return list(dict.fromkeys(found))


def published_steps(name: str, ask: Ask) -> list[Step]:
    """One step for each row of a published table."""
    from microbench.run.calls import playing
    from microbench.run.rows import setup_rows

    setup = ask.setup()
    return [
        (
            f"{benchmark} {args}".strip(),
            partial(setup_rows, benchmark, args.split(), there, setup),
        )
        for benchmark, args in table_variants(name)
        if (there := playing(benchmark, args.split(), ask.systems, setup)) or not ask.systems
    ]


def fs_steps(ask: Ask) -> list[Step]:
    """Shares of FAST 2017, requests per operation, the tree of 2007."""
    from microbench.study.fs_table import request_rows, share_rows
    from microbench.study.trees.rows import tree_rows

    return [("shares", share_rows), ("requests", request_rows), ("tree of 2007", tree_rows)]


def all_steps(ask: Ask) -> list[Step]:
    """The steps of all published tables."""
    return [step for name in published_tables() for step in published_steps(name, ask)]


def table_rows(
    name: str,
    machine: str | None = None,
    systems: Iterable[str] | None = None,
    settings: Iterable[str] = (),
    calibration: Calibration | None = None,
) -> list[Row]:
    """Rows of a table.

    Raises
    ------
    UsageError, InputError
        For an unknown table, or a bad machine or setting.
    """
    ask = Ask(machine, tuple(systems or ()), tuple(settings), calibration)
    return [row for _, make in find(name).steps(ask) for row in make()]


def value_rows(values: Sequence[Value], setup: Setup) -> list[Row]:
    """The tidy rows of values that were evaluated for the scoreboard."""
    from microbench.reference.compare import annotate

    rows = [
        Row(
            benchmark=v.published.benchmark,
            args=v.published.args,
            machine=setup.machine,
            system=v.published.system,
            metric=v.published.metric,
            unit=v.published.unit,
            better=v.published.better,
            value=v.modelled,
            machine_hash=setup.spec.hash,
        )
        for v in values
    ]
    return annotate(rows)
