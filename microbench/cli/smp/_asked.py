"""Which operation runs where: the options of `smp run`, `explain` and `sensitivity` as one record.

`mkbench run`, `explain` and `sensitivity` hand a call of `smp_NAME` on to them by `ask`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import click

from microbench.cli._complete import machines, operations, systems
from microbench.cli._options import Command, Where, some_word
from microbench.cli._say import note
from microbench.cli.smp._cpus import cpus_option
from microbench.errors import UsageError
from microbench.reading import whole

if TYPE_CHECKING:
    from microbench.row import Row
    from microbench.smp.build import Setup
    from microbench.smp.machine import SmpMachine
    from microbench.smp.operation import Operation

SHARED = ("process", "none", "region", "file")
ORDERS = ("fill", "spread", "siblings")
TALK_MACHINE = "numachine"


class Asked(NamedTuple):
    """What a command runs.

    Attributes
    ----------
    operation : str
        Name or file; "smp_" may stand before it.
    systems : str or None
        Names with commas, None for the usual ones.
    cpus : list of int or None
        None for powers of two up to the machine's size.
    machine : str
        Name or file.
    settings : tuple of str
        `key=value` changes of the machine or of the operation.
    shared : str
        What the CPUs share, of `SHARED`.
    without : tuple of str
        Principles: "local-data", "caller-cpu", "ask-only", or what an own file calls its.
    work : int
        User work before each operation [cycles].
    seed : int
    order : str
        Of `ORDERS`: how CPUs are taken.
    """

    operation: str
    systems: str | None
    cpus: list[int] | None
    machine: str
    settings: tuple[str, ...]
    shared: str
    without: tuple[str, ...]
    work: int
    seed: int
    order: str

    def chosen(self) -> list[str]:
        """The systems asked for, or the usual ones."""
        from microbench.smp.operation import principles, system_names
        from microbench.smp.runs import DEFAULT_SYSTEMS, check_systems, operation_name
        from microbench.systems.registry import doing

        name = operation_name(self.operation)
        known = doing(name) or system_names(name)
        if self.systems:
            names = [word.strip() for word in self.systems.split(",")]
            return check_systems(name, names, known)
        usual = [s for s in DEFAULT_SYSTEMS if s in known] or known
        kept = [s for s in usual if set(self.without) <= set(principles(name, s))]
        return kept or usual

    def on(self) -> SmpMachine:
        """The machine with its changes."""
        from microbench.smp.machine import load_machine
        from microbench.smp.settings import split_settings

        return load_machine(self.machine, split_settings(self.settings)[1])

    def counts(self) -> tuple[list[int], list[int]]:
        """The CPU counts, and those that the machine has not."""
        from microbench.smp.runs import cpu_counts

        where = self.on()
        most = where.count("topology.cpus")
        beyond = [n for n in self.cpus or () if n > most]
        asked = None if self.cpus is None else [n for n in self.cpus if n <= most]
        return ([] if asked == [] and beyond else cpu_counts(asked, where)), beyond

    def title(self) -> str:
        """What a heading says: the operation, what is shared, and all that was changed of it."""
        from microbench.smp.settings import split_settings

        words = [f"{self.operation}, {self.shared} shared"]
        words += [f"--order {self.order}"] if self.order != ORDERS[0] else []
        words += [f"--without {name}" for name in self.without]
        words += split_settings(self.settings)[0]
        words += [f"--work {self.work}"] if self.work else []
        return ", ".join([*words, f"seed {self.seed}"])

    def rows(self, tick: Callable[[str], None]) -> list[Row]:
        """What `smp run` prints; `tick` is told each point before it is computed."""
        from microbench.run.many import worked
        from microbench.smp.runs import beyond_rows, run

        counts, beyond = self.counts()
        rows = run(
            self.operation,
            self.chosen() if counts else [],
            counts or None,
            self.machine,
            self.shared,
            self.without,
            self.seed,
            self.settings,
            tick,
            self.work,
            worked,
            self.order,
        )
        return rows + beyond_rows(self.operation, self.chosen(), beyond, self.on(), self.shared)

    def point(self) -> tuple[list[Operation], SmpMachine, list[int], Setup]:
        """Operations, machine, the CPU counts asked for or the most of the machine, and setup."""
        from microbench.run.many import worked
        from microbench.smp.runs import checked_setup, cpu_counts, operation_name
        from microbench.smp.settings import changed, split_settings, with_work

        where, name = self.on(), operation_name(self.operation)
        own = split_settings(self.settings)[0]
        ops = [changed(worked(name, system, where, self.without), own) for system in self.chosen()]
        setup = checked_setup(self.shared, self.seed, self.order)
        counts = cpu_counts(self.cpus, where)
        found = counts if self.cpus else counts[-1:]
        return [with_work(op, self.work) for op in ops], where, found, setup


MOST_WORK = 10**9
MOST_SEED = 2**31 - 1


def _whole(most: int, unit: str = "") -> Callable[[click.Context, click.Parameter, str], int]:
    """What reads an option's whole number from 0 to `most`."""

    def read(context: click.Context, parameter: click.Parameter, text: str) -> int:
        value = whole(text, 0, most)
        if value is None:
            option = parameter.opts[0]
            raise UsageError(f"{option} {text[:80]}: must be 0 to {most}{unit}, in digits")
        return value

    return read


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("operation", shell_complete=operations),
    click.option(
        *("--system", "--os", "systems"),
        metavar="NAME[,NAME]",
        callback=some_word,
        shell_complete=systems,
        help="E.g. tornado,linux-2.2.",
    ),
    cpus_option,
    click.option(
        "--machine",
        metavar="NAME|FILE",
        default=TALK_MACHINE,
        show_default=True,
        callback=some_word,
        shell_complete=machines,
        help="A multiprocessor.",
    ),
    click.option(
        *("--set", "settings"),
        multiple=True,
        metavar="KEY=VALUE",
        help="Change the machine, or the operation: parts.NAME, every.NAME, objects.NAME.kind.",
    ),
    click.option("--shared", type=click.Choice(SHARED), default="process", show_default=True),
    click.option(
        *("--without", "without"),
        multiple=True,
        metavar="PRINCIPLE",
        help="Take out local-data, caller-cpu or ask-only of tornado or k42.",
    ),
    click.option(
        "--work",
        default="0",
        callback=_whole(MOST_WORK, " cycles"),
        metavar="CYCLES",
        help="User work before a call.",
    ),
    click.option(
        "--order",
        type=click.Choice(ORDERS),
        default="fill",
        show_default=True,
        help="Which CPUs: a socket after the other, each in turn, or both threads of a core.",
    ),
    click.option("--seed", default="1", metavar="N", callback=_whole(MOST_SEED), show_default=True),
)


def asked_options(command: Command) -> Command:
    """Add what says which operation runs where, together as the argument `asked`."""

    @wraps(command)
    def gathered(**given: Any) -> Any:
        own = {name: given.pop(name) for name in Asked._fields}
        return command(asked=Asked(**own), **given)

    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return cast(Command, gathered)


def announce_many(quiet: bool) -> None:
    """Say so if the engine is not compiled yet."""
    from microbench.run.compiled import MANY_CPUS, announce

    announce(lambda text: note(text, quiet), MANY_CPUS)


def ask(
    what: str,
    benchmark: str,
    args: Sequence[str],
    where: Where,
    output: str | None = None,
    quiet: bool = False,
    form: str | None = None,
) -> None:
    """Call a command of this room for `smp_NAME` with what another command was given.

    Parameters
    ----------
    what : str
        "run", "explain" or "sensitivity".
    benchmark : str
        "smp_fault" and its like.
    args : sequence of str
        What the other command did not take itself: --os, --cpus, --shared, --without, --seed.
    where, output, quiet, form
        As the options of the other command.
    """
    from microbench.cli.smp import command

    systems = ",".join(where.systems) if where.systems else None
    own = {"--machine": where.own_machine, "--system": systems, "--format": form, "-o": output}
    words = [*args, *(["--quiet"] if quiet else [])]
    words += [word for name, value in own.items() if value is not None for word in (name, value)]
    words += [word for setting in where.settings for word in ("--set", setting)]
    called = command.find(what)
    parent = click.get_current_context(silent=True)  # whose rows of several machines wait there
    with called.make_context(what, [*words, benchmark], parent=parent) as context:
        called.invoke(context)
