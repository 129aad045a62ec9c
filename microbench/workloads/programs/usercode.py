"""User code of the lmbench-style programs: word loops, counted in what a compiler makes of them.

Which of its levels the programs were compiled at is a choice, the same for every loop, tested by
rows with the role "check" and never counted as reproduced.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from microbench.datafiles import data_dir
from microbench.linux.kernel import Linux
from microbench.linux.process import Process
from microbench.quantity import read_toml
from microbench.trace import Region
from microbench.trace.recorder import LOOP, USER

CHUNK_BYTES = 512


COMPILED, PLAIN = "O0", "O1"
"""How the programs were compiled, and the neutral side of that choice."""


@cache
def loops(compiled: str = COMPILED) -> dict[str, Mapping[str, int]]:
    """Per kind of loop: instructions, dependent loads and code bytes per element.

    Parameters
    ----------
    compiled : str
        "O0", "O0_register" or "O1".
    """
    raw = read_toml(data_dir() / "workloads" / "usercode.toml")
    tables = {**raw["library"], **raw["counted"][compiled]}
    return {
        kind: {key: int(table[key]["value"]) for key in ("instructions", "dependent", "code_bytes")}
        for kind, table in tables.items()
    }


def walk(
    linux: Linux,
    process: Process,
    kind: str,
    source: Region | None,
    target: Region | None,
    size: int,
    stride: int,
) -> None:
    """Run one pass over `size` bytes with an element every `stride` bytes."""
    shape = loops(PLAIN if linux.plain_loops else COMPILED)[kind]
    text = process.user("user_text").at(TEXT_AT[kind])
    with linux.host.recorder.place(USER if kind in LIBRARY else LOOP):
        linux.host.recorder.loop(
            count=size // stride,
            stride=stride,
            text=text,
            instructions=shape["instructions"],
            source=source,
            target=target,
            dependent=shape["dependent"],
            element_bytes=shape["code_bytes"],
            body_bytes=shape["code_bytes"] * max(1, CHUNK_BYTES // stride),
        )


LIBRARY = "burst", "zero"
"""Loops of the C library, which a program's own flags do not reach."""
TEXT_AT = {
    "sum": 0x2000,
    "store": 0x3000,
    "update": 0x3800,
    "copy": 0x4000,
    "burst": 0x4800,
    "zero": 0x4900,
}
"""Where the code of each loop lies in the program's text [bytes]."""
