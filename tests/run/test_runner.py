"""One run: warm-up left out, iterations summed, ways apart, each trace made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from microbench.errors import UsageError
from microbench.machine import engine
from microbench.machine.pricing import Ledger
from microbench.run import runner
from microbench.run.runner import Measured, machine_of, measure, part_cycles, player, record, run
from microbench.run.setup import Setup
from microbench.systems.registry import SYSTEMS, Play, System
from microbench.trace import Trace
from microbench.workloads.base import Metric, Part
from tests.machine.toy import Toy, toy

SETUP = Setup(toy(), {}, {"speed": 2.0})
CLOCK = 100e6


def turns(*instructions: int) -> Trace:
    """A trace whose iterations run so many instructions each, out of one line of code."""
    t = Toy()
    for number, count in enumerate(instructions):
        t.fetch(*[0] * count)
        t.recorder.mark(number)
    return t.recorder.finish()


def test_only_the_counted_iterations_are_summed_and_the_mean_is_theirs() -> None:
    part = Part("p", None, warm_up=2, counted=3)
    found = measure(turns(90, 50, 10, 20, 60), part, SETUP)
    assert found.counted == 3
    assert found.ledger.cycles == 90
    assert found.cycles == 30
    assert found.spread == pytest.approx((60 - 10) / 30)


def test_the_spread_of_a_steady_state_is_zero() -> None:
    assert measure(turns(70, 7, 7), Part("p", None, 1, 2), SETUP).spread == 0


def ledger(**cycles: float) -> Ledger:
    ticks = np.zeros((len(cycles), engine.N_CAUSES), np.int64)
    ticks[:, 0] = [c * engine.TICKS for c in cycles.values()]
    names = tuple(name.replace("_", ": ") for name in cycles)
    return Ledger(ticks, np.zeros(len(engine.COUNTERS), np.int64), names)


@dataclass
class Toys:
    """A workload of one part."""

    part: Part
    name: str = "toys"
    args: str = "-n 1"

    def parts(self) -> list[Part]:
        return [self.part]

    def metrics(self, cycles: Mapping[str, float], clock_hz: float) -> list[Metric]:
        return [Metric(k, "s", "smaller", c / clock_hz, c) for k, c in cycles.items()]


def test_a_part_gives_its_mean_or_that_of_each_of_its_ways() -> None:
    found = Measured(ledger(call_kernel=30, call_user=10, reply_kernel=8, idle=2), 2, 0.0)
    whole, divided = Part("p", None), Part("p", None, ways=("call", "reply"))
    assert part_cycles(Toys(whole), {"p": found}) == {"p": 25}
    assert part_cycles(Toys(divided), {"p": found}) == {"call": 20, "reply": 4}


PLAYED: list[tuple[str, dict[str, Any]]] = []


def play(part: Part, stage: Mapping[str, Any]) -> Trace:
    PLAYED.append((part.name, dict(stage)))
    return turns(90, *[int(stage.get("numbers", {}).get("speed", 5)) * 10] * 2)


@pytest.fixture(autouse=True)
def toy_system(monkeypatch: pytest.MonkeyPatch) -> None:
    PLAYED.clear()
    kinds = {
        "linux": Play(play),
        "message": Play(play, ("numbers",)),
        "files": Play(play, ("architecture",)),
    }
    monkeypatch.setitem(SYSTEMS, "toy", System("toy", "a toy", kinds, ("core.clock_hz=50m",)))
    monkeypatch.setattr(runner, "_TRACES", {})
    monkeypatch.setattr(runner, "_PRICED", {})


def part(name: str = "p", kind: str = "linux", **more: Any) -> Part:
    return Part(name, None, 1, 2, kind=kind, **more)


def test_a_trace_is_made_once_and_kept() -> None:
    first = record(Toys(part()), part(), "toy")
    assert record(Toys(part()), part(), "toy", SETUP) is first
    assert len(PLAYED) == 1
    assert record(Toys(part("q")), part("q"), "toy") is not first
    assert record(Toys(part()), Part("p", None, 2, 2), "toy") is not first


def test_a_player_is_handed_what_it_asks_for_and_nothing_else() -> None:
    record(Toys(part()), part(), "toy", SETUP)
    record(Toys(part()), part(kind="message"), "toy", SETUP)
    record(Toys(part()), part(needs=("args", "level")), "toy", SETUP, "low")
    seen = [stage for _, stage in PLAYED]
    assert seen == [
        {},
        {"numbers": {"speed": 2.0}},
        {"args": "-n 1", "level": "low"},
    ]


def test_what_it_asks_for_decides_which_trace_serves() -> None:
    message = part(kind="message")
    slow, fast = Setup(toy(), {}, {"speed": 2.0}), Setup(toy(), {}, {"speed": 3.0})
    assert record(Toys(message), message, "toy", slow) is not record(
        Toys(message), message, "toy", fast
    )
    assert record(Toys(part()), part(), "toy", slow) is record(Toys(part()), part(), "toy", fast)


def test_who_depends_on_the_machine_must_name_one() -> None:
    files = part(kind="files")
    with pytest.raises(UsageError, match="toys on toy depends on the machine"):
        record(Toys(files), files, "toy")
    record(Toys(files), files, "toy", SETUP)
    assert PLAYED[0][1] == {"architecture": ""}


def test_a_system_plays_only_its_kinds() -> None:
    with pytest.raises(UsageError, match="toy plays linux and message and files, not the smp"):
        player("toy", part(kind="smp"))


def test_a_system_has_the_machine_as_it_changes_it() -> None:
    found = machine_of(SYSTEMS["toy"], SETUP)
    assert found.spec.value("core.clock_hz") == CLOCK / 2
    assert found.workload == SETUP.workload
    assert SETUP.spec.value("core.clock_hz") == CLOCK


def test_a_run_prices_every_part_on_the_system_s_machine() -> None:
    found = run(Toys(part(kind="message")), "toy", SETUP)
    (metric,) = found.metrics
    assert (found.system, metric.cycles) == ("toy", 20)
    assert metric.value == 20 / (CLOCK / 2)
    assert set(found.parts) == {"p"}
