"""Groups of commands: names that are none are answered, modules imported when called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

from microbench.errors import unknown


class NamingGroup(click.Group):
    """A group that says what was meant by a name it has not."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's; of a name that is none it is said what was meant, else what there is."""
        if args and args[0] not in self.list_commands(ctx) and not args[0].startswith("-"):
            raise unknown("command", args[0], self.list_commands(ctx))
        return super().resolve_command(ctx, args)


class LazyGroup(NamingGroup):
    """A group of the modules of one room, each with a `command`.

    Parameters
    ----------
    room : str
        The package whose modules they are.
    summaries : mapping of str to str
        Name of each module to one line of help.
    """

    def __init__(
        self, *words: Any, room: str = "", summaries: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(*words, **more)
        self.room, self._summaries = room, dict(summaries or {})

    def summaries(self) -> dict[str, str]:
        """Every name of the group with its line of help."""
        return self._summaries

    def find(self, name: str) -> click.Command:
        """The command of this name."""
        module = importlib.import_module(f"{self.room}.{name}")
        command: click.Command = module.command
        return command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.summaries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self.find(cmd_name) if cmd_name in self.summaries() else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.summaries().items()))
