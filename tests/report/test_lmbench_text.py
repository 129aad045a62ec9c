"""What `--format lmbench` prints is read back by the reader of lmbench's own output."""

from __future__ import annotations

from pathlib import Path

import pytest

from microbench.errors import UsageError
from microbench.measured.registry import read_measured
from microbench.report.export import formatted
from microbench.report.lmbench_text import lmbench_text
from microbench.row import Row


def row(name: str, args: str, value: float, metric: str = "latency", system: str = "l4") -> Row:
    unit = {"bandwidth": "MB/s"}.get(metric, "ns" if name == "lat_mem_rd" else "us")
    better = "larger" if metric == "bandwidth" else "smaller"
    return Row(name, args, "pxa255", system, metric, unit, better, value)


ROWS = [
    row("lat_pipe", "", 540.1234),
    row("lat_syscall", "null", 0.7184),
    row("lat_syscall", "open", 16.09),
    row("lat_sig", "prot", 4.2381),
    row("lat_proc", "shell", 48146.25),
    row("lat_select", "-n 10 file", 18.25),
    row("lat_select", "-n 100 tcp", 116.0),
    row("lat_pagefault", "", 16.86),
    row("lat_ctx", "-s 0 2", 262.0),
    row("lat_ctx", "-s 0 2", 11.59, "overhead"),
    row("lat_ctx", "-s 4 10", 383.25),
    row("lat_ctx", "-s 4 10", 47.6, "overhead"),
    row("lat_ctx", "-s 16 1", 150.5),
    row("bw_pipe", "", 7.82, "bandwidth"),
    row("bw_file_rd", "1024 io_only", 37.69, "bandwidth"),
    row("bw_mem", "512k rdwr", 265.41, "bandwidth"),
    row("bw_mem", "1024k rdwr", 65.25, "bandwidth"),
    row("lat_mmap", "1024k", 59.25),
    row("lat_mem_rd", "32", 5.02, "latency at 32768 bytes"),
]


def test_every_value_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "lmbench.out"
    file.write_text(lmbench_text(ROWS), encoding="utf-8")
    found = {(r.benchmark, r.args, r.metric): r.value for r in read_measured(str(file)).rows}
    printed = {(r.benchmark, r.args, r.metric): r.value for r in ROWS if r.metric != "overhead"}
    rings = {("lat_ctx", f"-s {k} 1", "latency"): v for k, v in ((0, 11.59), (4, 47.6))}
    assert found == {**printed, **rings}


def test_the_words_are_lmbenchs() -> None:
    lines = lmbench_text(ROWS[:1] + ROWS[8:12]).splitlines()
    assert lines == [
        "Pipe latency: 540.1234 microseconds",
        '"size=0k ovr=11.59',
        "2 262.00",
        '"size=4k ovr=47.60',
        "10 383.25",
    ]


def test_several_systems_are_told_apart_and_what_lmbench_has_not_is_refused() -> None:
    text = formatted([row("lat_pipe", "", 1.0, system=s) for s in ("native", "l4")], "lmbench")
    assert text.splitlines()[::2] == ["[mkbench: native on pxa255]", "[mkbench: l4 on pxa255]"]
    with pytest.raises(UsageError, match="no program of lmbench prints reaim 3"):
        lmbench_text([row("reaim", "3", 45.0)])
