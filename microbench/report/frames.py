"""Rows as pandas frames and back.

Knows the column order and types. Imported by nobody at start-up: pandas is slow to load.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from microbench.row import COLUMNS, Row

TYPES = {
    "value": "float64",
    "cycles": "Int64",
    "published": "float64",
    "error": "float64",
    "low": "float64",
    "high": "float64",
}
"""Columns that are not text."""


def frame(rows: Iterable[Row]) -> pd.DataFrame:
    """One line per row, columns as in every export.

    Returns
    -------
    DataFrame
        `cycles` is a nullable integer; `published`, `error`, `low` and `high` are NaN where absent.
    """
    table = pd.DataFrame([row.as_dict() for row in rows], columns=list(COLUMNS))
    return table.astype({name: TYPES.get(name, "str") for name in COLUMNS})


def read_frame(file: Any) -> pd.DataFrame:
    """A tidy CSV (path or stream) as a frame; header comments are skipped."""
    table = pd.read_csv(
        file, comment="#", keep_default_na=False, na_values={name: [""] for name in TYPES}
    )
    wanted = {name: TYPES.get(name, "str") for name in table.columns if name != "tolerance"}
    return table.astype(wanted)


def rows_of(table: pd.DataFrame) -> list[Row]:
    """The rows of a frame made by `frame` or `read_frame`."""
    records = table[list(COLUMNS)].astype(object).to_dict("records")
    cells: list[dict[str, Any]] = [
        {str(k): None if pd.isna(v) else v for k, v in record.items()} for record in records
    ]
    return [Row(**cell) for cell in cells]


def wide(rows: Iterable[Row]) -> pd.DataFrame:
    """Values with one column per system, indexed by benchmark, args, machine, metric, unit."""
    names = ["benchmark", "args", "machine", "metric", "unit"]
    table = frame(rows)
    order = {name: list(dict.fromkeys(table[name])) for name in ("system", *names)}
    pivot = table.pivot(index=names, columns="system", values="value")
    wanted = list(dict.fromkeys(map(tuple, table[names].to_numpy())))
    return pivot.reindex(index=pd.MultiIndex.from_tuples(wanted, names=names))[order["system"]]
