"""Faults at random points of a running system of servers: what survives each, byte by byte.

One system runs on, fault after fault; where it is lost it is booted again on the same device,
and what was acknowledged before must still be there.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from microbench.l4.kernel import Kernel
from microbench.linux.disk import Disk, disk_model
from microbench.servers.checked import Ledger, program
from microbench.servers.l4files import FRAMES, L4Files, build
from microbench.servers.machine import Deadlock
from microbench.servers.policies import Policy
from microbench.servers.serverpages import Shape
from microbench.servers.tasks import Crash, Exit, Spin

FAULTS = {"exit": Exit(), "exception": Crash(), "hang": Spin()}
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


class Campaign:
    """One campaign.

    Parameters
    ----------
    components : sequence of str
        Which may fail, drawn alike: "disk", "fs", "names", "manager".
    mix : mapping of str to float
        Weights of "exit", "exception" and "hang".
    mapped : bool
        Whether reads are answered with pages of the server's cache.
    """

    def __init__(
        self,
        policy: Policy,
        components: Sequence[str],
        mix: Mapping[str, float],
        seed: int,
        disk: str = "flash",
        mapped: bool = False,
    ) -> None:
        self.mapped = mapped
        self.policy, self.components, self.mix = policy, tuple(components), dict(mix)
        self.draw = random.Random(seed)
        self.disk = Disk(disk_model(disk))
        self.ledger = Ledger(random.Random(seed + 1))
        self.verdict = Verdict()
        self.reboots = 0
        self._boot()

    def _boot(self) -> None:
        """A fresh system on the device as it is."""
        self.system: L4Files = build(
            [partial(program, self.ledger)],
            self.disk,
            self.policy,
            Kernel(FRAMES),
            write_through=True,
            mapped=self.mapped,
            shape=SMALL,
        )
        done = self.ledger.done
        self._until(lambda: not self.ledger.fresh and self.ledger.done > done)

    def _until(self, reached: object) -> bool:
        """Run until something is so; whether it came to that before patience ended."""
        assert callable(reached)
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
        kinds, weights = list(self.mix), list(self.mix.values())
        for _ in range(faults):
            gap = self.system.machine.steps + self.draw.randrange(1, GAP)
            self._until(lambda gap=gap: self.system.machine.steps >= gap)
            component = self.draw.choice(self.components)
            kind = self.draw.choices(kinds, weights)[0]
            outcome = self._one(component, kind)
            self.verdict.outcomes[component, kind, outcome] += 1
        self.verdict.wrong = self.ledger.wrong
        return self.verdict

    def _one(self, component: str, kind: str) -> str:
        """One fault, and a verification of everything behind it."""
        machine, ledger = self.system.machine, self.ledger
        tid = 1 if component == MANAGER else self.system.components[component].tid
        errors, checks = ledger.errors, ledger.checks
        machine.hits.clear()
        machine.faults = {tid: FAULTS[kind]}
        ledger.want_check = True
        idle = machine.now_ns + 2 * self.policy.tick_ns
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
            self.reboots += 1
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
