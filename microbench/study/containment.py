"""`table containment`: what a request costs on each structure, beside what survives a fault there.

Prices are modelled; what survives is counted, by faults at random points of the structure as it
runs. A daemon and a Linux server are not put through a campaign; what is known of them is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from microbench.errors import UsageError
from microbench.row import Row
from microbench.run.failure import NOT_RECOVERED
from microbench.run.failure_words import MIX
from microbench.run.files import BASE, file_rows
from microbench.run.restart import PREDICTION
from microbench.run.setup import Setup
from microbench.servers import campaign, monolith
from microbench.servers.policies import POLICIES, policy
from microbench.study.structures import Structure, structures_of
from microbench.study.tables import Ask, Step
from microbench.workloads.registry import file_benches

REQUESTS = (
    "null",
    "open",
    "read 4k --cache cold",
    "read 4k --cache cold --data mapped --fs l4-server",
    "write 4k",
)
FAULTS, SEED = 40, 1
RULE = "two IPCs"
RULE_SAID = "native with two IPCs for the trap, as `app` and `overhead` reckon; nothing executed"
DAEMON = "a dead daemon: its files fail, the kernel and all else go on; not restarted"
SAID = {
    "native-fuse": DAEMON,
    "native-fass-fuse": DAEMON,
    "l4-fuse": DAEMON,
    "l4": "as native within the Linux server; other tasks of the microkernel go on",
}


def survives() -> dict[str, str]:
    """Structure to what a campaign counted there, in words."""
    outcomes, wrong, lost = monolith.campaign(FAULTS, MIX, SEED)
    counts = monolith.totals(outcomes)
    native = f"of {FAULTS} faults " + "; ".join(f"{n} {outcome}" for outcome, n in counts.items())
    native += f"; {lost // 1024} KB of acknowledged data lost, {wrong} bytes wrong"
    return {
        "native": native,
        "l4-server": f"of {FAULTS} faults " + "; ".join(_recovered(name) for name in POLICIES),
        **SAID,
    }


def _recovered(name: str) -> str:
    """What clients of the servers saw under one policy."""
    plan = campaign.Plan(policy(name), ("disk", "fs"), MIX, SEED)
    found = campaign.Campaign(plan).run(FAULTS)
    counts = [(o, found.total(o)) for o in campaign.OUTCOMES]
    counted = ", ".join(f"{n} {outcome}" for outcome, n in counts if n)
    return f"{name}: {counted}, {found.wrong} bytes wrong"


def steps(ask: Ask) -> list[Step]:
    """One step for the machine."""
    setup = ask.setup()
    return [(f"containment on {setup.machine}", partial(containment_rows, setup))]


def containment_rows(setup: Setup) -> list[Row]:
    """Latency of each request on each structure; the note is what survives.

    Beside what was executed stands the rule for any call that moves to a server, two IPCs for a
    trap, which knows neither the server's own work nor how its memory is reached.
    """
    said, rule = survives(), _rule(setup)
    rows: list[Row] = []
    for request in REQUESTS:
        for bench in file_benches("fs_op", request.split()):
            latencies = [row for row in file_rows(bench, setup) if row.metric == "latency"]
            bases = [row for row in latencies if row.system == BASE]
            latencies += [_by_rule(row, rule) for row in bases if rule is not None]
            rows += [_noted(row, said.get(row.system, RULE_SAID)) for row in latencies]
    return rows


def _rule(setup: Setup) -> Structure | None:
    """A server of the machine's first kernel of IPC, if one was counted for it."""
    try:
        return next(one for one in structures_of(setup) if one.name != "isolation")
    except UsageError:
        return None


def _by_rule(native: Row, rule: Structure) -> Row:
    """The kernel's own request, with two IPCs for its trap."""
    low, high = native.low or 0.0, native.high or 0.0
    return replace(
        native,
        system=RULE,
        value=native.value + rule.seconds() * 1e6,
        cycles=round((native.cycles or 0) + rule.value),
        low=low + rule.seconds("low") * 1e6,
        high=high + rule.seconds("high") * 1e6,
    )


def _noted(row: Row, note: str) -> Row:
    return replace(row, note=f"{PREDICTION}; {note}")


def what_survives(rows: Sequence[Row]) -> str:
    """A line per structure: what a campaign counted there."""
    notes = {row.system: row.note.removeprefix(f"{PREDICTION}; ") for row in rows}
    lines = [PREDICTION, *(f"{system}: {note}" for system, note in notes.items())]
    return "\n".join([*lines, *(f"not recovered: {text}" for text in NOT_RECOVERED)])
