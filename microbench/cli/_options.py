"""Options that commands share, together as records: what runs where, and what is printed how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, NamedTuple, TypeVar, cast

import click
from click.core import ParameterSource

from microbench.cli import _complete
from microbench.errors import UsageError
from microbench.systems.registry import find

FORMATS = ("table", "csv", "json", "markdown", "latex")
DEFAULT_MACHINE = "pxa255"
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

        if not value:
            raise click.BadParameter("needs the name of a file")
        check_file(value)
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
        """The machine, None where it is the default one and was not named."""
        context = click.get_current_context(silent=True)
        source = context.get_parameter_source("machine") if context else None
        named = source is ParameterSource.COMMANDLINE
        return self.machine if named or self.machine != DEFAULT_MACHINE else None


def machine_options(command: Command, several: bool = False) -> Command:
    """Add `--machine`, `--system` and `--set`, together as the argument `where`.

    Parameters
    ----------
    several : bool
        Whether `--machine` may name more than one.
    """

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
    return cast(Command, machine_option(system_option(changed), several))


def machines_options(command: Command) -> Command:
    """The same, where `--machine` may name several."""
    return machine_options(command, several=True)


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


def machine_option(command: Command, several: bool = False) -> Command:
    """Add `--machine` as argument `machine`: one, or several with commas between."""
    return click.option(
        *("--machine",),
        default=DEFAULT_MACHINE,
        show_default=True,
        metavar="NAME|FILE[,NAME]" if several else "NAME|FILE",
        callback=None if several else _one,
        shell_complete=_complete.machines,
        help="A machine of `mkbench list`, or a TOML file.",
    )(command)


def _one(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """A machine, which a name with a comma is not; a file may have one."""
    if "," in value and "/" not in value and not value.endswith(".toml"):
        raise UsageError(f"--machine {value}: one here; run, table and compare take several")
    return value


def against_option(command: Command) -> Command:
    """Add `--against talk` as argument `against`."""
    return click.option(
        "--against",
        type=click.Choice(["talk"]),
        help="Published values beside a machine they are not about.",
    )(command)


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
