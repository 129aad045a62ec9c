"""A heat map of elasticities: a row per benchmark and system, a column per number.

Colour says sign and size, the printed number says both without colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from microbench.report.plot import new_figure
from microbench.report.sensitivity_table import by_row, short_name
from microbench.study.sensitivity import Elasticity, strongest

SHOWN = 24
LEAST_PRINTED = 0.05
COLOURS = "PuOr_r"


def matrix(found: Sequence[Elasticity], shown: int) -> tuple[list[str], list[str], np.ndarray]:
    """Rows, numbers and the elasticities [rows, numbers]; 0 where there is none."""
    rows = by_row(found)
    numbers = strongest([o for ones in rows.values() for o in ones], shown)
    values = np.zeros((len(rows), len(numbers)))
    for i, ones in enumerate(rows.values()):
        known = {o.number: o.value for o in ones}
        values[i] = [known.get(number, 0.0) for number in numbers]
    return list(rows), numbers, values


def heat_map(found: Sequence[Elasticity], title: str, shown: int = SHOWN) -> Any:
    """The figure.

    Raises
    ------
    ValueError
        If no row hangs on any number.
    """
    rows, numbers, values = matrix(found, shown)
    if not rows or not numbers:
        raise ValueError("no row hangs on any number")
    figure = new_figure(3.4 + 0.42 * len(numbers), 2.9 + 0.24 * len(rows))
    axes = figure.subplots()
    image = axes.imshow(values, cmap=COLOURS, vmin=-1, vmax=1, aspect="auto")
    axes.set_xticks(range(len(numbers)), [short_name(n) for n in numbers], fontsize=8)
    axes.tick_params(axis="x", rotation=90, length=0)
    axes.set_yticks(range(len(rows)), rows, fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.spines[:].set_visible(False)
    for i, j in zip(*np.nonzero(np.abs(values) >= LEAST_PRINTED), strict=True):
        dark = abs(values[i, j]) > 0.65
        text = f"{values[i, j]:.2f}".replace("0.", ".")
        axes.text(
            j, i, text, ha="center", va="center", fontsize=6.5, color="white" if dark else "black"
        )
    bar = figure.colorbar(image, ax=axes, shrink=0.8, pad=0.01)
    bar.set_label("elasticity: % of the row per % of the number", fontsize=8)
    bar.ax.tick_params(labelsize=8)
    axes.set_title(title, fontsize=11)
    return figure
