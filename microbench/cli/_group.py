"""The group of all commands, and how a call of it ends."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from microbench import __version__
from microbench.cli import COMMANDS
from microbench.cli._exit import DEBUG
from microbench.cli._lazy import LazyGroup
from microbench.errors import UsageError

COMPLETION = "_MKBENCH_COMPLETE"


@click.group(
    cls=LazyGroup,
    room="microbench.cli",
    summaries=COMMANDS,
    invoke_without_command=True,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--debug", is_flag=True, help="Show the traceback of an internal failure.")
@click.option("-V", "--version", is_flag=True, help="Show the version; see --verbose.")
@click.option("--verbose", is_flag=True, help="With --version: also which engines run here.")
@click.pass_context
def cli(context: click.Context, debug: bool, version: bool, verbose: bool) -> None:
    """What does this OS structure cost on this machine, and why?

    Native Linux beside Linux as a server on the L4 microkernel, on a modelled
    machine: `mkbench run lat_ctx` prints the first table.
    """
    if version:
        click.echo("\n".join([f"mkbench, version {__version__}", *(_verbose() if verbose else [])]))
        context.exit()
    if verbose:
        raise click.UsageError("--verbose belongs to --version")
    if context.invoked_subcommand is None:
        raise click.UsageError("Missing command.")


def _verbose() -> list[str]:
    from microbench.ahead.describe import describe

    return describe()


def run(words: Sequence[str]) -> None:
    """Call the command with these words.

    Raises
    ------
    MkbenchError
        For every mistake that was foreseen.
    SystemExit
        Where the command ends by itself, as after `--help`.
    """
    from microbench.cli._say import note
    from microbench.said import listen

    quiet = "-q" in words or "--quiet" in words
    listen(lambda text: note(text, quiet))
    if COMPLETION in os.environ:
        cli.main(prog_name="mkbench", complete_var=COMPLETION)
    if DEBUG in words:
        os.environ["MKBENCH_DEBUG"] = "1"
    try:
        arguments = [word for word in words if word != DEBUG]
        with cli.make_context("mkbench", arguments) as context:
            cli.invoke(context)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        raise SystemExit(2) from None
    except click.exceptions.Exit as end:
        raise SystemExit(end.exit_code) from None
    except click.ClickException as error:
        raise UsageError(error.format_message()) from None
    except click.Abort:
        raise KeyboardInterrupt from None
