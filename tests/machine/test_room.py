"""Products of what there is to do and what it costs have room in 64 bits, or are refused."""

from __future__ import annotations

import numpy as np
import pytest
from toy import Toy, toy

from microbench.errors import InputError
from microbench.machine.pricing import Pricer
from microbench.trace import ops
from microbench.trace.recorder import Trace


def idle(nanoseconds: int) -> Trace:
    run = Toy()
    run.emit(ops.IDLE, nanoseconds)
    run.recorder.mark()
    return run.recorder.finish()


def test_minutes_of_waiting_have_room_and_years_do_not() -> None:
    spec = toy(core__clock_hz=1e9)
    (ledger,) = Pricer(spec, idle(10**12)).iterations()
    assert ledger.cycles == 10**12
    with pytest.raises(InputError, match=r"core\.clock_hz = 1000000000\.0: .* 2\^62"):
        Pricer(spec, idle(2**62))


def test_work_adds_up_what_a_replay_looks_at() -> None:
    run = Toy()
    run.load(0, 4, 8)
    run.recorder.mark()
    work = run.recorder.finish().work
    assert work.steps >= 3
    assert (work.flushes, work.counted, work.waits) == (0, 0, 0)


def test_a_cost_times_its_count_is_bounded() -> None:
    run = Toy()
    for _ in range(200):
        run.fetch(0, n=4)
    run.recorder.mark()
    trace = run.recorder.finish()
    spec = toy(core__instruction_cycles=1e4)
    assert np.all(Pricer(spec, trace).iterations()[0].ticks >= 0)
    with pytest.raises(InputError, match=r"core\.instruction_cycles = 10000000000000\.0"):
        Pricer(toy(core__instruction_cycles=1e13), trace)
