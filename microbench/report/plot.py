"""What every figure shares: sizes, colours that survive greyscale, and saving by file name.

Knows matplotlib, which is optional; no other module of the package but `plot_*` needs it.
Every difference is shown twice: by colour and by hatch, marker or dash, and labelled in
place where there is room.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from microbench.errors import UsageError
from microbench.store.files import write_bytes

SUFFIXES = (".svg", ".pdf", ".png")
DARK_TEXT = "#1a1a1a"
SIGNED = "modelled by mkbench"
COLOURS = (
    *("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442"),
    *("#999999", "#332288", "#117733", "#aa4499", "#dddddd"),
)
"""Told apart by colour-blind readers; neighbours differ in lightness, too."""
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "", "|||", "---", "++", "//..", "oo", "")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":")
SYSTEM_NAMES = {"native": "native", "native-fass": "native-fass", "l4": "L4"}


def new_figure(width: float, height: float) -> Any:
    """An empty figure without global state.

    Parameters
    ----------
    width, height : float
        Size [inch].

    Raises
    ------
    UsageError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise UsageError("plots need matplotlib: pip install 'mkbench[plot]'") from None
    return Figure(figsize=(width, height), layout="constrained")


def check_name(path: str) -> None:
    """Refuse a file name whose suffix is no figure's, before anything is computed.

    Raises
    ------
    UsageError
        If it is none of `SUFFIXES`.
    """
    if Path(path).suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path}: a figure's name ends in {', '.join(SUFFIXES)}")


def save(figure: Any, path: str) -> None:
    """Write a figure, form by suffix; the same figure gives the same bytes."""
    check_name(path)
    write_bytes(path, drawn(figure, Path(path).suffix.lower()[1:]))


def drawn(figure: Any, kind: str) -> bytes:
    """A figure as "svg", "pdf" or "png"; in its corner stands that it is modelled."""
    import matplotlib as mpl

    figure.text(0.998, 0.004, SIGNED, ha="right", va="bottom", fontsize=6.5, color=DARK_TEXT)
    dates: dict[str, dict[str, Any]] = {
        "svg": {"Date": None},
        "pdf": {"CreationDate": None},
        "png": {"Software": None},
    }
    out = io.BytesIO()
    settings: Any = {"svg.hashsalt": "mkbench", "svg.fonttype": "path", "hatch.linewidth": 0.6}
    with mpl.rc_context(settings):
        figure.savefig(out, format=kind, dpi=150, metadata=dates[kind])
    return out.getvalue()


def apart(heights: Sequence[float], least: float) -> list[float]:
    """The heights, each moved up until it lies at least so far above the one below it.

    In the order given; one that need not move stays.
    """
    found, lowest = dict[int, float](), -math.inf
    for index in sorted(range(len(heights)), key=lambda i: heights[i]):
        found[index] = max(heights[index], lowest)
        lowest = found[index] + least
    return [found[index] for index in range(len(heights))]


def quiet_axes(axes: Any) -> None:
    """Take away the frame's top and right, and keep the grid behind."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
