"""The records of a sweep as a file: CSV text or Parquet bytes, one line per row and point."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from microbench.errors import UsageError

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

    out = io.BytesIO()
    try:
        pd.DataFrame(list(records)).to_parquet(out, engine="pyarrow", index=False)
    except ImportError:
        raise UsageError("Parquet needs pyarrow: pip install 'mkbench[parquet]'") from None
    return out.getvalue()


def file_bytes(records: Sequence[Record], name: str) -> bytes:
    """The table in the form a file's name asks for."""
    return parquet_bytes(records) if name.endswith(".parquet") else csv_text(records).encode()
