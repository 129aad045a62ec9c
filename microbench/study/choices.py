"""Every choice behind the talk's rows, and what becomes of the rows without it.

A choice is a number set on a row, or a decision that could have fallen otherwise. Each is
put to its neutral side, everything else is calibrated again, and the rows are modelled anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from statistics import median
from textwrap import wrap

from microbench.run.runner import IMAGE_PAGES
from microbench.run.setup import NONE, Setup, load_calibration, prepare
from microbench.study.calibrate import (
    FILL_KEY,
    MACHINE,
    WRITE_KEY,
    at_clocks,
    fitted,
    with_numbers,
)
from microbench.study.values import evaluate, informative

SECOND_KEY = "sdram.second_burst_clocks"
MOVED = 0.02
"""A row hangs on a choice that moves it by more than this share."""

WIDTH = 80


@dataclass(frozen=True)
class Choice:
    """One choice.

    Attributes
    ----------
    name, taken, neutral : str
        What was chosen, and what stands on the neutral side.
    calibrated : bool
        Whether it is a number set on a row.
    without : callable
        Setup with the clocks chosen, nothing else calibrated, to the same setup with the
        neutral side taken; `held` numbers then stay as they are.
    held : mapping of str to float
        Numbers that are not calibrated: "fill", "write", "l4linux", "image_pages", "softfloat".
    """

    name: str
    taken: str
    neutral: str
    calibrated: bool
    without: Callable[[Setup], Setup] = lambda setup: setup
    held: Mapping[str, float] | None = None


def _option(name: str, value: float) -> Callable[[Setup], Setup]:
    """Another setting of the functional kernel or its workloads."""
    return lambda setup: replace(setup, workload={**setup.workload, name: value})


def choices() -> list[Choice]:
    """All of them, numbers first."""
    nominal = prepare(MACHINE, (), NONE).spec
    rows = load_calibration()
    machine = rows.machine[MACHINE]
    fill, write = nominal.numbers[FILL_KEY], nominal.numbers[WRITE_KEY]
    return [
        Choice("clock pair", "199.07 / 49.77 MHz" if _halved(machine) else "as calibrated",
               "nominal, 398.13 / 99.53 MHz", True, _nominal_clocks),
        Choice("line fill", f"{machine[FILL_KEY].value:g} bus clocks",
               f"{fill.high:g}, what the manual allows at most", True, held={"fill": fill.high}),
        Choice("server's glue", f"x {rows.scales['l4linux']:g}", "x 1, as counted", True,
               held={"l4linux": 1.0}),
        Choice("pages of programs", f"x {rows.workload[IMAGE_PAGES]:g}", "x 1, as described", True,
               held={"image_pages": 1.0}),
        Choice("software floats", f"x {rows.scales['softfloat']:g}", "x 1, as estimated", True,
               held={"softfloat": 1.0}),
        Choice("write", f"{write.value:g} SDRAM clocks, a burst", f"{write.high:g}, bursts apart",
               False, held={"write": write.high}),
        Choice("second burst", f"{nominal.value(SECOND_KEY):g} SDRAM clocks", "0, hidden", False,
               lambda setup: with_numbers(setup, {SECOND_KEY: 0.0})),
        Choice("user loops", "counted at -O0", "counted at -O1", False,
               _option("plain_loops", 1)),
        Choice("pipe", "4 KB", "64 KB, as the recorded 2.6.12.1", False,
               _option("pipe_bytes", 65536)),
        Choice("stores under L4", "each word alone", "merge as on native", False,
               _option("stores_merge", 1)),
        Choice("ReAIM's sleep", "mix with a job that sleeps", "no sleep", False,
               _option("sleep", 0)),
        Choice("timer ticks", "100 a second, all systems", "none", False, _option("ticks", 0)),
    ]  # fmt: skip


def _halved(machine: Mapping[str, object]) -> bool:
    return "sdram.clock_hz" in machine


def _nominal_clocks(setup: Setup) -> Setup:
    nominal = prepare(MACHINE, (), NONE).spec
    keys = ("core.clock_hz", "sdram.clock_hz", "bus.clock_hz")
    return with_numbers(setup, {key: nominal.value(key) for key in keys})


@dataclass(frozen=True)
class Without:
    """The rows without one choice.

    Attributes
    ----------
    median, informative_median : float
        Median error of predicted values, and of those that could have missed.
    rows : list of str
        The values that hang on it, the one moved most first.
    """

    choice: Choice
    median: float
    informative_median: float
    rows: list[str]


def uncalibrated() -> Setup:
    """The machine at the chosen clocks, nothing else calibrated."""
    nominal = prepare(MACHINE, (), NONE)
    clocks = {
        key: number.value
        for key, number in load_calibration().machine[MACHINE].items()
        if key.endswith("clock_hz")
    }
    return with_numbers(nominal, clocks)


def medians(setup: Setup) -> tuple[float, float, dict[str, float]]:
    """Median errors of predicted and of informative values, and each modelled value."""
    values = evaluate(setup)
    predicted = [abs(v.error) for v in values if v.published.role == "predict"]
    telling = [abs(v.error) for v in informative(values)]
    return median(predicted), median(telling), {v.name: v.modelled for v in values}


def without(choice: Choice, base: Mapping[str, float]) -> Without:
    """The rows with the neutral side of one choice and everything else calibrated again."""
    setup = fitted(choice.without(uncalibrated()), choice.held or {})
    every, telling, modelled = medians(setup)
    moved = {name: abs(modelled[name] / base[name] - 1) for name in base}
    rows = sorted((n for n in moved if moved[n] > MOVED), key=lambda name: -moved[name])
    return Without(choice, every, telling, rows)


def table(tick: Callable[[str], None] = lambda name: None) -> list[Without]:
    """Every choice and what the rows are without it."""
    _, _, base = medians(prepare(MACHINE))
    found = []
    for choice in choices():
        tick(choice.name)
        found.append(without(choice, base))
    return found


def text(lines: Iterable[Without], now: tuple[float, float]) -> str:
    """The table for a reader, at most 80 characters wide."""
    said = [
        f"{'choice':20}{'median':>8}{'inform.':>9}  taken; neutral side; rows that hang on it",
        f"{'as it stands':20}{now[0]:8.1%}{now[1]:9.1%}",
    ]
    for line in lines:
        c = line.choice
        star = "*" if c.calibrated else " "
        rows = ", ".join(line.rows[:3]) + (f" and {len(line.rows) - 3} more" * (len(line.rows) > 3))
        head = f"{c.name + star:20}{line.median:8.1%}{line.informative_median:9.1%}  "
        what = f"{c.taken}; {c.neutral}; {rows or 'none'}"
        said += wrap(what, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))
    said.append("* a number set on a row. Each line: that side taken, the other numbers set anew.")
    return "\n".join(said) + "\n"


def nominal() -> Setup:
    """The machine at its nominal clocks, everything else calibrated as at the chosen ones."""
    spec = prepare(MACHINE, (), NONE).spec
    return at_clocks(spec.value("core.clock_hz"), spec.value("sdram.clock_hz"))
