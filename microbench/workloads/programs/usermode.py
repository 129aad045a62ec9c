"""User code that touches pages: text at first use, look-ups, relocation, written data.

What runs is a shape; where it runs is a page of the process, and a page that is not there
faults. Which page comes next is a fixed rule, no chance is involved.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from microbench.datafiles import data_dir
from microbench.linux.faults import touch
from microbench.linux.kernel import Linux
from microbench.linux.process import Process
from microbench.trace import Region, Template
from microbench.trace.draw import draw
from microbench.trace.shapes import read_file

PAGE, LINE = 4096, 32
STRIDE_LINES = 37  # where in its page code lies, so that pages do not fall on the same lines
RELOCATION_BYTES = 8


@cache
def shape(name: str, instructions: int = 0, lines: int = 0) -> Template:
    """A shape of `data/workloads/startup.toml`, with other instructions or lines if given."""
    found = read_file(data_dir() / "workloads" / "startup.toml").paths[name]
    factor = instructions / found.instructions if instructions else 1.0
    count = lines or found.code_lines
    total = max(round(found.instructions * factor), count)
    return draw(
        replace(
            found,
            instructions=total,
            loads=round(found.loads * factor),
            stores=round(found.stores * factor),
            taken=min(round(found.taken * factor), count),
            code_lines=count,
            low_instructions=min(total, found.low_instructions),
            high_instructions=max(total, found.high_instructions),
        ),
        "",
    )


class UserCode:
    """User code of one process.

    Parameters
    ----------
    stack : int
        Page number of its topmost stack page.
    data : int
        Page number of a data page it keeps using.
    """

    def __init__(self, linux: Linux, process: Process, stack: int, data: int) -> None:
        self.linux, self.process = linux, process
        self.stack, self.data = stack, data

    def touch(self, page: int, write: bool = False) -> Region:
        """Use a page."""
        return touch(self.linux.memory, self.process, page, write)

    def write(self, first: int, pages: int) -> None:
        """Write to some pages from `first` on."""
        for page in range(first, first + pages):
            self.touch(page, write=True)

    def run(self, page: int, instructions: int, lines: int) -> None:
        """Run straight code in one page of text."""
        text = self.touch(page)
        template = shape("page", instructions, lines)
        at = page * STRIDE_LINES % (PAGE // LINE - lines) * LINE
        self.linux.host.recorder.path(
            template,
            text=text.at(at),
            user_stack=self.touch(self.stack, write=True),
            page_data=self.touch(self.data, write=True),
        )

    def look_up(self, code: int, tables: list[int], number: int, instructions: int) -> None:
        """One symbol look-up by the loader's code, in tables that lie in some pages."""
        table = self.touch(tables[number * 3 % len(tables)])
        names = self.touch(tables[(number * 5 + 1) % len(tables)])
        at = number * STRIDE_LINES % (PAGE // LINE - 8) * LINE
        self.linux.host.recorder.path(
            shape("lookup", instructions),
            text=self.touch(code),
            table=table.at(at),
            names=names.at(PAGE - 8 * LINE - at if at < PAGE - 8 * LINE else 0),
            user_stack=self.touch(self.stack, write=True),
        )

    def relocate(self, code: int, table: int, page: int, count: int, instructions: int) -> None:
        """Add the load address to words of one data page: each is read, then written."""
        text, source = self.touch(code), self.touch(table)
        self.touch(page)
        target = self.touch(page, write=True)
        most = PAGE // RELOCATION_BYTES
        self.linux.host.recorder.loop(
            count=min(count, most),
            stride=RELOCATION_BYTES,
            text=text,
            instructions=instructions,
            source=source,
            target=target,
            load_words=2,
            store_words=1,
            dependent=1,
        )
