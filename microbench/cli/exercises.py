"""`mkbench exercises`: questions for a course, with the commands that answer them."""

from __future__ import annotations

import click

WIDTH = 80


@click.command()
@click.argument("number", required=False, type=int)
def command(number: int | None) -> None:
    """List six questions, what to run and what to look for; or NUMBER alone."""
    from microbench.datafiles import data_dir
    from microbench.errors import UsageError
    from microbench.reading import read_toml

    known = read_toml(data_dir() / "exercises.toml")["exercise"]
    if number is not None and not 1 <= number <= len(known):
        raise UsageError(f"exercise {number}: from 1 to {len(known)}")
    for place, exercise in enumerate(known, 1):
        if number in (None, place):
            click.echo(_text(place, exercise["question"], exercise["commands"], exercise["look"]))


def _text(place: int, question: str, commands: list[str], look: str) -> str:
    """A question, its commands, where the answer stands, and an empty line."""
    lines = [click.wrap_text(question, WIDTH, f"{place}. ", "   ")]
    lines += [f"       {words}" for words in commands]
    return "\n".join([*lines, click.wrap_text(look, WIDTH, "   ", "   "), ""])
