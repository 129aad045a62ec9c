"""Rows as text and back: tidy CSV with an optional header of comments, and JSON.

Knows the columns of `Row` and checks every cell. Refuses to guess: an unknown column, a
second row of the same name or a number that is none is an `InputError`.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from microbench.errors import InputError
from microbench.reading import check_name, csv_lines, is_name, parse_json
from microbench.row import COLUMNS, NO_VALUE, ROLES, Row

MAX_TEXT = 32_000_000
REQUIRED = COLUMNS[:8]
_TEXTS = ("published_source", "machine_hash", "model_version", "note")
_NUMBERS = ("published", "error", "low", "high")


@dataclass(frozen=True)
class Results:
    """What a result file holds.

    Attributes
    ----------
    rows : tuple of Row
    provenance : dict of str to str
        The header, empty for a bare CSV.
    tolerances : dict of key to float
        Allowed relative difference per row key, where the file states one.
    """

    rows: tuple[Row, ...]
    provenance: dict[str, str] = field(default_factory=dict)
    tolerances: dict[tuple[str, ...], float] = field(default_factory=dict)


def csv_text(
    rows: Iterable[Row],
    provenance: Mapping[str, str] | None = None,
    tolerances: Mapping[tuple[str, ...], float] | None = None,
) -> str:
    """Rows as tidy CSV; every number is the shortest text that reads back as itself."""
    out = io.StringIO()
    for key, value in (provenance or {}).items():
        out.write(f"# {key}: {' '.join(value.split())}\n")
    extra = ["tolerance"] if tolerances is not None else []
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*COLUMNS, *extra])
    for row in rows:
        cells = ["" if v is None else v for v in row.as_dict().values()]
        limit = (tolerances or {}).get(row.key)
        writer.writerow(cells + ["" if limit is None else limit] * len(extra))
    return out.getvalue()


def json_text(
    rows: Iterable[Row],
    provenance: Mapping[str, str],
    more: Mapping[str, Any] | None = None,
) -> str:
    """`{"provenance": ..., "rows": [...]}`, with further top-level keys from `more`."""
    body = {"provenance": dict(provenance), "rows": [row.as_dict() for row in rows]}
    return json.dumps({**body, **(more or {})}, indent=1, allow_nan=False) + "\n"


def parse_results(text: str, file: object) -> Results:
    """Read what `csv_text` or `json_text` wrote, or a hand-made file of the same form.

    Parameters
    ----------
    text : str
    file : object
        What to call the file in a message.

    Raises
    ------
    InputError
        For anything that is not such a file, naming line, column and value.
    """
    if len(text) > MAX_TEXT:
        raise InputError(file, "", "", f"larger than {MAX_TEXT} characters")
    if text.lstrip()[:1] == "{":
        return _parse_json(text, file)
    header, body, skipped = _split_header(text, file)
    records = _csv_records(body, file, skipped)
    return _results(records, header, file)


def _parse_json(text: str, file: object) -> Results:
    body = parse_json(text, file)
    rows, header = body.get("rows"), body.get("provenance", {})
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(file, "rows", None, "must be a list of objects")
    if not isinstance(header, dict):
        raise InputError(file, "provenance", header, "must be an object")
    records = [
        (f"rows[{i}]", {k: "" if v is None else str(v) for k, v in row.items()})
        for i, row in enumerate(rows)
    ]
    return _results(records, {str(k): str(v) for k, v in header.items()}, file)


def _split_header(text: str, file: object) -> tuple[dict[str, str], str, int]:
    header: dict[str, str] = {}
    lines = text.splitlines(keepends=True)
    count = 0
    while count < len(lines) and lines[count].startswith("#"):
        key, colon, value = lines[count][1:].partition(":")
        if not colon or not key.strip():
            raise InputError(file, f"line {count + 1}", lines[count].strip(), "not `# key: value`")
        if key.strip() in header:
            raise InputError(file, f"line {count + 1}", key.strip(), "key given twice")
        header[key.strip()] = value.strip()
        count += 1
    return header, "".join(lines[count:]), count


def _csv_records(body: str, file: object, skipped: int) -> list[tuple[str, dict[str, str]]]:
    lines = list(csv_lines(body, file, skipped))
    if not lines:
        raise InputError(file, "", "", "holds no table")
    names = lines[0][1]
    if len(set(names)) != len(names):
        raise InputError(file, f"line {lines[0][0]}", ",".join(names), "a column is named twice")
    for number, cells in lines[1:]:
        if len(cells) != len(names):
            found = f"{len(cells)} cells where the heading has {len(names)}"
            raise InputError(file, f"line {number}", ",".join(cells), found)
    records = [(f"line {number}", dict(zip(names, cells, strict=True))) for number, cells in lines]
    return records[1:] if len(records) > 1 else _only_heading(names, file)


def _only_heading(names: Sequence[str], file: object) -> list[tuple[str, dict[str, str]]]:
    _check_columns(names, file)
    return []


def _check_columns(names: Iterable[str], file: object) -> None:
    for name in names:
        if name not in COLUMNS and name != "tolerance":
            raise InputError(file, "column", name, "unknown column")
    for name in REQUIRED:
        if name not in names:
            raise InputError(file, "column", name, "missing column")


def _results(
    records: Sequence[tuple[str, dict[str, str]]], header: dict[str, str], file: object
) -> Results:
    rows: dict[tuple[str, ...], Row] = {}
    tolerances: dict[tuple[str, ...], float] = {}
    for where, record in records:
        _check_columns(record, file)
        row = _row(record, file, where)
        if row.key in rows:
            raise InputError(file, where, " ".join(row.key), "this row is there twice")
        rows[row.key] = row
        if record.get("tolerance"):
            tolerances[row.key] = parse_tolerance(record["tolerance"], file, f"{where}.tolerance")
    return Results(tuple(rows.values()), header, tolerances)


def _row(record: Mapping[str, str], file: object, where: str) -> Row:
    texts: dict[str, Any] = {name: record[name] for name in REQUIRED[:7]}
    for name, text in texts.items():
        if name != "args":
            check_name(text, file, f"{where}.{name}")
        elif not is_name(f"x{text}"):
            raise InputError(file, f"{where}.args", text, "not one printable line")
    if texts["better"] not in ("smaller", "larger"):
        raise InputError(file, f"{where}.better", texts["better"], "not smaller or larger")
    if record.get("role", "") not in ("", *ROLES):
        raise InputError(file, f"{where}.role", record["role"], "unknown role")
    more: dict[str, Any] = {name: record[name] for name in (*_TEXTS, "role") if name in record}
    for name in _NUMBERS:
        more[name] = _number(record[name], file, f"{where}.{name}") if record.get(name) else None
    for name in set(_TEXTS) & more.keys():
        if more[name] and not is_name(more[name].replace("=", "")):
            raise InputError(file, f"{where}.{name}", more[name], "not one printable line")
    more["cycles"] = _integer(record.get("cycles", ""), file, f"{where}.cycles")
    value = NO_VALUE
    if record["value"] or not more.get("note"):
        value = _number(record["value"], file, f"{where}.value")
    return Row(**texts, value=value, **more)


def _number(text: str, file: object, key: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(file, key, text, "not a number") from None
    if not math.isfinite(value):
        raise InputError(file, key, text, "not a finite number")
    return value


def _integer(text: str, file: object, key: str) -> int | None:
    if not text:
        return None
    try:
        value = int(text[:25])
    except ValueError:
        raise InputError(file, key, text, "not a whole number") from None
    if abs(value) >= 2**63:
        raise InputError(file, key, text, "does not fit 64 bits")
    return value


def parse_tolerance(text: str, file: object = "--tolerance", key: str = "") -> float:
    """A relative tolerance: "2%" or "0.02"; between 0 and 1.

    Raises
    ------
    InputError
        If it is neither.
    """
    stripped = text.strip()
    scale = 100 if stripped.endswith("%") else 1
    try:
        value = float(stripped.rstrip("%").strip()) / scale
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise InputError(file, key or "value", text, "not a tolerance such as 2% or 0.02")
    return value
