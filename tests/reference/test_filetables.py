"""Published tables of file systems: read as they are, refused in one line where they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from microbench.errors import InputError
from microbench.reference.filetables import records

COLUMNS = ("name", "value")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "columns: name,value"),
        ("name,other\n", "name,other"),
        ("name,value\na\n", "line 2"),
        ("name,value\na,1,2\n", "line 2"),
    ],
)
def test_a_table_of_another_form_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        records("t", COLUMNS, path)


@pytest.mark.parametrize("value", ["", "x", "0", "-1", "nan", "inf"])
def test_what_is_no_positive_number_is_named(tmp_path: Path, value: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"name,value\na,1.5\nb,{value}\n")
    first, second = records("t", COLUMNS, path)
    assert (first["name"], first.number("value")) == ("a", 1.5)
    with pytest.raises(InputError, match=r"line 3\.value"):
        second.number("value")
