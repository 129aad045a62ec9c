"""Latency of a context switch against processes, one line per working set, a panel per system."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator, ScalarFormatter

from microbench.report.plot import (
    COLOURS,
    DARK_TEXT,
    DASHES,
    MARKERS,
    SYSTEM_NAMES,
    apart,
    new_figure,
    quiet_axes,
)
from microbench.row import Row

PANEL_POINTS, LABEL_POINTS = 210.0, 9.0
Series = dict[int, list[tuple[int, float]]]


def ctx_figure(rows: Sequence[Row], title: str) -> Any:
    """A figure of `lat_ctx` rows with arguments "-s KB PROCESSES".

    Parameters
    ----------
    rows : sequence of Row
    title : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If no row has such arguments and a positive latency.
    """
    panels, spans = by_system(rows), ranges(rows)
    if not panels:
        raise ValueError("no lat_ctx row to draw")
    none = below(rows)
    figure = new_figure(2.4 + 2.6 * len(panels), 4.0)
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    values = [value for s in panels.values() for points in s.values() for _, value in points]
    spread = math.log10(max(values) / min(values)) or 1.0
    for axes, (system, series) in zip(grid, panels.items(), strict=True):
        _bars(axes, spans.get(system, []))
        _panel(axes, series, spread)
        axes.set_title(SYSTEM_NAMES.get(system, system), fontsize=10)
        if none.get(system):
            says = "below the overhead:\n" + "\n".join(none[system])
            axes.text(0.03, 0.02, says, transform=axes.transAxes, fontsize=7, color=DARK_TEXT)
    grid[0].set_ylabel("latency of one switch [us] (log scale)")
    if any(spans.values()):
        grid[-1].text(
            0.98, 0.02, "bar: what the guesses allow", transform=grid[-1].transAxes,
            ha="right", fontsize=7, color=DARK_TEXT,
        )  # fmt: skip
    figure.suptitle(title, fontsize=11)
    return figure


def by_system(rows: Sequence[Row]) -> dict[str, Series]:
    """System to working set [KB] to (processes, latency [us]), sorted.

    What is no result (no larger than the overhead that is taken off varies by) is left out;
    see `below`.
    """
    panels: dict[str, Series] = {}
    for row in rows:
        match = re.fullmatch(r"-s (\d+)k? (\d+)", row.args)
        what = (row.benchmark, row.metric)
        if what == ("lat_ctx", "latency") and match and row.is_result and row.value > 0:
            size, processes = int(match[1]), int(match[2])
            panels.setdefault(row.system, {}).setdefault(size, []).append((processes, row.value))
    return {
        system: {size: sorted(points) for size, points in sorted(series.items())}
        for system, series in panels.items()
    }


Span = tuple[int, float, float]
"""Processes, then low and high of the latency [us]."""


def ranges(rows: Sequence[Row]) -> dict[str, list[Span]]:
    """System to what the guesses allow each point, where that is known and above nothing."""
    found: dict[str, list[Span]] = {}
    for row in rows:
        known = row.low is not None and row.high is not None and 0 < row.low < row.high
        if row.metric == "latency" and row.is_result and known:
            span = (int(row.args.split()[-1]), row.low, row.high)
            found.setdefault(row.system, []).append(span)  # type: ignore[arg-type]
    return found


def _bars(axes: Any, spans: Sequence[Span]) -> None:
    for x, low, high in spans:
        axes.plot([x, x], [low, high], linewidth=3.2, color="#999999", alpha=0.45, zorder=1)


def below(rows: Sequence[Row]) -> dict[str, list[str]]:
    """System to arguments of the points that are no result."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if (row.benchmark, row.metric) == ("lat_ctx", "latency") and not row.is_result:
            found.setdefault(row.system, []).append(row.args)
    return found


def _panel(axes: Any, series: Series, spread: float) -> None:
    quiet_axes(axes)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    counts = sorted({processes for points in series.values() for processes, _ in points})
    for number, (_, points) in enumerate(series.items()):
        x, y = zip(*points, strict=True)
        look = {"color": COLOURS[(0, 5, 2, 3, 8)[number % 5]], "marker": MARKERS[number % 8]}
        axes.plot(x, y, linestyle=DASHES[number % 4], linewidth=1.4, markersize=4.5, **look)
    for size, at, shift in _label_places(series, spread):
        text = f"{size} KB"
        axes.annotate(text, at, (6, shift), textcoords="offset points", va="center", fontsize=8)
    axes.xaxis.set_major_locator(FixedLocator(counts))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlim(counts[0] / 1.15, counts[-1] * 1.9)
    axes.grid(linewidth=0.4, color="#cccccc")
    axes.set_xlabel("processes")
    axes.tick_params(colors=DARK_TEXT)


def _label_places(series: Series, spread: float) -> list[tuple[int, tuple[int, float], float]]:
    """Where each line's name goes: at its end, moved up [points] where it would cover another.

    `spread` is log10 of largest to smallest latency over all panels.
    """
    ends = [points[-1] for points in series.values()]
    natural = [math.log10(latency) / spread * PANEL_POINTS for _, latency in ends]
    placed = apart(natural, LABEL_POINTS)
    moved = [to - at for to, at in zip(placed, natural, strict=True)]
    return list(zip(series, ends, moved, strict=True))
