"""Run a workload on a system, price its trace on a machine, in steady state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from microbench.errors import UsageError
from microbench.machine.bounds import at_level
from microbench.machine.load import parse_settings
from microbench.machine.pricing import Ledger
from microbench.machine.retiming import price
from microbench.machine.spec import MachineSpec
from microbench.run import ledgercache, tracecache
from microbench.run.identity import identity
from microbench.run.ledgercache import PricedTrace
from microbench.run.setup import Setup, load_calibration
from microbench.run.ticks import interrupted, together
from microbench.systems.registry import Play, System, find
from microbench.trace import Trace
from microbench.workloads.base import Metric, Part, Workload
from microbench.workloads.programs.images import chosen, load_images

IMAGE_PAGES = "image_pages"


@dataclass(frozen=True)
class Measured:
    """What one part cost, per iteration.

    Attributes
    ----------
    ledger : Ledger
        Sum over the counted iterations.
    counted : int
        How many they were.
    spread : float
        (most - least) / mean cycles of an iteration; 0 in a steady state.
    """

    ledger: Ledger
    counted: int
    spread: float

    @property
    def cycles(self) -> float:
        """Cycles of one iteration."""
        return self.ledger.cycles / self.counted


@dataclass(frozen=True)
class Outcome:
    """One workload on one system and machine, with the ledgers its values came from."""

    workload: Workload
    system: str
    metrics: list[Metric]
    parts: dict[str, Measured]


_TRACES: dict[str, Trace] = {}
_DRAWN: list[str] = []
"""Names of the traces of programs as the draw of a study has them."""
_PRICED: dict[str, _Last] = {}
KEPT_MACHINES = 4
"""How many machines of one process a trace's ledgers are kept for; what comes after them are
points of a search, asked for once."""


@dataclass(frozen=True, eq=False)
class _Last:
    """The last machine and factors a trace was priced with, what came out, the how manieth."""

    spec: MachineSpec
    scales: Mapping[str, float]
    priced: PricedTrace
    number: int


@dataclass(frozen=True)
class Source:
    """Where a trace comes from.

    Attributes
    ----------
    name : str
        Everything that decides the trace; see `microbench.run.identity`.
    play : callable
        The player of the system.
    part : Part
    seen : mapping of str to Any
        What the player may ask about the run.
    """

    name: str
    play: Play
    part: Part
    seen: Mapping[str, Any]

    @property
    def drawn(self) -> bool:
        """Whether it is of programs as a study has drawn them, which nobody asks for again."""
        return "images" in self.seen and bool(chosen())

    def trace(self) -> Trace:
        """The trace; played once per process, and kept."""
        if self.name not in _TRACES:
            if self.drawn:
                _DRAWN.append(self.name)
            kept = None if self.drawn else tracecache.load(self.name)
            if kept is None:
                kept = self.play(self.part, dict(self.seen))
                if not self.drawn:
                    tracecache.keep(self.name, kept)
            _TRACES[self.name] = kept
        return _TRACES[self.name]

    def priced(self, setup: Setup) -> PricedTrace:
        """The ledgers on a machine; not priced again on the machine it was last priced on."""
        last = _PRICED.get(self.name)
        if last is not None and last.spec is setup.spec and last.scales == setup.scales:
            return last.priced
        number = 0 if last is None else last.number + 1
        lasting = number < KEPT_MACHINES and not self.drawn
        found = ledgercache.load(self.name, setup) if lasting else None
        if found is None:
            trace = self.trace()
            found = PricedTrace(price(setup.spec, trace, setup.scales), len(trace.marks))
            if lasting:
                ledgercache.keep(self.name, setup, found)
        _PRICED[self.name] = _Last(setup.spec, dict(setup.scales), found, number)
        return found


def stage_of(
    workload: Workload, setup: Setup | None, level: str = "value"
) -> dict[str, Callable[[], Any]]:
    """Everything a player may ask about the run, by name; see `microbench.systems.registry`.

    Without a machine there is no architecture, and calibrated numbers are the packaged ones.
    How many pages programs use is no number of its own: a trace hangs on whole pages alone.
    """
    numbers = dict(load_calibration().workload if setup is None else setup.workload)
    used = numbers.pop(IMAGE_PAGES, 1.0)
    stage: dict[str, Callable[[], Any]] = {
        "benchmark": lambda: workload.name,
        "args": lambda: workload.args,
        "numbers": lambda: numbers,
        "images": lambda: load_images(used),
        "described": lambda: load_images(used, {}),
        "level": lambda: level,
    }
    if setup is not None:
        words = setup.spec.words
        stage["isolated"] = lambda: words.get("kernel_isolation") == "yes"
        stage["architecture"] = lambda: words.get("architecture", "")
    return stage


def source_of(
    workload: Workload,
    part: Part,
    system: str,
    setup: Setup | None = None,
    level: str = "value",
) -> Source:
    """Where the trace of one part on one system comes from; see `record`."""
    play = player(system, part)
    stage = stage_of(workload, setup, level)
    needed = (*play.needs, *part.needs)
    if not set(needed) <= stage.keys():
        raise UsageError(
            f"{workload.name} on {system} depends on the machine: no trace of it alone"
        )
    seen = {name: stage[name]() for name in needed}
    return Source(identity(play, part, seen), play, part, seen)


def record(
    workload: Workload,
    part: Part,
    system: str,
    setup: Setup | None = None,
    level: str = "value",
) -> Trace:
    """The trace of one part on one system; played once per process, and kept.

    Parameters
    ----------
    setup : Setup, optional
        Whose words and calibrated numbers a player may read; none and the packaged ones if
        not given.
    level : str
        Which end of the paths' ranges: "low", "value", "high".

    Raises
    ------
    UsageError
        If the system does not play such a part, or asks for a machine and there is none.
    """
    return source_of(workload, part, system, setup, level).trace()


def forget_drawn() -> None:
    """A draw is over: the traces of its programs would only take room."""
    for name in _DRAWN:
        _TRACES.pop(name, None)
        _PRICED.pop(name, None)
    _DRAWN.clear()


def record_all(workload: Workload, system: str, setup: Setup) -> None:
    """Have all traces of a workload in this process, for workers that are forked from it."""
    for part in workload.parts():
        if part.kind != "recorded":
            record(workload, part, system, machine_of(find(system), setup))


def player(system: str, part: Part) -> Play:
    """How a system plays a part.

    Raises
    ------
    UsageError
        If it does not.
    """
    plays = find(system).play
    if part.kind not in plays:
        raise UsageError(f"{system} plays {' and '.join(plays)}, not the {part.kind} of this row")
    return plays[part.kind]


def measure(trace: Trace, part: Part, setup: Setup) -> Measured:
    """Price a trace and keep the counted iterations, with the timer's ticks in them."""
    priced = PricedTrace(price(setup.spec, trace, setup.scales), len(trace.marks))
    return _counted(priced, part.counted, setup)


def _counted(priced: PricedTrace, counted: int, setup: Setup) -> Measured:
    """The counted iterations, with the timer's ticks in them."""
    end = priced.marks
    kept, after = priced.ledgers[end - counted : end], priced.ledgers[end:]
    cycles = [ledger.cycles for ledger in kept]
    spread = (max(cycles) - min(cycles)) / (sum(cycles) / len(cycles))
    clock = setup.spec.value("core.clock_hz")
    total = interrupted(kept, after, clock) if after else together(kept)
    return Measured(total, len(kept), spread)


def machine_of(system: System, setup: Setup) -> Setup:
    """The machine as a system has it: with the changes it always makes."""
    changes = parse_settings(system.settings)
    return replace(setup, spec=setup.spec.with_(changes, f"system {system.name}"))


def run(workload: Workload, system: str, setup: Setup, level: str = "value") -> Outcome:
    """All parts of a workload on one system, and the values they give.

    Parameters
    ----------
    level : str
        Other than "value": every range of the machine and of the paths at that end.
    """
    setup = machine_of(find(system), setup)
    priced = setup if level == "value" else replace(setup, spec=at_level(setup.spec, level))
    parts = {}
    for part in workload.parts():
        source = source_of(workload, part, system, setup, level)
        parts[part.name] = _counted(source.priced(priced), part.counted, priced)
    cycles = part_cycles(workload, parts)
    clock = setup.spec.value("core.clock_hz")
    return Outcome(workload, system, workload.metrics(cycles, clock), parts)


def part_cycles(workload: Workload, parts: Mapping[str, Measured]) -> dict[str, float]:
    """Cycles of an iteration of each part, or of each of the ways it divides into."""
    found: dict[str, float] = {}
    for part in workload.parts():
        measured = parts[part.name]
        if not part.ways:
            found[part.name] = measured.cycles
        by_place = measured.ledger.by_place() if part.ways else {}
        for way in part.ways:
            cycles = sum(c for place, c in by_place.items() if place.startswith(way))
            found[way] = cycles / measured.counted
    return found
