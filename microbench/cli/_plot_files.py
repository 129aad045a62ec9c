"""`mkbench plot fs` and `plot kill`: what their figures show."""

from __future__ import annotations

from typing import Any

from microbench.cli._calls import file_calls
from microbench.cli._options import Where
from microbench.errors import UsageError

DEVICES = ("flash", "ata")
"""Devices the figure marks."""


def fs_figure(args: tuple[str, ...], where: Where) -> Any:
    """Ratio to the kernel's own files against the time of the device, for one fs_op."""
    from microbench.linux.disk import block_us
    from microbench.report.plot_files import similar_figure
    from microbench.run.files import BASE, outcome, structures_of
    from microbench.run.setup import prepare

    found = file_calls("fs_op", args, where)
    if len(found) != 1:
        raise UsageError("plot fs takes one operation of fs_op, e.g. read 4k --cache cold")
    bench, setup = found[0], prepare(where.machine, where.settings)
    names = dict.fromkeys([BASE, *structures_of(bench)])
    found_us = {name: outcome(bench, name, setup) for name in names}
    latencies = {
        name: (one.us(setup, "low"), one.us(setup), one.us(setup, "high"))
        for name, one in found_us.items()
    }
    title = f"Where similar performance begins: fs_op {bench.args}, {setup.spec.name}"
    return similar_figure(latencies, BASE, title, {f"4 KB, {d}": block_us(d) for d in DEVICES})


def kill_figure(policy_name: str, every: str, disk: str) -> Any:
    """Throughput against kill interval, for the disk's and the network's driver."""
    from microbench.report.plot_files import kill_figure as draw
    from microbench.run.failure import failure_rows
    from microbench.run.failure_words import time_ns
    from microbench.run.setup import prepare
    from microbench.servers.policies import SECOND_NS

    seconds = [time_ns("plot kill", "every", text) / SECOND_NS for text in every.split(",")]
    words = ["--every", every, "--policy", policy_name]
    drawn = {}
    for component, more in (("net", []), ("disk", ["--disk", disk])):
        call = ["--component", component, *words, *more]
        rows = failure_rows("bw_kill", call, prepare("pxa255", []))
        losses = [row for row in rows if row.metric.startswith("loss")]
        drawn[f"{component} driver"] = list(zip(seconds, losses, strict=True))
    return draw(drawn, f"A driver killed again and again, policy {policy_name}, pxa255")
