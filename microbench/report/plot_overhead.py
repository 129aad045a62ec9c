"""What a server costs against how long a call takes: a curve per machine, calls as points.

Knows lines of `microbench.study.overhead`. A curve is the overhead of one call divided by
the length of the call; where a row has several calls its point stands at their mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from microbench.report.plot import (
    COLOURS,
    DARK_TEXT,
    DASHES,
    MARKERS,
    apart,
    new_figure,
    quiet_axes,
)
from microbench.study.overhead import SHARES, OverheadLine

ROOM = 1.25
NAME_ROOM = 1.13
AXES_POINTS, LABEL_POINTS = 330.0, 10.0
TICKS = (0.001, 0.01, 0.1, 1.0, 10.0)


def overhead_figure(lines: Mapping[str, Sequence[OverheadLine]], title: str) -> Any:
    """A figure of the overhead table of one or more machines.

    Parameters
    ----------
    lines : mapping of str to sequence of OverheadLine
        By machine.
    title : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is nothing to draw.
    """
    drawn = {m: found for m, found in lines.items() if found and found[0].overhead_cycles > 0}
    if not drawn:
        raise ValueError("no overhead to draw")
    cheap = [machine for machine, found in lines.items() if found and machine not in drawn]
    figure = new_figure(9.2, 5.4)
    axes = figure.subplots()
    _axes(axes)
    every = [line for found in drawn.values() for line in found]
    ends = (
        min(_per_call(line.native_us, line) for line in every) / ROOM,
        max(_per_call(line.native_us, line) for line in every) * ROOM,
    )
    for number, found in enumerate(drawn.values()):
        _curve(axes, number, found, ends)
    _limits(axes, ends)
    _names(axes, next(iter(drawn.values())))
    axes.set_xlim(*ends)
    _labels(axes, drawn, ends[1])
    axes.set_title(title, fontsize=11)
    if cheap:
        text = f"{', '.join(cheap)}: two IPCs cost less than a trap and its return, no curve"
        axes.text(0.01, 0.02, text, transform=axes.transAxes, fontsize=8, color=DARK_TEXT)
    return figure


def _per_call(value: float, line: OverheadLine) -> float:
    return value / line.calls


def _curve(
    axes: Any,
    number: int,
    lines: Sequence[OverheadLine],
    ends: tuple[float, float],
) -> None:
    first = lines[0]
    cost_us = _cost_us(first)
    lengths = np.geomspace(*ends, 200)
    colour = COLOURS[number % len(COLOURS)]
    style: dict[str, Any] = {"color": colour, "linewidth": 1.2}
    axes.plot(lengths, cost_us / lengths, DASHES[number % len(DASHES)], **style)
    axes.plot(
        [_per_call(line.native_us, line) for line in lines],
        [line.share for line in lines],
        linestyle=DASHES[number % len(DASHES)],
        linewidth=0,
        marker=MARKERS[number % len(MARKERS)],
        markersize=5,
        color=colour,
        markeredgecolor=DARK_TEXT,
        markeredgewidth=0.4,
    )


def _labels(axes: Any, drawn: Mapping[str, Sequence[OverheadLine]], end: float) -> None:
    """Each curve's machine, IPC kernel and cost of a call, behind its end."""
    low, high = axes.get_ylim()
    decade = AXES_POINTS / math.log10(high / low)
    costs = [_cost_us(found[0]) for found in drawn.values()]
    natural = [decade * math.log10(cost / end / low) for cost in costs]
    for number, (machine, found) in enumerate(drawn.items()):
        moved = apart(natural, LABEL_POINTS)[number] - natural[number]
        axes.annotate(
            f"{machine} ({found[0].system}), {costs[number]:.2g} us",
            (end, costs[number] / end), (4, moved), textcoords="offset points",
            va="center", fontsize=8, color=DARK_TEXT, annotation_clip=False,
        )  # fmt: skip
    axes.annotate(
        "machine (IPC kernel),\ncost of a call", (1.0, 1.0), (4, 0), xycoords="axes fraction",
        textcoords="offset points", va="top", fontsize=8, style="italic", color=DARK_TEXT,
    )  # fmt: skip


def _cost_us(line: OverheadLine) -> float:
    return _per_call(line.overhead_cycles, line) / line.clock_hz * 1e6


def _axes(axes: Any) -> None:
    quiet_axes(axes)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.grid(True, color="#dddddd", linewidth=0.6)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_major_locator(FixedLocator(TICKS))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("length of the native call [us] (log scale)")
    axes.set_ylabel("overhead of a server, share of the call (log scale)")


def _limits(axes: Any, ends: tuple[float, float]) -> None:
    """The shares the table names, as lines across."""
    for share in SHARES:
        axes.axhline(share, color="#888888", linewidth=0.8, linestyle=(0, (1, 2)))
        axes.text(ends[0] * 1.05, share * 1.06, f"{100 * share:g} %", fontsize=7, color=DARK_TEXT)


def _names(axes: Any, lines: Sequence[OverheadLine]) -> None:
    """The names of the calls at the points of the first machine, where there is room."""
    last = 0.0
    for line in sorted(lines, key=lambda x: _per_call(x.native_us, x)):
        length = _per_call(line.native_us, line)
        if length < last * NAME_ROOM:
            continue
        last = length
        axes.annotate(
            line.name.removeprefix("lat_syscall ").removeprefix("lat_"),
            (length, line.share),
            xytext=(-3, -4),
            textcoords="offset points",
            ha="right",
            va="top",
            rotation=32,
            rotation_mode="anchor",
            fontsize=7,
            color=DARK_TEXT,
        )
