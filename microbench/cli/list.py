"""`mkbench list`: what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from microbench.cli._options import output_option
from microbench.cli._output import emit_text
from microbench.errors import unknown

if TYPE_CHECKING:
    from microbench.study.inventory import Item

KINDS = ("benchmarks", "systems", "kernels", "machines", "tables", "settings")
WIDTH = 80
NARROWEST, WIDEST = 14, 32


def _complete(context: click.Context, parameter: click.Parameter, text: str) -> list[str]:
    return [kind for kind in KINDS if kind.startswith(text)]


@click.command()
@click.argument("kind", required=False, shell_complete=_complete)
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@output_option
def command(kind: str | None, form: str, output: str | None) -> None:
    """List what there is: all names, or one KIND.

    benchmarks, systems, kernels, machines, tables; settings: every key of --set, with unit and
    meaning.
    """
    from microbench.study import inventory

    if kind is not None and kind not in KINDS:
        raise unknown("kind", kind, KINDS)
    shown = [kind] if kind else [k for k in KINDS if form == "json" or k != "settings"]
    found = {name: inventory.KINDS[name]() for name in shown}
    text = _json(found, kind) if form == "json" else _text(found, kind)
    emit_text(text, output)


def _json(found: dict[str, list[Item]], kind: str | None) -> str:
    import json
    from dataclasses import asdict

    body = {name: [asdict(item) for item in items] for name, items in found.items()}
    return json.dumps(body[kind] if kind else body, indent=1) + "\n"


def _text(found: dict[str, list[Item]], kind: str | None) -> str:
    """A heading and a line or two for each name, in eighty columns."""
    lines = []
    for name, items in found.items():
        lines.append(name)
        longest = max(len(item.name) for item in items) + 2
        room = min(max(longest, NARROWEST), WIDEST)
        for item in items:
            lines += _lines(item, room, name == "settings")
    if kind is None:
        lines.append("`mkbench list settings` has every key of --set.")
    return "\n".join(lines) + "\n"


def _lines(item: Item, room: int, unit_first: bool) -> list[str]:
    import textwrap

    says = item.summary
    if unit_first:
        says = f"[{item.usage}] {says}"
    elif item.usage:
        says += f"\n{item.usage}"
    indent = " " * (room + 2)
    name = item.name.ljust(room)
    first = f"  {name}" if len(item.name) < room else f"  {item.name}\n{indent}"
    found = [
        part
        for text in says.split("\n")
        for part in textwrap.wrap(
            text, WIDTH - len(indent), break_long_words=False, break_on_hyphens=False
        )
    ]
    return [first + found[0], *(indent + part for part in found[1:])]
