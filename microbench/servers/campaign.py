"""Faults at random points of a running system of servers: what survives each, byte by byte.

One system runs on, fault after fault; where it is lost it is booted again on the same device,
and what was acknowledged before must still be there.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from microbench.l4.kernel import Kernel
from microbench.linux.disk import Disk, disk_model
from microbench.servers.busy import FAULTS
from microbench.servers.checked import Ledger, program
from microbench.servers.costing import ServerCosts
from microbench.servers.l4files import FRAMES, L4Files, build
from microbench.servers.machine import NOMINAL_NS, Deadlock
from microbench.servers.policies import Policy
from microbench.servers.serverpages import Shape

OUTCOMES = ("transparent", "client error", "component lost", "system lost", "not reached")
MANAGER = "manager"
PATIENCE_NS = 60_000_000_000
"""How long a system may be silent before it is lost [ns]."""
MOST_STEPS = 6000
"""How much a system may do without serving before it is lost: ten times what a recovery takes."""
SMALL = Shape(cache_bits=15, table_blocks=1)
"""A server whose cache is smaller than its files, so that the driver is always busy."""
GAP = 120
"""Most steps between a recovery and the next fault."""


@dataclass
class Verdict:
    """What came of a campaign.

    Attributes
    ----------
    outcomes : Counter
        (component, fault, outcome) to how often.
    wrong : int
        Bytes that were not what they must be.
    downtime_ns : dict of str to list of int
        Outcome to the times from a fault to the next call that was served.
    """

    outcomes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    wrong: int = 0
    downtime_ns: dict[str, list[int]] = field(default_factory=dict)

    def total(self, outcome: str) -> int:
        """How many faults had an outcome."""
        return sum(n for key, n in self.outcomes.items() if key[2] == outcome)


@dataclass(frozen=True)
class Plan:
    """What a campaign is to do.

    Attributes
    ----------
    components : tuple of str
        Which may fail, drawn alike: "disk", "fs", "names", "manager".
    mix : mapping of str to float
        Weights of "exit", "exception" and "hang".
    mapped : bool
        Whether reads are answered with pages of the server's cache.
    level : str
        End of the device's ranges.
    step_ns : int
        See `Machine`.
    """

    policy: Policy
    components: tuple[str, ...]
    mix: Mapping[str, float]
    seed: int
    disk: str = "flash"
    mapped: bool = False
    level: str = "value"
    step_ns: int = NOMINAL_NS


class Campaign:
    """One campaign, on a system that serves.

    Parameters
    ----------
    plan : Plan
    costs : ServerCosts, optional
        Records what the first system does.
    """

    def __init__(self, plan: Plan, costs: ServerCosts | None = None) -> None:
        self.plan = plan
        self.draw = random.Random(plan.seed)
        self.disk = Disk(disk_model(plan.disk).at_cost(plan.level))
        self.ledger = Ledger(random.Random(plan.seed + 1))
        self.verdict = Verdict()
        self._boot(costs)

    def _boot(self, costs: ServerCosts | None = None) -> None:
        """A fresh system on the device as it is."""
        self.pauses: list[int] = []
        self.system: L4Files = build(
            [partial(program, self.ledger)],
            self.disk,
            self.plan.policy,
            Kernel(FRAMES) if costs is None else costs.kernel,
            costs,
            write_through=True,
            mapped=self.plan.mapped,
            shape=SMALL,
            pauses=self.pauses,
            step_ns=self.plan.step_ns,
        )
        for client in self.system.clients:
            client.answers = deque(maxlen=1)
        done = self.ledger.done
        self._until(lambda: not self.ledger.fresh and self.ledger.done > done)

    def _until(self, reached: Callable[[], object]) -> bool:
        """Run until something is so; whether it came to that before patience ended."""
        machine = self.system.machine
        end, steps = machine.now_ns + PATIENCE_NS, machine.steps + MOST_STEPS
        try:
            while not reached():
                if machine.now_ns > end or machine.steps > steps or not machine.alive(1):
                    return False
                machine.step()
        except Deadlock:
            return False
        return True

    def run(self, faults: int) -> Verdict:
        """So many faults, one after the other."""
        kinds, weights = list(self.plan.mix), list(self.plan.mix.values())
        for _ in range(faults):
            self._go_on()
            component = self.draw.choice(self.plan.components)
            kind = self.draw.choices(kinds, weights)[0]
            outcome = self._one(component, kind)
            self.verdict.outcomes[component, kind, outcome] += 1
        self.verdict.wrong = self.ledger.wrong
        return self.verdict

    def _go_on(self) -> None:
        """Rest, so that the fault falls anywhere between two questions and ticks; then work."""
        machine, rules = self.system.machine, self.plan.policy
        cycle = min(rules.heartbeat_ns + rules.tick_ns, PATIENCE_NS)
        self.pauses.append(self.draw.randrange(cycle))
        self._until(lambda: not self.pauses)
        last = machine.steps + self.draw.randrange(1, GAP)
        self._until(lambda: machine.steps >= last)

    def _one(self, component: str, kind: str) -> str:
        """One fault, and a verification of everything behind it."""
        machine, ledger = self.system.machine, self.ledger
        tid = 1 if component == MANAGER else self.system.components[component].tid
        errors, checks = ledger.errors, ledger.checks
        machine.hits.clear()
        machine.faults = {tid: FAULTS[kind]}
        ledger.want_check = True
        idle = machine.now_ns + 2 * self.plan.policy.tick_ns
        served = self._until(
            lambda: machine.hits or (ledger.checks > checks and machine.now_ns > idle)
        )
        if served and not machine.hits:
            machine.faults.clear()
            return "not reached"
        done = ledger.done
        served = served and self._until(lambda: ledger.done > done)
        after = machine.now_ns
        ledger.want_check = True
        checks = ledger.checks
        served = served and self._until(lambda: ledger.checks > checks)
        outcome = self._outcome(served, component, ledger.errors > errors)
        if outcome == "system lost":
            ledger.want_check = False
            self._boot()
            ledger.want_check = True
            self._until(lambda: ledger.checks > checks)
        else:
            taken = after - machine.hits[0]
            self.verdict.downtime_ns.setdefault(outcome, []).append(taken)
        return outcome

    def _outcome(self, served: bool, component: str, errors: bool) -> str:
        if not served or not self.system.machine.alive(1):
            return "system lost"
        there = self.system.components.get(component)
        if there is None or not self.system.machine.alive(there.tid):
            return "component lost"
        return "client error" if errors else "transparent"
