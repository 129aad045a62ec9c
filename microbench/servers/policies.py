"""When a component that died is started again, and when silence counts as death.

Knows the rules of three systems, in their own units: ticks and heartbeat periods. No
duration of a recovery stands here; it comes out of running the rules.

References
----------
`FS-RESTART` 5.1 (MINIX 3: tick, back-off, two silent periods, 10 s to initialise), 5.3 (QNX:
heartbeat interval, missed beats, counted from when a component attaches itself).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from microbench.errors import UsageError

SECOND_NS = 1_000_000_000
MOST_TICKS = 30


@dataclass(frozen=True)
class Policy:
    """One system's rules.

    Attributes
    ----------
    tick_ns : int
        How often the manager looks at its clock [ns].
    heartbeat_ns : int
        Period of its questions [ns]; 0 asks nobody, and a hang is never noticed.
    silent_periods : int
        Periods without an answer after which a component is dead.
    init_ns : int
        Time in which a component that was started must give its first answer [ns]; 0 waits
        for ever.
    backs_off : bool
        Whether a component that dies again waits, by ticks.
    keeps_copy : bool
        Whether the manager has the image in memory; then it waits one tick at most.
    clients_recover : bool
        Whether clients of a server that lost its state open their files again.
    """

    name: str
    tick_ns: int
    heartbeat_ns: int
    silent_periods: int
    init_ns: int
    backs_off: bool
    keeps_copy: bool
    clients_recover: bool

    def wait_ticks(self, deaths: int, script: bool = False) -> int:
        """Ticks to wait before the start that follows the `deaths`-th death; 0 is at once.

        A component with a script of its own is started by that, without waiting.
        """
        if not self.backs_off or deaths <= 1 or script:
            return 0
        return 1 if self.keeps_copy else min(2 ** (deaths - 1), MOST_TICKS)

    def asks(self, since_last_ns: int) -> bool:
        """Whether it is time to ask again."""
        return bool(self.heartbeat_ns) and since_last_ns > self.heartbeat_ns

    def silent(self, since_ns: int, ready: bool) -> bool:
        """Whether a component is silent for too long: since it answered, or since its start.

        Whoever initialises is given other time than whoever answered once.
        """
        most_ns = self.silent_periods * self.heartbeat_ns if ready else self.init_ns
        return bool(self.heartbeat_ns and most_ns) and since_ns > most_ns


POLICIES = {
    p.name: p
    for p in (
        Policy("direct", SECOND_NS, SECOND_NS, 2, 10 * SECOND_NS, False, True, False),
        Policy("minix", SECOND_NS, 5 * SECOND_NS, 2, 10 * SECOND_NS, True, True, False),
        Policy("ham", SECOND_NS, SECOND_NS, 5, 0, False, True, True),
    )
}


def policy(name: str, heartbeat_ns: int | None = None) -> Policy:
    """A policy by name, perhaps with another heartbeat.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    if name not in POLICIES:
        raise UsageError(f"--policy {name}: not one of {', '.join(POLICIES)}")
    found = POLICIES[name]
    return found if heartbeat_ns is None else replace(found, heartbeat_ns=heartbeat_ns)
