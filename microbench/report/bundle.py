"""A directory of tables for a paper or a dashboard: which files, named how, with what in them.

Knows file names and captions; makes text and writes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from microbench.report.dashboards import github_benchmark, junit_rows
from microbench.report.export import Frame, formatted
from microbench.row import Row

SUFFIXES = {"csv": "csv", "markdown": "md", "latex": "tex", "json": "json"}
FORMS = (*SUFFIXES, "github-action-benchmark", "junit")


def bundle(
    tables: Mapping[str, Sequence[Row]],
    frames: Mapping[str, Frame],
    forms: Iterable[str],
    provenance: Mapping[str, str],
) -> dict[str, str]:
    """File name to text, `provenance.json` last.

    Parameters
    ----------
    tables : mapping of str to sequence of Row
    frames : mapping of str to Frame
        Table to what stands around it.
    forms : iterable of str
        Of `FORMS`. The two for dashboards hold all tables in one: github-action-benchmark as
        one file per direction there is, as the action wants it: it refuses an empty one.
    provenance : mapping
        Written down with the hash of every file.
    """
    files: dict[str, str] = {}
    everything = [row for rows in tables.values() for row in rows]
    for form in dict.fromkeys(forms):
        if form in SUFFIXES:
            files |= _per_table(tables, frames, form, provenance)
        elif form == "junit":
            files["junit.xml"] = junit_rows(everything)
        else:
            for better in sorted({row.better for row in everything}, reverse=True):
                files[f"benchmark-{better}.json"] = github_benchmark(everything, better)
    return {**files, "provenance.json": _manifest(tables, files, provenance)}


def _per_table(
    tables: Mapping[str, Sequence[Row]],
    frames: Mapping[str, Frame],
    form: str,
    provenance: Mapping[str, str],
) -> dict[str, str]:
    return {
        f"{name}.{SUFFIXES[form]}": formatted(rows, form, frames[name], provenance)
        for name, rows in tables.items()
    }


def _manifest(
    tables: Mapping[str, Sequence[Row]], files: Mapping[str, str], provenance: Mapping[str, str]
) -> str:
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
    body = {
        "provenance": dict(provenance),
        "tables": {name: len(rows) for name, rows in tables.items()},
        "sha256": hashes,
    }
    return json.dumps(body, indent=1) + "\n"
