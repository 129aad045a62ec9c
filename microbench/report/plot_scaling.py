"""Scaling data with the model and the scalability law beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from microbench.reference.scaling import Scaling
from microbench.row import Row
from microbench.smp.usl import usl_fit


def scaling(path: str, rows: Sequence[Row], data: Scaling) -> None:
    """Draw throughput against CPUs to a .svg, .pdf or .png file.

    Raises
    ------
    UsageError
        If matplotlib is missing or the suffix is none of a figure.
    """
    from microbench.report.plot import check_name, new_figure, save

    check_name(path)
    drawing = new_figure(6.4, 4.2)
    axes = drawing.subplots()
    law = usl_fit(data.cpus, data.rates)
    fine = np.linspace(1, data.cpus[-1], 200)
    axes.plot(data.cpus, data.rates, "o-", color="#000000", markerfacecolor="white", label="data")
    label = f"{rows[0].system} {rows[0].benchmark.removeprefix('smp_')}, model"
    axes.plot(data.cpus, [r.value for r in rows], "s--", color="#d55e00", label=label)
    axes.plot(fine, [law(n) for n in fine], ":", color="#0072b2", label="scalability law, fitted")
    axes.set_xlabel("CPUs")
    axes.set_ylabel("operations a second, all CPUs")
    axes.set_ylim(0, None)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(visible=True, linewidth=0.4, color="#cccccc")
    axes.legend(frameon=False, fontsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    drawing.suptitle(f"{data.name} on {rows[0].machine}", fontsize=10)
    save(drawing, path)
