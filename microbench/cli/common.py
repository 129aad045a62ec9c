"""Options every command shares, and where its output goes: data to stdout, the rest to stderr."""

from __future__ import annotations

import shutil
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import click

from microbench.cli import _complete
from microbench.errors import UsageError, printable
from microbench.systems.registry import find

if TYPE_CHECKING:
    from microbench.row import Row
    from microbench.run.setup import Setup

FORMATS = ("table", "csv", "json", "markdown", "latex")
DEFAULT_MACHINE = "pxa255"
SHOW_AFTER_SECONDS = 1.0
COLLECTED = "mkbench.rows"
"""Where rows of several machines wait to be printed together."""
STDOUT = (None, "-", "/dev/stdout", "/dev/fd/1")
"""Ways to say standard output; a link of a shell's to a pipe cannot be replaced."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Out(NamedTuple):
    """Where what a command prints goes, and in which form.

    Attributes
    ----------
    form : str
        Of `FORMATS`, or one more of the command's own.
    file : str or None
        One of `STDOUT`, or a file.
    quiet : bool
        No progress and no notes on stderr.
    """

    form: str = "table"
    file: str | None = None
    quiet: bool = False

    @property
    def on_screen(self) -> bool:
        """Whether it is a table on standard output."""
        return self.form == "table" and self.file in STDOUT


def output_options(command: Command, more: Sequence[str] = ()) -> Command:
    """Add `--format`, `-o` and `--quiet`, together as the argument `out`.

    Parameters
    ----------
    more : sequence of str
        Forms beside `FORMATS`.
    """

    @wraps(command)
    def gathered(form: str, output: str | None, quiet: bool, **others: Any) -> Any:
        return command(out=Out(form, output, quiet), **others)

    forms = click.Choice((*FORMATS, *more))
    option = click.option("--format", "form", type=forms, default="table", show_default=True)
    return cast(Command, option(output_option(quiet_option(gathered))))


def file_option(*names: str, figure: bool = False, **more: Any) -> Callable[[Command], Command]:
    """An option that names a file to be written; its place is looked at before anything is done.

    Parameters
    ----------
    figure : bool
        Whether its name must end as a figure's.
    more
        As for `click.option`.
    """
    return click.option(*names, metavar="FILE", callback=_figure if figure else _file, **more)


def _file(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value not in STDOUT:
        from microbench.store.files import check_file

        check_file(str(value))
    return value


def _figure(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value not in STDOUT:
        from microbench.report.plot import check_name

        check_name(str(value))
    return _file(context, parameter, value)


def output_option(command: Command) -> Command:
    """Add `-o FILE` as argument `output`, None for standard output."""
    text = "Write to FILE instead of stdout (`-`)."
    return file_option("-o", "--output", help=text)(command)


def quiet_option(command: Command) -> Command:
    """Add `--quiet` as argument `quiet`."""
    return click.option("-q", "--quiet", is_flag=True, help="No progress and no notes on stderr.")(
        command
    )


class Where(NamedTuple):
    """What a command runs on, in the order in which tables and benchmarks take it.

    Attributes
    ----------
    machine : str
        Name or file.
    systems : list of str or None
        None unless given.
    settings : tuple of str
        `key=value` changes of the machine.
    """

    machine: str
    systems: list[str] | None
    settings: tuple[str, ...]

    @property
    def own_machine(self) -> str | None:
        """The machine, None where it is the default one."""
        return None if self.machine == DEFAULT_MACHINE else self.machine


def machine_options(command: Command) -> Command:
    """Add `--machine`, `--system` and `--set`, together as the argument `where`."""

    @wraps(command)
    def gathered(
        machine: str, systems: list[str] | None, settings: tuple[str, ...], **others: Any
    ) -> Any:
        return command(where=Where(machine, systems, settings), **others)

    changed = click.option(
        *("--set", "settings"),
        multiple=True,
        metavar="KEY=VALUE",
        shell_complete=_complete.keys,
        help="Change the machine; `mkbench list settings` has the keys.",
    )(gathered)
    return cast(Command, machine_option(system_option(changed)))


def across_machines(command: Command) -> Command:
    """Let `--machine A,B` run the command once for each, and print the rows side by side."""

    @wraps(command)
    def each(where: Where, out: Out, **others: Any) -> Any:
        names = list(dict.fromkeys(name.strip() for name in where.machine.split(",")))
        if len(names) == 1:
            return command(where=where, out=out, **others)
        meta = click.get_current_context().meta
        rows = meta[COLLECTED] = []
        for name in names:
            each_out = Out("json", None, out.quiet)
            command(where=where._replace(machine=name), out=each_out, **others)
        del meta[COLLECTED]
        emit_rows(rows, out, ", ".join(names))
        return None

    return cast(Command, each)


def _collected() -> list[Row] | None:
    context = click.get_current_context(silent=True)
    return None if context is None else context.meta.get(COLLECTED)


def system_option(command: Command) -> Command:
    """Add `--system` as argument `systems`: a list, or None unless given."""
    return click.option(
        *("--system", "systems"),
        multiple=True,
        metavar="NAME[,NAME]",
        callback=_systems,
        shell_complete=_complete.systems,
        help="Systems of `mkbench list`.",
    )(command)


def machine_option(command: Command) -> Command:
    """Add `--machine` as argument `machine`."""
    return click.option(
        *("--machine",),
        default=DEFAULT_MACHINE,
        show_default=True,
        metavar="NAME|FILE[,NAME]",
        shell_complete=_complete.machines,
        help="A machine of `mkbench list`, or a TOML file.",
    )(command)


def emit_rows(
    rows: Sequence[Row],
    out: Out,
    title: str = "",
    command: Sequence[str] | None = None,
    seed: int = 0,
    screen: str = "systems",
    machine: str = "",
    notes: Sequence[str] = (),
) -> None:
    """Print rows or write them to a file, in one of `FORMATS`.

    Parameters
    ----------
    rows : sequence of Row
    out : Out
        As `output_options` give it.
    title : str
        Heading, or caption.
    command : sequence of str, optional
        What goes into the provenance; this process's arguments if not given.
    seed : int
        Likewise.
    screen : str
        How a table shows them, of `microbench.report.screens`.
    machine : str
        What the one machine is called in a heading.
    notes : sequence of str
        What stands below or in the header of what is exported; a screen has it on stderr.
    """
    collected = _collected()
    if collected is not None:
        collected.extend(rows)
        return
    if out.on_screen:
        from microbench.report.sides import print_sides, sides_of
        from microbench.report.terminal import print_screen

        several = screen == "systems" and len({row.machine for row in rows}) > 1
        found = sides_of(rows) if several else None
        if found is not None:
            print_sides(*found, title)
            return

        print_screen(rows, title, screen=screen, machine=machine)
        return
    from microbench.report.export import Frame, formatted
    from microbench.store.provenance import provenance

    words = sys.argv[1:] if command is None else command
    frame = Frame(title, screen, machine, tuple(notes))
    emit_text(formatted(rows, out.form, frame, provenance(rows, words, seed)), out.file)


def emit_text(text: str, output: str | None) -> None:
    """Write text to stdout, or to a file, whole or not at all."""
    if output in STDOUT:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    from microbench.store.files import write_text

    write_text(str(output), text)


def note(text: str, quiet: bool = False) -> None:
    """Say something on stderr."""
    if not quiet:
        with suppress(OSError):
            click.echo(f"mkbench: {printable(text)}", err=True)


def say_idle(benchmark: str, args: Sequence[str], quiet: bool = False) -> None:
    """Say which words of a call lmbench takes and that have no effect here."""
    from microbench.workloads.registry import BENCHMARKS, call_of

    idle = call_of(benchmark, args).idle if benchmark in BENCHMARKS else ()
    if idle:
        note(
            f"without effect: {' '.join(idle)} (every repetition is the same, files are our own)",
            quiet,
        )


def announce_compilation(quiet: bool = False) -> None:
    """Say on stderr if the engine is about to be compiled, once after an installation."""
    from microbench.run.compiled import announce

    announce(lambda text: note(text, quiet))


def say_caveats(
    setup: Setup, kind: str, quiet: bool = False, replayed: Sequence[str] = ()
) -> list[str]:
    """Say what must be known beside values on a machine, and give it for what is exported."""
    from microbench.run.caveats import caveats

    found = caveats(setup, kind, replayed)
    for text in found:
        note(text, quiet)
    return found


def against_option(command: Command) -> Command:
    """Add `--against talk` as argument `against`."""
    return click.option(
        "--against",
        type=click.Choice(["talk"]),
        help="Published values beside a machine they are not about.",
    )(command)


def columns() -> int | None:
    """Columns of the terminal that stdout is, or None if it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def wrapped(text: str) -> str:
    """A sentence over as many lines as the terminal needs, broken at blanks; one line if piped."""
    width = columns()
    if width is None:
        return text
    return textwrap.fill(
        text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


@contextmanager
def progress(total: int, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Give a function to be told each step; after a second the steps show on stderr.

    In a terminal one line is overwritten; elsewhere there is at most a line a second.
    """
    due, done = time.monotonic() + SHOW_AFTER_SECONDS, 0
    terminal = sys.stderr.isatty()

    def tick(label: str) -> None:
        nonlocal done, due
        done += 1
        if quiet or time.monotonic() < due:
            return
        due = 0.0 if terminal else time.monotonic() + SHOW_AFTER_SECONDS
        filled = 20 * (done - 1) // max(total, 1)
        bar = f"[{'#' * filled}{'.' * (20 - filled)}] " if terminal else ""
        end = "" if terminal else "\n"
        start = "\r\x1b[K" if terminal else ""
        with suppress(OSError):
            click.echo(f"{start}mkbench: {bar}{done}/{total} {label}{end}", err=True, nl=False)

    try:
        yield tick
    finally:
        if terminal and not quiet:
            with suppress(OSError):
                click.echo("\r\x1b[K", err=True, nl=False)


def _systems(
    context: click.Context, parameter: click.Parameter, values: Sequence[str]
) -> list[str] | None:
    names = [name.strip() for value in values for name in value.split(",")]
    for name in names:
        find(name)
    return list(dict.fromkeys(names)) or None


def machine_list(text: str) -> list[str]:
    """The machines of `--machine NAME[,NAME]`, each once.

    Raises
    ------
    UsageError
        If one of the names is empty.
    """
    names = list(dict.fromkeys(name.strip() for name in text.split(",")))
    if "" in names:
        raise UsageError(f"--machine {text!r}: a name is missing")
    return names


def some_word(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """The value of an option; an empty one is no way to ask for the default."""
    if value is not None and not value.strip():
        raise UsageError(f"{parameter.opts[0]} {value!r}: a name is missing")
    return value
