"""Read the tables of `data/reference/files/`: published measurements of file systems.

Knows their form. Refuses to know which model they are held against.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.reading import csv_lines, decimal, read_text

LARGEST = 1e15


@dataclass(frozen=True)
class Record:
    """One line of a table.

    Attributes
    ----------
    path, line : Path, int
        Where it stands.
    cells : dict of str to str
        Column to its text.
    """

    path: Path
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def number(self, column: str) -> float:
        """The positive number of a column.

        Raises
        ------
        InputError
            Naming file, line and column if it is none.
        """
        value = decimal(self.cells[column], 0, LARGEST)
        if not value:
            key = f"line {self.line}.{column}"
            raise InputError(self.path, key, self.cells[column], "not a positive number")
        return value


def records(name: str, columns: tuple[str, ...], path: Path | None = None) -> list[Record]:
    """The lines of a packaged table.

    Parameters
    ----------
    name : str
        Of the file, without its ending.
    columns : tuple of str
        Those it must have, in their order.
    path : Path, optional
        Another file of the same form.

    Raises
    ------
    InputError
        Naming file and line of what is not so.
    """
    path = path or data_dir() / "reference" / "files" / f"{name}.csv"
    lines = list(csv_lines(read_text(path), path))
    if not lines or tuple(lines[0][1]) != columns:
        found = ",".join(lines[0][1]) if lines else ""
        raise InputError(path, "line 1", found, f"columns: {','.join(columns)}")
    for number, cells in lines[1:]:
        if len(cells) != len(columns):
            raise InputError(path, f"line {number}", len(cells), "wrong number of cells")
    return [Record(path, n, dict(zip(columns, cells, strict=True))) for n, cells in lines[1:]]
