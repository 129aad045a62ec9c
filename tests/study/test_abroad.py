"""The factor by which ARM paths are off elsewhere is computed from boards, never applied."""

from __future__ import annotations

import pytest

from microbench.reference.today import measured_boards
from microbench.row import Row
from microbench.run.setup import prepare
from microbench.study.abroad import factors, said


def row(value: float, machine: str = "cortex-a53", system: str = "native") -> Row:
    return Row("lat_pipe", "", machine, system, "latency", "us", "smaller", value)


def test_a_row_that_takes_half_as_long_as_measured_is_off_by_two() -> None:
    setup = prepare("cortex-a53")
    clock = setup.spec.value("core.clock_hz")
    measured = [
        v for v in measured_boards() if (v.board.machine, v.benchmark) == ("cortex-a53", "lat_pipe")
    ]
    first = measured[0]
    found = factors([row(first.value * first.board.clock_hz / clock / 2)], setup)
    assert len(found) == len(measured)
    assert found[0] == pytest.approx(2.0)
    assert f"{len(found)} values" in said([row(1.0)], setup)


def test_other_systems_and_other_machines_say_that_nothing_was_measured() -> None:
    assert factors([row(1.0, system="l4")], prepare("cortex-a53")) == []
    assert "no board measured" in said([row(1.0, "k8")], prepare("k8"))
