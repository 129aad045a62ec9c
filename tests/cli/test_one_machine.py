"""What a command's help says of `--machine` is what it takes."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from microbench.cli._group import cli

SEVERAL = {("run",), ("table",), ("compare",)}


def commands(
    group: click.Group, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below a group, with its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*words, name))
        elif found is not None:
            yield (*words, name), found


def with_machine() -> dict[tuple[str, ...], str]:
    """What the help of each command that has a machine by name says it may be."""
    return {
        words: str(option.metavar)
        for words, found in commands(cli)
        for option in found.params
        if option.name == "machine" and "NAME" in str(option.metavar)
    }


def test_only_those_that_take_several_machines_say_so() -> None:
    said = with_machine()
    assert len(said) > 20
    assert {words for words, metavar in said.items() if metavar.endswith(",NAME]")} == SEVERAL


@pytest.mark.parametrize(
    "words", ["explain lat_pipe", "sweep lat_pipe --vary l1d.ways=4", "plot smp"]
)
def test_the_others_say_who_does(words: str) -> None:
    done = CliRunner().invoke(cli, [*words.split(), "--machine", "pxa255,zen3"])
    assert "run, table and compare take several" in f"{done.output}{done.exception}"
