"""Recorded kernels and systems of many CPUs are systems as others are: listed, run, explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from microbench.cli._complete import systems as offered
from microbench.cli._group import cli
from microbench.errors import UsageError
from microbench.smp.operation import Operation, load_operation
from microbench.systems.registry import SYSTEMS, Play, System, every_system, find

ISOLATED, LAZY = "linux-6.1-isolated", "tornado-on-one-line"
RECORDED = "linux-6.1-x86-64"


def play_lazy(part: tuple[str, tuple[str, ...]], stage: Mapping[str, Any]) -> Operation:
    """Tornado's operation with all its objects shared by everybody."""
    op = load_operation(part[0], "tornado", part[1])
    objects = {name: replace(thing, scope="system") for name, thing in op.objects.items()}
    return replace(op, system=LAZY, objects=objects)


@pytest.fixture(autouse=True)
def added(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line for a recorded kernel with a setting of its own, and one of many CPUs."""
    replayed = Play("systems.described:play_recorded", ("architecture",), (("kernel", RECORDED),))
    lines = (
        System(ISOLATED, "isolated", {"recorded": replayed}, ("kernel_variant=isolated",)),
        System(LAZY, "shared by all", {"smp": Play(play_lazy)}, operations=("fstat",)),
    )
    for line in lines:
        monkeypatch.setitem(SYSTEMS, line.name, line)


def shown(*words: str) -> str:
    result = CliRunner().invoke(cli, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return "".join(result.stdout.split())


def test_a_file_is_enough_to_be_a_system() -> None:
    assert find(RECORDED).play.keys() == {"recorded"}
    assert "fault" in find("tornado").operations
    assert "linux-2.6.12" not in every_system(), "the functional kernel's own recording"


@pytest.mark.parametrize("name", [ISOLATED, LAZY, RECORDED, "tornado"])
def test_it_is_listed_and_completed(name: str) -> None:
    assert name in shown("list", "systems")
    assert name in offered(None, None, f"native,{name[:-1]}")[0]  # type: ignore[arg-type]


def test_a_recorded_one_runs_beside_a_functional_one() -> None:
    words = ("--machine", "skylake", "--system", f"native,{RECORDED},{ISOLATED}", "-q")
    for form in ("table", "markdown"):
        text = shown("run", "lat_pipe", *words, "--format", form)
        assert "ratio" in text
        assert "6.1-isolated" in text
    rows = shown("table", "context", *words, "--format", "csv")
    assert f"lat_unix,,skylake,{ISOLATED}" in rows
    assert f"lat_ctx,-s04 1,skylake,{ISOLATED}".replace(" ", "") not in rows


def test_its_difference_is_explained_by_the_same_causes() -> None:
    words = ("--machine", "skylake", "--system", f"native,{ISOLATED}", "-q")
    text = shown("explain", "lat_pipe", *words)
    assert f"nativeless{ISOLATED}" in text
    assert "I-refill" in text
    assert "codelines" not in text


def test_it_is_swept() -> None:
    words = ("--machine", "skylake", "--system", ISOLATED, "--vary", "core.clock_hz=2g,4g", "-q")
    text = shown("sweep", "lat_fifo", *words, "--jobs", "1")
    assert text.count(f"skylake,{ISOLATED},latency") == 2


def test_it_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "x.svg"
    words = ("--machine", "skylake", "--system", f"native,{ISOLATED}", "-q", "-o", str(path))
    shown("plot", "breakdown", "lat_pipe", *words)
    assert ISOLATED.encode() in path.read_bytes()


@pytest.mark.parametrize("command", ["run", "explain"])
def test_one_of_many_cpus_is_run_and_explained(command: str) -> None:
    words = ("smp_fstat", "--system", f"tornado,{LAZY}", "--cpus", "4", "-q")
    assert LAZY in shown(command, *words)


def test_a_system_of_many_cpus_stands_in_their_table() -> None:
    text = shown("table", "smp", "--system", "k42", "--format", "csv", "-q")
    assert "numachine,k42,slowdown" in text
    assert "tornado" not in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "lat_pipe", "--system", "tornado"), "no system 'tornado' for this"),
        (("run", "lat_pipe", "--machine", "zen3", "--system", "linux-6.1-aarch64"), "armv8"),
        (("run", "smp_fault", "--system", LAZY), "described for fault; there are tornado"),
        (("table", "smp", "--system", "native"), "no system 'native' for this"),
        (("table", "ipc", "--system", "native"), "takes no --system"),
        (("table", "smp", "--set", "line.other=9"), "takes no --set"),
        (("plot", "smp", "--system", "radixvm", "-o", "x.svg"), "does none of"),
    ],
)
def test_a_system_of_another_kind_is_refused_by_name(words: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(cli, list(words))
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)
