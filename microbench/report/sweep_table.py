"""The records of a sweep as a file: CSV text or Parquet bytes, one line per row and point."""

from __future__ import annotations

import csv
import importlib.util
import io
from collections.abc import Sequence
from typing import Any

from microbench.errors import InputError, UsageError
from microbench.machine.spec import parse_number

Record = dict[str, Any]


def csv_text(records: Sequence[Record]) -> str:
    """Tidy CSV; numbers so that they read back equal."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(records[0]), lineterminator="\n")
    writer.writeheader()
    for record in records:
        writer.writerow({k: "" if v is None else v for k, v in record.items()})
    return out.getvalue()


def parquet_bytes(records: Sequence[Record]) -> bytes:
    """The same table as a Parquet file.

    Raises
    ------
    UsageError
        If pyarrow is not installed.
    """
    import pandas as pd

    check_parquet()
    out = io.BytesIO()
    pd.DataFrame([_typed(record) for record in records]).to_parquet(
        out, engine="pyarrow", index=False
    )
    return out.getvalue()


def check_parquet() -> None:
    """Refuse, before anything is computed, a form that cannot be written.

    Raises
    ------
    UsageError
        If pyarrow is not installed.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise UsageError("Parquet needs pyarrow: pip install 'mkbench[parquet]'")


def _typed(record: Record) -> Record:
    """Swept values that are numbers as numbers; words stay words."""
    return {key: _number(key, value) if "." in key else value for key, value in record.items()}


def _number(key: str, value: Any) -> Any:
    try:
        return parse_number(key, value) if isinstance(value, str) else value
    except InputError:
        return value


def file_bytes(records: Sequence[Record], name: str) -> bytes:
    """The table in the form a file's name asks for."""
    return parquet_bytes(records) if name.endswith(".parquet") else csv_text(records).encode()
