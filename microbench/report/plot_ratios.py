"""Bars that leave 1 to the right where a system is faster than the base, else to the left.

What lies below the overhead that is taken off has no bar; it is named below the axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from microbench.report.columns import MARKS
from microbench.report.decimals import printed, short
from microbench.report.pairs import PRINCIPAL, Pair, pair_rows
from microbench.report.plot import COLOURS, DARK_TEXT, new_figure, quiet_axes
from microbench.report.system_columns import roles
from microbench.row import Row
from microbench.systems.registry import talk, usual

FASTER, SLOWER = COLOURS[0], COLOURS[1]
NOTES = {"*": "(*) a value of this row is calibrated on", "c": "(c) only checks user code"}
TICKS = [m * 10.0**e for e in range(-3, 4) for m in (1, 2, 5)]


def ratios(rows: Sequence[Row], title: str) -> Any:
    """A figure of the ratio of each row, modelled as a bar and published as a diamond.

    Parameters
    ----------
    rows : sequence of Row
        Annotated; what was run on one system alone, and side results, are left out.
    title : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If no row was run on both.
    """
    pairs = [p for p in pair_rows(rows) if p.metric in PRINCIPAL]
    bars = [Bar(p, s) for p in pairs for s in drawn_systems(p) if p.ratio(s) is not None]
    if not bars:
        raise ValueError("no row was run on both native and l4, or on another two systems")
    figure = new_figure(7.5, max(3.2, 2.1 + 0.27 * len(bars)))
    axes = figure.subplots()
    several = len({bar.system for bar in bars}) > 1
    _draw(axes, bars)
    _frame(axes, bars, several, [p.name for p in pairs if not _whole(p)])
    figure.suptitle(title, fontsize=11)
    axes.legend(
        handles=[
            Patch(facecolor=FASTER, edgecolor=DARK_TEXT, label=f"{_who(bars)} faster"),
            Patch(
                facecolor=SLOWER,
                edgecolor=DARK_TEXT,
                hatch="////",
                label=f"{bars[0].pair.base} faster",
            ),
            *([_diamond(axes)] if any(bar.published for bar in bars) else []),
        ],
        loc="upper center",
        bbox_to_anchor=(0.5, -0.95 / (0.27 * len(bars) + 0.4)),
        ncols=3,
        frameon=False,
        fontsize=9,
    )
    return figure


@dataclass(frozen=True)
class Bar:
    """One system of a pair against its base."""

    pair: Pair
    system: str

    @property
    def ratio(self) -> float:
        """Modelled speed relative to the base."""
        return self.pair.ratio(self.system) or 1.0

    @property
    def published(self) -> float | None:
        """The ratio printed in the talk, which is that of l4."""
        return self.pair.published_ratio if self.system == "l4" else None

    @property
    def span(self) -> tuple[float, float] | None:
        """Least and most the ratio may be, both ranges at their far ends."""
        pair = self.pair
        base, own = pair.rows[pair.base], pair.rows[self.system]
        ends = (base.low, base.high, own.low, own.high)
        if any(end is None or end <= 0 for end in ends):
            return None
        low, high = base.low / own.high, base.high / own.low  # type: ignore[operator]
        return (low, high) if own.better == "smaller" else (1 / high, 1 / low)


def drawn_systems(pair: Pair) -> tuple[str, ...]:
    """The systems that get a bar: what only stands beside the talk's gets none beside them."""
    beside = set(usual()) - set(talk())
    return tuple(s for s in pair.others if s not in beside) or pair.others


def _whole(pair: Pair) -> bool:
    return all(row.is_result for row in pair.rows.values())


def _who(bars: Sequence[Bar]) -> str:
    return " or ".join(dict.fromkeys(bar.system for bar in bars))


def _draw(axes: Any, bars: Sequence[Bar]) -> None:
    for at, bar in enumerate(bars):
        ratio, published = bar.ratio, bar.published
        look = {"color": FASTER} if ratio >= 1 else {"color": SLOWER, "hatch": "////"}
        axes.barh(at, ratio - 1, left=1, height=0.62, edgecolor=DARK_TEXT, linewidth=0.7, **look)
        if bar.span:
            axes.plot(bar.span, [at, at], color=DARK_TEXT, linewidth=1.6, zorder=4)
        if published:
            axes.plot(published, at, **_DIAMOND)
        axes.text(1.01, at, short(ratio, 3), transform=axes.get_yaxis_transform(), **_CELL)
        axes.text(1.11, at, printed(published), transform=axes.get_yaxis_transform(), **_CELL)
    for x, name in ((1.01, "model"), (1.11, "publ.")):
        axes.text(x, -1, name, transform=axes.get_yaxis_transform(), **_CELL | {"style": "italic"})


def _frame(axes: Any, bars: Sequence[Bar], several: bool, none: Sequence[str]) -> None:
    quiet_axes(axes)
    axes.set_xscale("log")
    values = [r for bar in bars for r in (bar.ratio, bar.published) if r]
    names = [_name(bar.pair) + (f": {bar.system}" if several else "") for bar in bars]
    values += [end for bar in bars for end in bar.span or ()]
    axes.set_xlim(min(0.5, *values) / 1.3, max(2.0, *values) * 1.3)
    axes.xaxis.set_major_locator(FixedLocator(TICKS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, at: f"{x:g}"))
    axes.axvline(1, color=DARK_TEXT, linewidth=1)
    axes.grid(axis="x", linewidth=0.4, color="#cccccc")
    axes.set_yticks(range(len(bars)), names, fontsize=9)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    marked = {_name(bar.pair)[-3:] for bar in bars}
    notes = [text for mark, text in NOTES.items() if f"({mark})" in marked]
    notes += [f"below the overhead, no result: {', '.join(none)}"] if none else []
    notes += ["line: both ranges at their far ends"] if any(bar.span for bar in bars) else []
    says = f"speed of {_who(bars)} relative to {bars[0].pair.base} (log scale)"
    axes.set_xlabel("\n".join([says, *notes]))


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
