"""Baselines: stored results with the provenance that says what they are about.

Knows the file's form and what must be run to make it again (`runs`). Refuses to know how
a row is modelled, and writes no file itself.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from microbench.errors import InputError, MismatchError
from microbench.reading import read_text
from microbench.row import Row
from microbench.store.provenance import SCHEMA_VERSION
from microbench.store.rows import Results, csv_text, parse_results


@dataclass(frozen=True)
class Run:
    """One call that yields rows.

    Attributes
    ----------
    what : str
        "table" or "bench".
    name, args : str
        Table or benchmark, and the benchmark's argument string.
    machine : str
    systems : tuple of str
        Empty: the default ones.
    settings : tuple of str
        `key=value` overrides of the machine.
    """

    what: str
    name: str
    args: str = ""
    machine: str = "pxa255"
    systems: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()

    def text(self) -> str:
        """As one header value."""
        options = [f"--machine={self.machine}", *(f"--set={s}" for s in self.settings)]
        options += [f"--system={s}" for s in self.systems]
        return shlex.join([self.what, self.name, self.args, *options])


def baseline_text(
    rows: Iterable[Row],
    provenance: Mapping[str, str],
    runs: Sequence[Run],
    tolerances: Mapping[tuple[str, ...], float] | None = None,
) -> str:
    """A baseline file: header, then rows sorted by name so that diffs are small."""
    header = dict(provenance)
    for number, run in enumerate(runs):
        header[f"run.{number}"] = run.text()
    return csv_text(sorted(rows, key=lambda row: row.key), header, tolerances or {})


def read_results(path: str) -> Results:
    """Read a result file; `-` is standard input.

    Raises
    ------
    InputError
        If it cannot be read or is no result file.
    MismatchError
        If a later mkbench with another schema wrote it.
    """
    name = "standard input" if path == "-" else path
    return checked(parse_results(read_text(path), name), name)


def checked(results: Results, path: object) -> Results:
    """The results, if this mkbench reads their schema and there are any.

    Raises
    ------
    InputError
        If there is a heading and no rows.
    MismatchError
        If a later mkbench with another schema wrote them.
    """
    schema = results.provenance.get("schema", SCHEMA_VERSION)
    if schema != SCHEMA_VERSION:
        raise MismatchError(f"{path}: schema = {schema!r}: this mkbench reads {SCHEMA_VERSION}")
    if not results.rows:
        raise InputError(path, "", "", "a heading and no rows: nothing to compare")
    return results


def runs_of(results: Results, file: object) -> list[Run]:
    """What to run to make the rows again: the header's `run.N`, or one run per listed row.

    Raises
    ------
    InputError
        If a `run.N` line cannot be understood.
    """
    lines = {k: v for k, v in results.provenance.items() if k.startswith("run.")}
    if lines:
        return [_parse_run(text, file, key) for key, text in lines.items()]
    listed: dict[tuple[str, str, str], set[str]] = {}
    for row in results.rows:
        listed.setdefault((row.benchmark, row.args, row.machine), set()).add(row.system)
    return [Run("bench", *what, tuple(sorted(systems))) for what, systems in listed.items()]


def rerun(
    runs: Iterable[Run],
    table_rows: Callable[..., list[Row]],
    benchmark_rows: Callable[..., list[Row]],
    announce: Callable[[str], None] = lambda text: None,
) -> list[Row]:
    """Run each of `runs` and collect its rows, each row once.

    Parameters
    ----------
    runs : iterable of Run
    table_rows, benchmark_rows : callable
        What makes rows of a table, and of a benchmark with arguments.
    announce : callable
        Told each run before it starts.
    """
    found: dict[tuple[str, ...], Row] = {}
    for run in runs:
        announce(f"{run.name} {run.args}".strip())
        systems = list(run.systems) or None
        if run.what == "table":
            rows = table_rows(run.name, run.machine, systems, run.settings)
        else:
            rows = benchmark_rows(run.name, run.args, run.machine, systems, run.settings)
        found.update((row.key, row) for row in rows)
    return list(found.values())


def _parse_run(text: str, file: object, key: str) -> Run:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InputError(file, key, text, str(error)) from None
    if len(words) < 3 or words[0] not in ("table", "bench"):
        raise InputError(file, key, text, "not `table NAME ''` or `bench NAME ARGS`")
    options: dict[str, list[str]] = {"--machine": [], "--set": [], "--system": []}
    for word in words[3:]:
        name, equals, value = word.partition("=")
        if not equals or name not in options:
            raise InputError(file, key, word, "unknown option of a run")
        options[name].append(value)
    machine = (options["--machine"] or ["pxa255"])[-1]
    systems, settings = tuple(options["--system"]), tuple(options["--set"])
    return Run(words[0], words[1], words[2], machine, systems, settings)
