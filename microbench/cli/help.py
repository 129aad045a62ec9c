"""`mkbench help`: the words of mkbench, explained."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import click

WIDTH = 80


@click.command()
@click.argument("term", required=False)
@click.pass_context
def command(ctx: click.Context, term: str | None) -> None:
    """Explain TERM or a command, or list the terms there are."""
    from microbench.datafiles import data_dir
    from microbench.quantity import read_toml

    known = read_toml(data_dir() / "glossary.toml")["term"]
    if term is None:
        _list(known)
        return
    commands = ctx.parent.command if ctx.parent else None
    found = commands.get_command(ctx, term) if isinstance(commands, click.Group) else None
    if found is not None and _spelled(term, known) not in known:
        click.echo(found.get_help(click.Context(found, info_name=f"mkbench {term}")))
        return
    _explain(term, known)


def _list(known: dict[str, Any]) -> None:
    groups: dict[str, list[str]] = {}
    for name, entry in known.items():
        groups.setdefault(entry["group"], []).append(name)
    for group, names in groups.items():
        click.echo(click.wrap_text(", ".join(sorted(names)), WIDTH, f"{group:12}", " " * 12))
    click.echo("mkbench help TERM explains one; mkbench COMMAND --help a command.")


def _explain(asked: str, known: dict[str, Any]) -> None:
    from microbench.errors import UsageError, near

    term = _spelled(asked, known)
    if term not in known:
        used = [
            name for name, entry in known.items() if f" {term} " in f" {entry['text'].lower()} "
        ]
        said = f"it is a word of {', '.join(used[:5])}" if used else "mkbench help"
        raise UsageError(f"no term {asked!r}; {near(term, known) or said}")
    entry = known[term]
    click.echo(click.wrap_text(f"{term} ({entry['group']}): {entry['text']}", WIDTH))
    if entry.get("see"):
        click.echo(f"See {', '.join(entry['see'])}.")


def _spelled(term: str, known: Container[str]) -> str:
    """The term as the file has it: lower case, without a plural."""
    plain = term.strip().lower().replace(" ", "_")
    if plain in known:
        return plain
    return plain[:-1] if plain.endswith("s") and not plain.endswith(("ss", "fass")) else plain
