"""mkbench's own result files: modelled rows stay what they are."""

from __future__ import annotations

from microbench.measured.reading import Reading
from microbench.measured.source import Source
from microbench.row import COLUMNS
from microbench.store.baseline import checked
from microbench.store.rows import parse_results


def recognises(source: Source) -> bool:
    """Whether the columns of mkbench's CSV, or its JSON, are there."""
    body = source.json
    if isinstance(body, dict):
        return "rows" in body
    heading = next((line for line in source.lines if line and not line.startswith("#")), "")
    return {"benchmark", "args", "machine"} <= set(heading.split(",")) & set(COLUMNS)


def read(source: Source, machine: str) -> Reading:
    """Read the rows.

    Raises
    ------
    InputError, MismatchError
        As `parse_results`, or of a later mkbench's file.
    """
    results = checked(parse_results(source.text, source.file), source.file)
    return Reading("mkbench", results.rows, results=results)
