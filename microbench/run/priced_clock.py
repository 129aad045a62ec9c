"""The functional clock with steps as long as the work costs the machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from microbench.machine.bounds import at_level
from microbench.run.setup import Setup
from microbench.servers.busy import Scene
from microbench.servers.campaign import Plan
from microbench.servers.clock import step_ns
from microbench.servers.costing import ServerCosts
from microbench.servers.machine import Machine

LEVELS = ("value", "low", "high")
Played = TypeVar("Played", Scene, Plan)


def on_priced_clock(
    plan: Played, start: Callable[[Played, ServerCosts], Machine], setup: Setup, level: str
) -> Played:
    """A scene or plan at an end of the ranges, its clock's step that of the machine there.

    Parameters
    ----------
    start : callable
        The running system, which tells the costs what it does.
    """
    at_end, spec = replace(plan, level=level), at_level(setup.spec, level)
    length = step_ns(lambda costs: start(at_end, costs), spec, setup.scales, level)
    return replace(at_end, step_ns=length)
