"""The command `mkbench`: one module per subcommand, imported only when it is called."""

from __future__ import annotations

import importlib
import sys

import click

from microbench import __version__
from microbench.errors import MkbenchError

COMMANDS = {
    "list": "Benchmarks, systems, machines and tables.",
    "run": "Run one benchmark, with lmbench's own arguments.",
    "table": "A published table: modelled, published, error.",
    "explain": "Where the cycles went, and what makes the difference.",
    "validate": "How far to trust the model.",
    "calibrate": "Set the calibrated numbers on their rows.",
    "show": "A machine, a kernel's paths or a source.",
    "baseline": "Store results as a baseline.",
    "check": "Rerun a baseline and compare.",
    "compare": "Compare two result files.",
    "export": "Every table as CSV, Markdown and LaTeX.",
    "plot": "Figures as files.",
    "trace": "Record a trace, price it, or write a timeline.",
    "sweep": "One benchmark over many machine variants.",
    "sensitivity": "How much each row hangs on each number.",
    "measured": "Results of lmbench, sel4bench and others, as rows.",
    "host": "Measure this machine; make a machine file of it.",
    "app": "What another structure would cost your program.",
    "help": "What a word of mkbench means.",
    "smp": "An operation on many CPUs, its principles and its checks.",
}
"""Name to one line of help. Each has a module `microbench.cli.NAME` with a `command`."""


class LazyGroup(click.Group):
    """A group that imports a subcommand's module only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"microbench.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("-V", "--version", is_flag=True, help="Show the version; see --verbose.")
@click.option("--verbose", is_flag=True, help="With --version: also which engines run here.")
@click.pass_context
def cli(context: click.Context, version: bool, verbose: bool) -> None:
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


def main() -> None:
    """Run the command; every expected mistake is one line on stderr and an exit code."""
    try:
        cli.main(standalone_mode=False)
    except MkbenchError as error:
        _fail(str(error), error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(2)
    except click.ClickException as error:
        _fail(error.format_message(), 2)
    except (click.Abort, KeyboardInterrupt):
        _fail("interrupted", 130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)


def _fail(message: str, code: int) -> None:
    click.echo(f"mkbench: {' '.join(message.split())}", err=True)
    sys.exit(code)
