"""What a command says on stderr: notes, caveats, progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from microbench.errors import printable

if TYPE_CHECKING:
    from microbench.run.setup import Setup

SHOW_AFTER_SECONDS = 1.0


def note(text: str, quiet: bool = False) -> None:
    """Say something on stderr."""
    if not quiet:
        with suppress(OSError):
            click.echo(f"mkbench: {printable(text)}", err=True)


def say_idle(benchmark: str, args: Sequence[str], quiet: bool = False) -> None:
    """Say which words of a call lmbench takes and that have no effect here."""
    from microbench.workloads.registry import BENCHMARKS, call_of

    idle = call_of(benchmark, args).idle if benchmark in BENCHMARKS else ()
    if idle:
        note(
            f"without effect: {' '.join(idle)} (every repetition is the same, files are our own)",
            quiet,
        )


def announce_compilation(quiet: bool = False) -> None:
    """Say on stderr if the engine is about to be compiled, once after an installation."""
    from microbench.run.compiled import announce

    announce(lambda text: note(text, quiet))


def say_caveats(
    setup: Setup, kind: str, quiet: bool = False, replayed: Sequence[str] = ()
) -> list[str]:
    """Say what must be known beside values on a machine, and give it for what is exported."""
    from microbench.run.caveats import caveats

    found = caveats(setup, kind, replayed)
    for text in found:
        note(text, quiet)
    return found


@contextmanager
def progress(total: int, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Give a function to be told each step; after a second the steps show on stderr.

    In a terminal one line is overwritten; elsewhere there is at most a line a second.
    """
    due, done = time.monotonic() + SHOW_AFTER_SECONDS, 0
    terminal = sys.stderr.isatty()

    def tick(label: str) -> None:
        nonlocal done, due
        done += 1
        if quiet or time.monotonic() < due:
            return
        due = 0.0 if terminal else time.monotonic() + SHOW_AFTER_SECONDS
        filled = 20 * (done - 1) // max(total, 1)
        bar = f"[{'#' * filled}{'.' * (20 - filled)}] " if terminal else ""
        end = "" if terminal else "\n"
        start = "\r\x1b[K" if terminal else ""
        with suppress(OSError):
            click.echo(f"{start}mkbench: {bar}{done}/{total} {label}{end}", err=True, nl=False)

    try:
        yield tick
    finally:
        if terminal and not quiet:
            with suppress(OSError):
                click.echo("\r\x1b[K", err=True, nl=False)
