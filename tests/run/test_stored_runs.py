"""Traces of a file: recorded part by part, priced whole, told if they are of other files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from microbench.errors import UsageError
from microbench.run import stored
from microbench.run.rows import setup_rows
from microbench.run.setup import Setup, prepare
from microbench.run.stored import changed, hashes, record_runs, workload_of
from microbench.trace.store import Stored


@pytest.fixture(scope="module")
def setup() -> Setup:
    return prepare("pxa255")


@pytest.fixture(scope="module")
def ring() -> Stored:
    """A ring and the overhead that is taken off, on one system."""
    return record_runs("lat_ctx", ["-s", "0", "2"], ["native"])


def test_every_part_is_there_with_how_many_iterations_count(ring: Stored) -> None:
    workload = workload_of("lat_ctx", "-s 0 2")
    assert [(r.part, r.counted, r.system) for r in ring.runs] == [
        (p.name, p.counted, "native") for p in workload.parts()
    ]
    assert {(r.benchmark, r.args) for r in ring.runs} == {("lat_ctx", "-s 0 2")}


def test_without_systems_the_usual_ones_are_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "record", lambda *words: None)
    found = [r.system for r in record_runs("lat_pipe", [], None).runs]
    assert set(found) >= {"native", "l4"}
    assert [r.system for r in record_runs("lat_pipe", [], ["l4"]).runs] == ["l4"]


def test_a_file_gives_the_rows_of_a_run(ring: Stored, setup: Setup) -> None:
    found = stored.price(ring, setup)
    assert found == setup_rows("lat_ctx", ["-s", "0", "2"], ["native"], setup)


def test_a_file_that_lacks_a_part_is_refused(ring: Stored, setup: Setup) -> None:
    for kept in (ring.runs[:1], ring.runs[1:]):
        with pytest.raises(UsageError, match=r"does not hold all parts of lat_ctx -s 0 2"):
            stored.price(Stored(list(kept), {}), setup)
    other = [replace(ring.runs[0], part="dance"), *ring.runs]
    with pytest.raises(UsageError, match="all parts"):
        stored.price(Stored(other, {}), setup)


@pytest.mark.parametrize(
    ("named", "args"), [("lat_syscall", ""), ("lat_ctx", "-s 0 2 3"), ("lat_ctx", "-s  0 2")]
)
def test_a_name_is_of_one_workload_as_it_calls_itself(named: str, args: str) -> None:
    with pytest.raises(UsageError, match="not one workload of this version"):
        workload_of(named, args)
    assert workload_of("lat_pipe", "").name == "lat_pipe"


def test_only_what_decides_a_trace_is_kept_and_compared(ring: Stored) -> None:
    now = hashes()
    assert ring.hashes == now
    families = {key.partition(".")[0] for key in now}
    assert families == {"model", "mkbench", "kernel", "workload"}
    assert changed(ring) == []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("mkbench", "9", []),
        ("model", "9", ["model"]),
        ("kernel.x", "9", ["kernel.x"]),
        ("calibration", "9", []),
    ],
)
def test_what_is_changed_added_or_gone_is_named(
    monkeypatch: pytest.MonkeyPatch, key: str, value: str, said: list[str]
) -> None:
    now = {"mkbench": "1", "model": "1", "kernel.a": "x", "workload.b": "y"}
    monkeypatch.setattr(stored, "hashes", lambda: dict(now))
    assert changed(Stored([], dict(now))) == []
    assert changed(Stored([], {**now, key: value})) == said
    gone = {k: v for k, v in now.items() if k != "workload.b"}
    assert changed(Stored([], gone)) == ["workload.b"]


def test_what_was_recorded_is_not_built_again(ring: Stored) -> None:
    with pytest.raises(AssertionError, match="priced, not run"):
        stored._recorded(1, None)  # type: ignore[arg-type]
    part = stored._part(ring.runs[0])
    assert part.iterations == len(ring.runs[0].trace.marks)
    assert part.counted == ring.runs[0].counted
