"""Set the calibrated numbers, each on one row, and nothing else.

The clock pair is searched among the legal pairs of the part; the other numbers by bisection
within stated bounds. Order matters and is fixed: a number is set with those before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from microbench.errors import UsageError
from microbench.reference.load import Published, packaged, row_name
from microbench.run.runner import IMAGE_PAGES, run
from microbench.run.setup import NONE, Setup, prepare
from microbench.workloads.registry import workloads

STEPS = 24
SAME_SHARE = 0.02


@dataclass(frozen=True)
class Target:
    """The row a number is set on, or that says which value it would need."""

    benchmark: str
    args: str
    system: str
    role: str = "calibrate"

    def published(self) -> Published:
        """Its published value.

        Raises
        ------
        UsageError
            If nothing is published, or its role is another.
        """
        for value in packaged():
            named = (value.benchmark, value.args, value.system)
            if named == (self.benchmark, self.args, self.system) and value.machine == MACHINE:
                if value.role != self.role:
                    raise UsageError(f"{self.text}: its role is {value.role}, not {self.role}")
                return value
        raise UsageError(f"{self.text}: nothing published to calibrate on")

    @property
    def text(self) -> str:
        """The row in words."""
        return row_name(self.benchmark, self.args, self.system)

    def error(self, setup: Setup) -> float:
        """modelled / published - 1."""
        workload = workloads(self.benchmark, self.args.split())[0]
        return run(workload, self.system, setup).metrics[0].value / self.published().value - 1


MACHINE = "pxa255"
CLOCK_ROW = Target("lat_ctx", "-s 0 1", "native")
FILL_ROW = Target("lat_ctx", "-s 0 2", "native")
WRITE_ROW = Target("bw_mem", "1024 wr", "native", "predict")
GLUE_ROW = Target("lat_syscall", "null", "l4")
PAGES_ROW = Target("lat_proc", "fork", "native")
FLOAT_ROW = Target("reaim", "1", "native")
FILL_KEY, WRITE_KEY = "sdram.overhead_clocks", "sdram.write_clocks"
BUS_KEY = "bus.clock_hz"
FILL_BOUNDS, WRITE_BOUNDS = (0.0, 80.0), (1.0, 20.0)
GLUE_BOUNDS, FLOAT_BOUNDS = (0.2, 6.0), (0.2, 6.0)
PAGES_BOUNDS, PAGES_STEP = (1.0, 4.0), 0.05


@dataclass(frozen=True)
class Pair:
    """One legal clock pair, with the memory times it would need.

    Attributes
    ----------
    core_hz, sdram_hz : float
    overhead_clocks : float
        [bus clocks] that put `FILL_ROW` on its published value.
    write_clocks : float
        [SDRAM clocks] that put `WRITE_ROW` on its published value.
    clock_error : float
        Error of `CLOCK_ROW`.
    unexplained_clocks : float
        [bus clocks] of the overhead beyond the stated range.
    inside : bool
        Whether the write lies in the range the machine file states for it.
    """

    core_hz: float
    sdram_hz: float
    overhead_clocks: float
    write_clocks: float
    clock_error: float
    unexplained_clocks: float
    inside: bool


def with_numbers(setup: Setup, values: dict[str, float], certainty: str = "calibrated") -> Setup:
    """The setup with machine numbers replaced."""
    spec = setup.spec
    changes = {
        key: replace(spec.numbers[key], value=value, low=value, high=value, certainty=certainty)
        for key, value in values.items()
    }
    return replace(setup, spec=spec.with_(changes, certainty))


def bisect(error: Callable[[float], float], low: float, high: float) -> float:
    """The value at which an increasing error function crosses zero, or the nearer bound."""
    if error(low) >= 0:
        return low
    if error(high) <= 0:
        return high
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if error(middle) > 0 else (middle, high)
    return (low + high) / 2


def crossing(error: Callable[[float], float], low: float, high: float, steps: int = STEPS) -> float:
    """What `bisect` finds for a function that runs nearly straight, in fewer evaluations.

    Between the bounds on a straight line through both ends; an end that stays counts half, so
    that both close in.

    Parameters
    ----------
    steps : int
        As close as so many halvings would come.
    """
    below, above = error(low), error(high)
    if below >= 0:
        return low
    if above <= 0:
        return high
    least, middle = (high - low) / 2**steps, low
    for _ in range(steps):
        last, middle = middle, (low * above - high * below) / (above - below)
        found = error(middle)
        if found == 0 or abs(middle - last) < least:
            break
        same = (found > 0) == (middle < last)
        if found > 0:
            high, above, below = middle, found, below / 2 if same else below
        else:
            low, below, above = middle, found, above / 2 if same else above
    return middle


def write_clocks(setup: Setup) -> float:
    """Write time [SDRAM clocks] that puts `WRITE_ROW` on its published value."""
    return crossing(lambda v: -WRITE_ROW.error(with_numbers(setup, {WRITE_KEY: v})), *WRITE_BOUNDS)


def fill_overhead(setup: Setup) -> float:
    """Fill overhead [SDRAM clocks] that puts `FILL_ROW` on its published value."""
    return crossing(lambda v: FILL_ROW.error(with_numbers(setup, {FILL_KEY: v})), *FILL_BOUNDS)


def pairs(setup: Setup) -> list[Pair]:
    """What each legal pair would give, on calibration rows only."""
    found = []
    for core, sdram in setup.spec.legal_clocks:
        clocked = with_numbers(setup, clocks(setup, core, sdram))
        write = write_clocks(clocked)
        overhead = fill_overhead(clocked)
        found.append(_pair(setup, core, sdram, overhead, write, CLOCK_ROW.error(clocked)))
    return found


def _pair(
    setup: Setup, core: float, sdram: float, overhead: float, write: float, error: float
) -> Pair:
    fill, stated = setup.spec.numbers[FILL_KEY], setup.spec.numbers[WRITE_KEY]
    inside = stated.low <= write <= stated.high
    return Pair(core, sdram, overhead, write, error, max(0.0, overhead - fill.high), inside)


def clocks(setup: Setup, core_hz: float, sdram_hz: float) -> dict[str, float]:
    """The clocks of a legal pair, the bus's among them: SDRAM runs at it or at half of it."""
    nominal = setup.spec.value(BUS_KEY)
    bus = nominal if sdram_hz in (nominal, nominal / 2) else 2 * sdram_hz
    return {"core.clock_hz": core_hz, "sdram.clock_hz": sdram_hz, BUS_KEY: bus}


def choose(candidates: Sequence[Pair]) -> Pair:
    """The core clock that fits the clock row best; then the SDRAM clock whose write lies within
    what the manuals give, and which leaves least of a fill unexplained.

    Pairs whose clock errors differ by less than two per cent count as equal there.
    """
    best = min(abs(pair.clock_error) for pair in candidates)
    near = [pair for pair in candidates if abs(pair.clock_error) <= best + SAME_SHARE]
    return min(near, key=lambda pair: (not pair.inside, pair.overhead_clocks))


def glue_scale(setup: Setup) -> float:
    """Factor on the server's glue that puts `GLUE_ROW` on its published value."""
    return bisect(
        lambda v: GLUE_ROW.error(replace(setup, scales={**setup.scales, "l4linux": v})),
        *GLUE_BOUNDS,
    )


def image_pages(setup: Setup, row: Target = PAGES_ROW) -> float:
    """Pages programs use, relative to their description, nearest to a row; whole pages make
    steps, so the ratios are tried from below."""
    low, high = PAGES_BOUNDS
    tried = [low + i * PAGES_STEP for i in range(round((high - low) / PAGES_STEP) + 1)]
    first, last = 0, len(tried) - 1
    while last - first > 1:
        middle = (first + last) // 2
        changed = replace(setup, workload={**setup.workload, IMAGE_PAGES: tried[middle]})
        first, last = (first, middle) if row.error(changed) > 0 else (middle, last)
    return round(tried[first], 2)


def float_scale(setup: Setup, row: Target = FLOAT_ROW) -> float:
    """Factor on the floating-point library that puts a row on its published value."""
    return bisect(
        lambda v: -row.error(replace(setup, scales={**setup.scales, "softfloat": v})),
        *FLOAT_BOUNDS,
    )


@dataclass(frozen=True)
class Found:
    """One number that was set."""

    key: str
    value: float
    unit: str
    row: str
    counts_as: str
    search: str


def fitted(setup: Setup, held: Mapping[str, float] | None = None) -> Setup:
    """A setup whose clocks are given, with the four other numbers set on their rows, in order.

    Parameters
    ----------
    held : mapping of str to float
        Numbers that are given instead: "write", "fill", "l4linux", "image_pages", "softfloat".
    """
    given = held or {}

    def number(name: str, search: Callable[[Setup], float], digits: int) -> float:
        return given[name] if name in given else round(search(setup), digits)

    if "write" in given:
        setup = with_numbers(setup, {WRITE_KEY: given["write"]})
    setup = with_numbers(setup, {FILL_KEY: number("fill", fill_overhead, 2)})
    setup = _scaled(setup, "l4linux", number("l4linux", glue_scale, 3))
    pages = number("image_pages", image_pages, 2)
    setup = replace(setup, workload={**setup.workload, IMAGE_PAGES: pages})
    return _scaled(setup, "softfloat", number("softfloat", float_scale, 3))


def _scaled(setup: Setup, name: str, factor: float) -> Setup:
    return replace(setup, scales={**setup.scales, name: factor})


def at_clocks(core_hz: float, sdram_hz: float) -> Setup:
    """The machine at one clock pair, everything else calibrated there."""
    nominal = prepare(MACHINE, (), NONE)
    return fitted(with_numbers(nominal, clocks(nominal, core_hz, sdram_hz)))


def calibrate() -> list[Found]:
    """All numbers, in order, from the uncalibrated machine."""
    nominal = prepare(MACHINE, (), NONE)
    pair = choose(pairs(nominal))
    setup = at_clocks(pair.core_hz, pair.sdram_hz)
    search = f"{len(nominal.spec.legal_clocks)} legal pairs"
    machine = f"machine:{MACHINE}:"
    found = [
        Found(machine + key, value, "Hz", CLOCK_ROW.text, "clock pair", search)
        for key, value in clocks(nominal, pair.core_hz, pair.sdram_hz).items()
        if value != nominal.spec.value(key)
    ]
    fill = setup.spec.numbers[FILL_KEY]
    searched = _bisected(FILL_BOUNDS)
    found.append(Found(machine + FILL_KEY, fill.value, fill.unit, FILL_ROW.text, "fill", searched))
    for key, value, row, what, search in (
        ("scale:l4linux", setup.scales["l4linux"], GLUE_ROW, "glue", _bisected(GLUE_BOUNDS)),
        (
            "workload:image_pages",
            setup.workload[IMAGE_PAGES],
            PAGES_ROW,
            "image pages",
            f"steps of {PAGES_STEP} in {PAGES_BOUNDS}",
        ),
        (
            "scale:softfloat",
            setup.scales["softfloat"],
            FLOAT_ROW,
            "softfloat",
            _bisected(FLOAT_BOUNDS),
        ),
    ):
        found.append(Found(key, value, "ratio", row.text, what, search))
    return found


def _bisected(bounds: tuple[float, float]) -> str:
    return f"bisection in {bounds}"
