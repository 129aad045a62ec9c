"""A command that passes on words it does not know: a benchmark's own arguments."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import click

from microbench.errors import UsageError

_NEGATIVE = re.compile(r"-[0-9.]+[A-Za-z]\w*")


class PassingCommand(click.Command):
    """Words that look like options and are none of its own stay where they stand.

    A negative quantity, `-3h`, would be taken for a run of one-letter options: it is refused.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {name for parameter in self.params for name in parameter.opts}
        for before, word in pairwise(["", *args]):
            if _NEGATIVE.fullmatch(word) and before not in own:
                raise UsageError(f"{before} {word}: must not be negative".strip())
        return super().parse_args(ctx, args)


PASSING: dict[str, Any] = {
    "cls": PassingCommand,
    "context_settings": {"ignore_unknown_options": True},
}
"""What to give `click.command` for such a command."""
