"""User code of the lmbench-style programs: word loops, as an assumption stated in data.

The rows of the talk that stay in the cache contradict optimised code at every legal clock
(`mkbench validate` prints them), so how this code was compiled is an assumption, tested by
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

CHUNK_BYTES = 512


@cache
def loops(compiled: str = "") -> dict[str, Mapping[str, int]]:
    """Per kind of loop: instructions, dependent loads and code bytes per element.

    Parameters
    ----------
    compiled : str
        "": as assumed; "O0", "O1": as counted in code that a compiler made.
    """
    raw = read_toml(data_dir() / "workloads" / "usercode.toml")
    tables = {**raw["loop"], **(raw["counted"][compiled] if compiled else {})}
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
    shape = loops("O1" if linux.plain_loops else "")[kind]
    text = process.user("user_text").at(TEXT_AT[kind])
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


TEXT_AT = {
    "sum": 0x2000,
    "store": 0x3000,
    "update": 0x3800,
    "copy": 0x4000,
    "burst": 0x4800,
    "zero": 0x4900,
}
"""Where the code of each loop lies in the program's text [bytes]."""
