"""A group of commands of which only the one that is called is imported."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
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
