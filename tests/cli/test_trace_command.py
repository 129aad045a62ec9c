"""`mkbench trace`: record, price with the integers of a direct run, timeline."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from microbench.cli._group import cli
from microbench.errors import MkbenchError
from microbench.machine.pricing import Pricer
from microbench.run.runner import record
from microbench.run.setup import prepare
from microbench.run.slices import iteration_slices
from microbench.run.stored import record_runs
from microbench.trace.store import to_bytes
from microbench.workloads.registry import workloads

SETTINGS = ("--set", "l1d.size_bytes=16k", "--set", "core.clock_hz=300m")


def call(*words: str) -> str:
    found = CliRunner().invoke(cli, list(words), catch_exceptions=True)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found.stdout


def table(text: str) -> list[dict[str, str]]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@pytest.mark.parametrize("machine", ["pxa255", "cortex-a72"])
@pytest.mark.parametrize("words", [("lat_pipe",), ("lat_ctx", "-s", "4", "3"), ("bw_pipe",)])
def test_a_file_gives_the_integers_of_a_direct_run(
    tmp_path: Path, words: tuple[str, ...], machine: str
) -> None:
    file = str(tmp_path / "t.npz")
    call("trace", "record", *words, "--system", "native,l4", "-o", file, "-q")
    options = (
        "--machine",
        machine,
        "--format",
        "csv",
        *SETTINGS[: 2 if machine != "pxa255" else 4],
    )
    stored = table(call("trace", "price", file, *options))
    direct = table(call("run", *words, "--system", "native,l4", *options))
    assert stored == [{**row, "low": "", "high": ""} for row in direct], "a file has no ranges"


def test_one_system_of_a_file(tmp_path: Path) -> None:
    file = str(tmp_path / "t.npz")
    call("trace", "record", "lat_pipe", "-o", file, "-q")
    rows = table(call("trace", "price", file, "--system", "l4", "--format", "csv"))
    assert {row["system"] for row in rows} == {"l4"}
    rows = table(call("trace", "price", file, "--format", "csv"))
    assert {row["system"] for row in rows} == {"native", "native-fass", "l4"}


def test_a_file_from_other_kernel_files_is_priced_with_a_note(tmp_path: Path) -> None:
    stored = record_runs("lat_pipe", [], ["native"])
    other = type(stored)(stored.runs, {**stored.hashes, "kernel.other.toml": "abc"})
    file = tmp_path / "t.npz"
    file.write_bytes(to_bytes(other))
    found = CliRunner().invoke(cli, ["trace", "price", str(file)])
    assert found.exit_code == 0
    assert "kernel.other.toml" in found.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("trace", "price", "pyproject.toml"), "pyproject.toml: not an archive"),
        (("trace", "price", "nowhere.npz"), "nowhere.npz: no such file"),
        (("trace", "record", "lat_pipe", "-o", "t.txt"), ".npz"),
        (("trace", "record", "nothing", "-o", "t.npz"), "nothing"),
        (("trace", "nothing", "--out", "t.json"), "nothing"),
        (("trace", "lat_pipe", "--out", "t.json", "--part", "x"), "round trip"),
    ],
)
def test_mistakes(words: tuple[str, ...], says: str) -> None:
    found = CliRunner().invoke(cli, list(words))
    assert isinstance(found.exception, MkbenchError)
    assert found.exception.exit_code == 2
    assert says in str(found.exception)
    assert "\n" not in str(found.exception)


def test_slices_add_up_to_the_iteration() -> None:
    setup = prepare("pxa255")
    workload = workloads("lat_pipe", [])[0]
    part = workload.parts()[0]
    for system in ("native", "l4"):
        slices = iteration_slices(workload, part, system, setup)
        trace = record(workload, part, system)
        priced = Pricer(setup.spec, trace, setup.scales).iterations()
        whole = priced[len(trace.marks) - part.counted]
        assert slices[-1].end_ticks == int(np.sum(whole.ticks))
        assert sum(s.end_ticks - s.start_ticks for s in slices) == slices[-1].end_ticks
        assert slices[-1].counts[0] == whole.count("i_misses")


def test_timeline_has_the_tracks_of_each_system(tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    call("trace", "lat_pipe", "--out", str(file), "-q")
    body = json.loads(file.read_text())
    named = [e for e in body["traceEvents"] if e["ph"] == "M" and e["name"] == "thread_name"]
    tracks: dict[int, list[str]] = {}
    for event in named:
        tracks.setdefault(event["pid"], []).append(event["args"]["name"])
    assert tracks == {1: ["user", "kernel"], 2: ["user", "kernel"], 3: ["user", "server", "l4"]}
    names = {e["name"] for e in body["traceEvents"] if e["ph"] == "X"}
    assert {"pipe_read_begin", "schedule_out", "space switch"} <= names
    counters = {e["name"] for e in body["traceEvents"] if e["ph"] == "C"}
    assert {"i misses", "d misses"} <= counters


def test_timeline_by_its_own_name_is_the_same(tmp_path: Path) -> None:
    one, two = tmp_path / "1.json", tmp_path / "2.json"
    call("trace", "lat_syscall", "null", "--out", str(one), "-q")
    call("trace", "timeline", "lat_syscall", "null", "-o", str(two), "-q")
    events = [json.loads(path.read_text())["traceEvents"] for path in (one, two)]
    assert events[0] == events[1]


def test_a_system_that_a_file_does_not_hold_is_not_left_out(tmp_path: Path) -> None:
    file = str(tmp_path / "t.npz")
    call("trace", "record", "lat_syscall", "null", "--system", "native,l4", "-o", file, "-q")
    with pytest.raises(MkbenchError, match="holds no trace of native-fass; of l4, native"):
        call("trace", "price", file, "--system", "native,native-fass")


def test_a_timeline_goes_to_stdout_where_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = call("trace", "timeline", "lat_syscall", "null", "--system", "native", "-o", "-", "-q")
    assert json.loads(text)["traceEvents"]
    assert not list(tmp_path.iterdir())
