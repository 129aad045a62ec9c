"""Draw every guess within its stated range, set the calibrated numbers again, look at the rows.

Traces are recorded once and priced again. Only what hangs on how large programs are, the
process rows, is run again with each draw; the ReAIM-style rows keep the images described.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from microbench.machine.check import WHOLE
from microbench.quantity import Quantity
from microbench.run.parallel import cores, local
from microbench.run.runner import IMAGE_PAGES, forget_drawn, record_all
from microbench.run.setup import Setup
from microbench.study.calibrate import image_pages, with_numbers
from microbench.study.leaveout import ALTERNATES, with_number
from microbench.study.values import evaluate, talk_values
from microbench.trace.shapes import load_shapes
from microbench.workloads.programs.images import guesses, using
from microbench.workloads.registry import workloads

GUESSES = ("estimate", "recall")
SECANT_STEPS = 5
SHAPE_FILES = (
    ("user", ""), ("l4linux", "l4linux"), ("l4linux-memory", "l4linux"), ("l4-pxa255", "l4"),
)  # fmt: skip


@dataclass(frozen=True)
class Draws:
    """What N draws gave.

    Attributes
    ----------
    names : list of str
        The values, in the order of `errors`' columns.
    guesses : list of str
        The guesses, in the order of `inputs`' columns.
    errors : numpy.ndarray
        (N, values): modelled / published - 1.
    inputs : numpy.ndarray
        (N, guesses): position within the range, 0 to 1.
    seed : int
    """

    names: list[str]
    guesses: list[str]
    errors: np.ndarray
    inputs: np.ndarray
    seed: int

    def quantiles(self) -> np.ndarray:
        """(3, values): 5th, 50th and 95th percentile of the errors."""
        return np.quantile(self.errors, (0.05, 0.5, 0.95), axis=0)

    def hangs_on(self, column: int, most: int = 2) -> list[tuple[str, float]]:
        """The guesses a value goes with most, by rank correlation."""
        values = _ranks(self.errors[:, column])
        if np.ptp(self.errors[:, column]) < 1e-9:
            return []
        found = [
            (name, float(np.corrcoef(_ranks(self.inputs[:, i]), values)[0, 1]))
            for i, name in enumerate(self.guesses)
        ]
        return sorted(found, key=lambda item: -abs(item[1]))[:most]


def _ranks(column: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(column, kind="stable"), kind="stable")


GEOMETRY = (".size_bytes", ".ways")


def machine_guesses(setup: Setup) -> dict[str, Quantity]:
    """Numbers of the machine that are recalled or estimated, with a range.

    Sizes and ways of caches are not drawn: what lies between two of them is no cache.
    """
    return {
        key: number
        for key, number in setup.spec.numbers.items()
        if number.low < number.high and number.certainty in GUESSES and not key.endswith(GEOMETRY)
    }


def shape_guesses() -> dict[str, tuple[float, float]]:
    """Paths with a range: scale name to the factors on their instructions."""
    found = {}
    for file, scale in SHAPE_FILES:
        for shape in load_shapes(file).values():
            if shape.low_instructions < shape.high_instructions:
                low, high = shape.low_instructions, shape.high_instructions
                found[f"{scale}/{shape.name}"] = (
                    low / shape.instructions,
                    high / shape.instructions,
                )
    return found


def drawn(setup: Setup, position: np.ndarray) -> Setup:
    """The setup with each guess at a position within its range."""
    machine, shapes = machine_guesses(setup), shape_guesses()
    at = iter(position.tolist())
    numbers = {k: within(q, next(at)) for k, q in machine.items()}
    scales = {k: low + next(at) * (high - low) for k, (low, high) in shapes.items()}
    return replace(with_numbers(setup, numbers, "estimate"), scales={**setup.scales, **scales})


def within(number: Quantity, at: float) -> float:
    """The value at a share of a number's range; a count stays whole."""
    value = number.low + at * (number.high - number.low)
    return float(int(value)) if number.unit in WHOLE else value


def recalibrated(setup: Setup) -> Setup:
    """The continuous calibrated numbers set again on their own rows."""
    for name, (key, bounds, _, _) in ALTERNATES.items():
        setup = _secant(setup, key, bounds, name)
    return setup


def _secant(setup: Setup, key: str, bounds: tuple[float, float], row: str) -> Setup:
    wanted = [p for p in talk_values() if p.name == row]

    def error(value: float) -> float:
        return evaluate(with_number(setup, key, value), wanted)[0].error

    now = setup.scales.get("l4linux", 1.0) if key.startswith("scale:") else setup.spec.value(key)
    a, b = now, now * 1.1
    fa, fb = error(a), error(b)
    for _ in range(SECANT_STEPS):
        if abs(fb) < 1e-3 or fa == fb:
            break
        following = min(max(b - fb * (b - a) / (fb - fa), bounds[0]), bounds[1])
        a, fa, b = b, fb, following
        fb = error(b)
    return with_number(setup, key, b)


def image_values(position: np.ndarray) -> dict[str, float]:
    """Each number of the program images at a position within its range."""
    pairs = zip(guesses().items(), position.tolist(), strict=True)
    return {name: q.low + at * (q.high - q.low) for (name, q), at in pairs}


def _errors(job: tuple[Setup, np.ndarray, np.ndarray]) -> list[float]:
    """Errors of all values with the guesses at positions within their ranges."""
    setup, positions, images = job
    chosen = recalibrated(drawn(setup, positions))
    with using(image_values(images)):
        pages = {**chosen.workload, IMAGE_PAGES: image_pages(chosen)}
        errors = [value.error for value in evaluate(replace(chosen, workload=pages))]
    forget_drawn()
    return errors


def draw(setup: Setup, count: int, seed: int, tick: Callable[[], None] = lambda: None) -> Draws:
    """Draw `count` times with a seed."""
    generator = np.random.default_rng(seed)
    names = [p.name for p in talk_values()]
    priced = [*machine_guesses(setup), *shape_guesses()]
    every = [*priced, *guesses()]
    inputs = generator.random((count, len(every)))
    errors = np.zeros((count, len(names)))
    for p in talk_values():  # so that forked workers share the recorded traces
        record_all(workloads(p.benchmark, p.args.split())[0], p.system, setup)
    jobs = [(setup, row[: len(priced)], row[len(priced) :]) for row in inputs]
    for number, found in local(_errors, jobs, cores()):
        errors[number] = found
        tick()
    return Draws(names, every, errors, inputs, seed)
