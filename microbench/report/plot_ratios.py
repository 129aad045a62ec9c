"""Bars that leave 1 to the right where l4 is faster, to the left where native is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from microbench.report.columns import MARKS
from microbench.report.decimals import printed, short
from microbench.report.pairs import PRINCIPAL, Pair, pair_rows
from microbench.report.plot import COLOURS, DARK_TEXT, new_figure, quiet_axes
from microbench.report.system_columns import roles
from microbench.row import Row

FASTER, SLOWER = COLOURS[0], COLOURS[1]
NOTES = {"*": "(*) a value of this row is calibrated on", "c": "(c) only checks user code"}
TICKS = [m * 10.0**e for e in range(-3, 4) for m in (1, 2, 5)]


def ratios(rows: Sequence[Row], title: str) -> Any:
    """A figure of the ratio of each row, modelled as a bar and published as a diamond.

    Parameters
    ----------
    rows : sequence of Row
        Annotated; pairs without native and l4, and side results, are left out.
    title : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If no row was run on both.
    """
    pairs = [p for p in pair_rows(rows) if p.metric in PRINCIPAL and p.ratio() is not None]
    if not pairs:
        raise ValueError("no row was run on both native and l4")
    figure = new_figure(7.5, 1.9 + 0.27 * len(pairs))
    axes = figure.subplots()
    _draw(axes, pairs)
    _frame(axes, pairs)
    figure.suptitle(title, fontsize=11)
    axes.legend(
        handles=[
            Patch(facecolor=FASTER, edgecolor=DARK_TEXT, label="l4 faster"),
            Patch(facecolor=SLOWER, edgecolor=DARK_TEXT, hatch="////", label="native faster"),
            *([_diamond(axes)] if any(p.published_ratio for p in pairs) else []),
        ],
        loc="upper center",
        bbox_to_anchor=(0.5, -0.95 / (0.27 * len(pairs) + 0.4)),
        ncols=3,
        frameon=False,
        fontsize=9,
    )
    return figure


def _draw(axes: Any, pairs: Sequence[Pair]) -> None:
    for at, pair in enumerate(pairs):
        ratio, published = pair.ratio() or 1.0, pair.published_ratio
        look = {"color": FASTER} if ratio >= 1 else {"color": SLOWER, "hatch": "////"}
        axes.barh(at, ratio - 1, left=1, height=0.62, edgecolor=DARK_TEXT, linewidth=0.7, **look)
        if published:
            axes.plot(published, at, **_DIAMOND)
        axes.text(1.01, at, short(ratio, 3), transform=axes.get_yaxis_transform(), **_CELL)
        axes.text(1.11, at, printed(published), transform=axes.get_yaxis_transform(), **_CELL)
    for x, name in ((1.01, "model"), (1.11, "publ.")):
        axes.text(x, -1, name, transform=axes.get_yaxis_transform(), **_CELL | {"style": "italic"})


def _frame(axes: Any, pairs: Sequence[Pair]) -> None:
    quiet_axes(axes)
    axes.set_xscale("log")
    values = [r for p in pairs for r in (p.ratio(), p.published_ratio) if r]
    axes.set_xlim(min(0.5, *values) / 1.3, max(2.0, *values) * 1.3)
    axes.xaxis.set_major_locator(FixedLocator(TICKS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, at: f"{x:g}"))
    axes.axvline(1, color=DARK_TEXT, linewidth=1)
    axes.grid(axis="x", linewidth=0.4, color="#cccccc")
    axes.set_yticks(range(len(pairs)), [_name(pair) for pair in pairs], fontsize=9)
    axes.set_ylim(len(pairs) - 0.4, -0.6)
    notes = [
        text for mark, text in NOTES.items() if any(_name(p).endswith(f"({mark})") for p in pairs)
    ]
    axes.set_xlabel("\n".join(["speed of l4 relative to native (log scale)", *notes]))


def _name(pair: Pair) -> str:
    """The row's name, marked as in the tables if a value of it is no prediction."""
    found = [MARKS[role] for role in ("calibrate", "check") if role in roles(pair)]
    return f"{pair.name} ({found[0]})" if found else pair.name


_CELL: dict[str, Any] = {"va": "center", "fontsize": 8.5, "color": DARK_TEXT}
_DIAMOND: dict[str, Any] = {
    "marker": "D",
    "markersize": 5.5,
    "markerfacecolor": "white",
    "markeredgecolor": "black",
    "linestyle": "none",
    "zorder": 5,
}


def _diamond(axes: Any) -> Any:
    return axes.plot([], [], label="published", **_DIAMOND)[0]
