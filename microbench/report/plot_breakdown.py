"""Where the cycles of one operation went: a stack per system, in cycles and as shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from microbench.report.plot import COLOURS, DARK_TEXT, HATCHES, SYSTEM_NAMES, new_figure, quiet_axes

SMALL_SHARE = 0.015
LABEL_SHARE = 0.06
OTHER = "other"


def breakdown_figure(cycles: Mapping[str, Mapping[str, float]], title: str) -> Any:
    """A figure of cycles by cause.

    Parameters
    ----------
    cycles : mapping of system to mapping of cause to cycles
        What is below 1.5 % everywhere is drawn as "other"; what an overhead takes off more
        than there is hangs below zero.
    title : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If no system has any cycles.
    """
    stacks = gathered(cycles)
    if not any(sum(stack.values()) for stack in stacks.values()):
        raise ValueError("no cycles to draw")
    figure = new_figure(8.6, 4.6)
    absolute, shares = figure.subplots(1, 2)
    for axes, relative in ((absolute, False), (shares, True)):
        _stack(axes, stacks, relative)
    absolute.set_title("cycles", fontsize=10)
    absolute.yaxis.set_major_formatter(lambda cycles, at: f"{cycles:,.0f}")
    absolute.margins(y=0.08)
    shares.set_title("share of each system's total", fontsize=10)
    shares.yaxis.set_major_formatter(lambda share, at: f"{100 * share:.0f} %")
    handles, labels = absolute.get_legend_handles_labels()
    figure.legend(
        handles[::-1], labels[::-1], loc="outside right center", frameon=False, fontsize=9
    )
    figure.suptitle(title, fontsize=11)
    return figure


def gathered(cycles: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """The same stacks with the same causes in each, largest first, small ones as "other"."""
    peak: dict[str, float] = {}
    most: dict[str, float] = {}
    for stack in cycles.values():
        total = sum(stack.values()) or 1
        for cause, spent in stack.items():
            peak[cause] = max(peak.get(cause, 0), abs(spent / total))
            most[cause] = max(most.get(cause, 0), abs(spent))
    room = len(COLOURS) - 1
    big = sorted((c for c in peak if peak[c] >= SMALL_SHARE), key=lambda c: -most[c])[:room]
    found = {}
    for system, stack in cycles.items():
        found[system] = {cause: stack.get(cause, 0) for cause in big}
        rest = sum(spent for cause, spent in stack.items() if cause not in big)
        if len(big) < len(peak):
            found[system][OTHER] = rest
    return found


def _stack(axes: Any, stacks: Mapping[str, Mapping[str, float]], relative: bool) -> None:
    quiet_axes(axes)
    names = list(stacks)
    totals = [sum(stacks[name].values()) for name in names]
    bottoms, hanging = [0.0] * len(names), [0.0] * len(names)
    for number, cause in enumerate(next(iter(stacks.values()))):
        heights = [stacks[name][cause] for name in names]
        if relative:
            heights = [h / t if t else 0 for h, t in zip(heights, totals, strict=True)]
        look = {"color": COLOURS[number], "hatch": HATCHES[number]}
        edge = {"edgecolor": DARK_TEXT, "linewidth": 0.6}
        starts = [b if h >= 0 else a for h, b, a in zip(heights, bottoms, hanging, strict=True)]
        axes.bar(range(len(names)), heights, 0.8, starts, label=cause, **look, **edge)
        if relative:
            _label(axes, cause, heights, starts)
        bottoms = [b + max(h, 0.0) for b, h in zip(bottoms, heights, strict=True)]
        hanging = [a + min(h, 0.0) for a, h in zip(hanging, heights, strict=True)]
    if not relative:
        for at, total in enumerate(totals):
            axes.annotate(
                f"{total:,.0f}", (at, total), (0, 3), textcoords="offset points", ha="center"
            )
    axes.set_xticks(range(len(names)), [SYSTEM_NAMES.get(name, name) for name in names])


def _label(axes: Any, cause: str, heights: list[float], bottoms: list[float]) -> None:
    """Name a cause inside its segment wherever it is high enough."""
    for at, (height, bottom) in enumerate(zip(heights, bottoms, strict=True)):
        if height >= LABEL_SHARE:
            box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.9}
            axes.text(
                at, bottom + height / 2, cause, ha="center", va="center", fontsize=6.5, bbox=box
            )
