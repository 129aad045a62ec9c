"""Switches of one operation: counted in the trace, over the counted iterations, by share."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from microbench.run import switches as place
from microbench.run.switches import ACROSS, switches, switches_in
from microbench.trace import Template, Trace, ops
from tests.machine.toy import Toy
from tests.run.made import SETUP, Made, outcome, user


def turns(*paths: tuple[str, ...]) -> Trace:
    """Iterations that run paths of these names."""
    t = Toy()
    for number, names in enumerate(paths):
        for name in names:
            refs = np.array([(ops.FETCH, 0, 0, len(name), 0)], np.int32)
            t.recorder.path(Template(name, ("r",), refs, "", "shape", "", ""), r=t.text)
        t.recorder.compute(1)
        t.recorder.mark(number)
    return t.recorder.finish()


def test_a_switch_is_the_path_between_two_processes_and_no_other() -> None:
    trace = turns((ACROSS, "schedule_out", "schedule_in", ACROSS), (ACROSS,), ("schedule_in",))
    assert switches_in(trace, 1) == 0
    assert switches_in(trace, 2) == 0.5
    assert switches_in(trace, 3) == 1
    assert switches_in(turns(("read",)), 1) == 0


def test_parts_count_by_their_share(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {"ring": turns((ACROSS,) * 9, (ACROSS,) * 8), "overhead": turns((), (ACROSS,))}
    ring = Made({"ring": Fraction(1, 4), "overhead": -1}, counted=1)
    monkeypatch.setattr(place, "record", lambda workload, part, system, setup: made[part.name])
    found = outcome(ring, "native", dict.fromkeys(("ring", "overhead"), user()))
    assert switches(found, SETUP) == 8 / 4 - 1


def test_where_no_linux_runs_nothing_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*words: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(place, "record", refuse)
    message = Made({"call": 1}, kind="message")
    assert switches(outcome(message, "l4", {"call": user()}), SETUP) == 0
