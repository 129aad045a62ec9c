"""Files outside the kernel, drawn: where similar performance begins, and what kills cost.

Knows microseconds per structure and rates per interval. Refuses to know how they were made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from microbench.report.plot import (
    COLOURS,
    DARK_TEXT,
    DASHES,
    MARKERS,
    apart,
    new_figure,
    quiet_axes,
)
from microbench.row import Row

FROM_US, TO_US = 1.0, 30_000.0
SIMILAR = 0.9
MORE_DASHES = (*DASHES, (0, (6, 1, 1, 1, 1, 1)))
"""One more, so that none of the structures shares one."""
Ends = tuple[float, float, float]


def similar_figure(
    latencies_us: Mapping[str, Ends], base: str, title: str, devices_us: Mapping[str, float]
) -> Any:
    """Speed relative to the kernel's own files against how long the device takes besides.

    Parameters
    ----------
    latencies_us : mapping of str to (float, float, float)
        Structure to the time of a request without a device, low, middle and high [us].
    base : str
        Which of them is the kernel's own.
    devices_us : mapping of str to float
        Devices to mark, and what a block takes them [us].
    """
    if base not in latencies_us or len(latencies_us) < 2:
        raise ValueError(f"nothing to compare with {base}")
    figure = new_figure(7.6, 4.6)
    axes = figure.subplots()
    quiet_axes(axes)
    others = [name for name in latencies_us if name != base]
    for number, name in enumerate(others):
        _curve(axes, latencies_us[base], latencies_us[name], number)
    _start_names(axes, {name: latencies_us[base][1] / latencies_us[name][1] for name in others})
    axes.axhline(SIMILAR, color="0.7", lw=0.8)
    axes.text(FROM_US * 0.13, SIMILAR, "within 10 %", fontsize=8, va="bottom", color="0.4")
    for text, where in devices_us.items():
        axes.axvline(where, color="0.85", lw=0.8)
        left = where < TO_US / 5
        axes.text(where, 0.02, f" {text} ", fontsize=8, color="0.4", ha="left" if left else "right")
    axes.set_xscale("log")
    own = latencies_us[base]
    fastest = max(b / t for name in others for b, t in zip(own, latencies_us[name], strict=True))
    axes.set_ylim(0, max(1.1, fastest * 1.05))
    axes.set_xlabel("time the device or the service takes besides [us]")
    axes.set_ylabel(f"speed relative to {base}")
    axes.set_title(title, fontsize=11)
    return figure


def _curve(axes: Any, base: Ends, one: Ends, number: int) -> None:
    """A structure's share, and a band of what the stated ranges allow."""
    service = np.geomspace(FROM_US, TO_US, 200)
    low, middle, high = ((b + service) / (t + service) for b, t in zip(base, one, strict=True))
    colour = COLOURS[number % len(COLOURS)]
    axes.plot(service, middle, color=colour, ls=MORE_DASHES[number % len(MORE_DASHES)])
    ends = np.vstack((low, middle, high))
    axes.fill_between(service, ends.min(0), ends.max(0), color=colour, alpha=0.12, lw=0)


def _start_names(axes: Any, shares: Mapping[str, float]) -> None:
    """Each curve's name above its start, none over another."""
    for (name, at), to in zip(shares.items(), apart(list(shares.values()), 0.042), strict=True):
        style = {"fontsize": 8, "color": DARK_TEXT, "va": "center", "ha": "right"}
        axes.annotate(name, (FROM_US, at), (FROM_US * 0.85, to), annotation_clip=False, **style)
    axes.set_xlim(FROM_US * 0.12, TO_US * 1.2)


def kill_figure(losses: Mapping[str, Sequence[tuple[float, Row]]], title: str) -> Any:
    """Throughput left against the interval at which a driver is killed, with its range.

    Parameters
    ----------
    losses : mapping of str to sequence of (float, Row)
        Component to intervals [s] and the share of the undisturbed rate that is lost.
    """
    if not any(losses.values()):
        raise ValueError("no interval to draw")
    figure = new_figure(7.0, 4.2)
    axes = figure.subplots()
    quiet_axes(axes)
    last: dict[str, tuple[float, float]] = {}
    for number, (name, unsorted) in enumerate(losses.items()):
        points = sorted(unsorted, key=lambda point: point[0])
        seconds = [at for at, _ in points]
        left = [1 - row.value for _, row in points]
        colour = COLOURS[number % len(COLOURS)]
        ends = [[1 - (end or 0.0) for end in (row.high, row.low)] for _, row in points]
        axes.fill_between(seconds, *zip(*ends, strict=True), color=colour, alpha=0.12, lw=0)
        last[name] = (seconds[-1], left[-1])
        axes.plot(
            seconds, left, color=colour, marker=MARKERS[number % len(MARKERS)],
            ls=DASHES[number % len(DASHES)],
        )  # fmt: skip
    heights = apart([height for _, height in last.values()], 0.05)
    for (name, (at, _)), height in zip(last.items(), heights, strict=True):
        axes.annotate(
            name, (at, height), (6, 0), textcoords="offset points", va="center", fontsize=8,
            color=DARK_TEXT, annotation_clip=False,
        )  # fmt: skip
    axes.text(
        0.02, 0.02, "shaded: what the ranges of machine, code and devices allow",
        transform=axes.transAxes, fontsize=8, color="0.4",
    )  # fmt: skip
    axes.set_ylim(0, 1.05)
    axes.set_xlim(left=0)
    axes.set_xlabel("killed every so many seconds")
    axes.set_ylabel("throughput relative to undisturbed")
    axes.set_title(title, fontsize=11)
    return figure
