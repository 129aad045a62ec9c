"""A mistake in the call is one line on stderr and exit code 2, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Mkbench = Callable[..., Any]

BAD_CALLS = [
    (["run", "lat_nothing"], "lat_nothing"),
    (["run", "lat_ctx", "-s", "x", "2"], "-s"),
    (["run", "lat_ctx", "-s", "-1", "2"], "-s"),
    (["run", "lat_ctx", "-s", "0"], "number of processes"),
    (["run", "lat_ctx", "-s", "0", "0"], "number of processes"),
    (["run", "lat_syscall", "nonsense"], "nonsense"),
    (["run", "bw_mem", "12", "rd"], "512"),
    (["run", "bw_mem", "1k", "sideways"], "sideways"),
    (["run", "lat_pipe", "3"], "no arguments"),
    (["run", "lat_pipe", "--machine", "vax"], "vax"),
    (["run", "lat_pipe", "--machine", "nowhere/none.toml"], "no such file"),
    (["run", "lat_pipe", "--system", "hurd"], "hurd"),
    (["run", "lat_pipe", "--set", "l1d.colour=red"], "l1d.colour"),
    (["run", "lat_pipe", "--set", "l1d.ways=7"], "l1d.size_bytes"),
    (["run", "lat_pipe", "--set", "l1d.ways=-1"], "l1d.ways"),
    (["run", "lat_pipe", "--set", "l1d.size_bytes=1e30"], "l1d.size_bytes"),
    (["run", "lat_pipe", "--set", "core.clock_hz=0"], "core.clock_hz"),
    (["run", "lat_pipe", "--set", "space_switch=sideways"], "space_switch"),
    (["run", "lat_pipe", "--set", "nothing"], "key=value"),
    (["table", "nonsense"], "nonsense"),
    (["show", "machine", "vax"], "vax"),
    (["show", "kernel", "minix"], "minix"),
    (["show", "source", "HEARSAY"], "HEARSAY"),
    (["nonsense"], "nonsense"),
]


@pytest.mark.parametrize(("args", "named"), BAD_CALLS)
def test_one_line_and_exit_code_two(args: list[str], named: str, mkbench: Mkbench) -> None:
    done = mkbench(*args)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert named in lines[0]


MACHINE = (Path(__file__).parents[2] / "data" / "machines" / "pxa255.toml").read_text(
    encoding="utf-8"
)
BAD_FILES = [
    (MACHINE.replace("ways = { value = 32", "ways = { value = 31", 1), "size_bytes"),
    (MACHINE.replace('unit = "Hz"', 'unit = "furlongs"', 1), "core.clock_hz.unit"),
    (
        MACHINE.replace("size_bytes = { value = 32768", "size_bytes = { value = -32768", 1),
        "size_bytes",
    ),
    (MACHINE.replace("[core]", "[core]\ncolour = 1", 1), "core.colour"),
    (MACHINE.replace('certainty = "computed"', 'certainty = "hope"', 1), "certainty"),
    (
        MACHINE.replace(
            "size_bytes = { value = 32768", "size_bytes = { value = 1152921504606846976", 1
        ),
        "size_bytes",
    ),
    ("not toml [", "not TOML"),
    ("", "missing"),
]


@pytest.mark.parametrize(("text", "named"), BAD_FILES)
def test_a_bad_machine_file_is_named(
    text: str, named: str, tmp_path: Path, mkbench: Mkbench
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    done = mkbench("run", "lat_pipe", "--machine", str(path))
    assert done.returncode == 2, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1
    assert "bad.toml" in lines[0]
    assert named in lines[0]


def test_another_name_of_lmbench_is_refused_with_what_there_is(mkbench: Mkbench) -> None:
    done = mkbench("run", "lat_tcp")
    assert done.returncode == 2
    assert "lat_ctx" in done.stderr
