"""`table containment`: what a request costs on each structure, beside what survives a fault there.

Prices are modelled; what survives is counted, by faults at random points of the structure as it
runs. A daemon and a Linux server are not put through a campaign; what is known of them is said.
"""

from __future__ import annotations

from collections.abc import Sequence

from microbench.row import Row
from microbench.run.failure import MIX
from microbench.run.files import file_rows
from microbench.run.setup import Setup
from microbench.servers import campaign, monolith
from microbench.servers.policies import policy
from microbench.workloads.registry import file_benches

REQUESTS = ("null", "open", "read 4k --cache cold", "write 4k")
FAULTS, SEED = 40, 1
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
    kept = sum(n for (_, outcome), n in outcomes.items() if outcome == "process killed")
    native = f"of {FAULTS} faults {kept} kill a process, {FAULTS - kept} the file system or all"
    found = campaign.Campaign(policy("ham"), ("disk", "fs"), MIX, SEED).run(FAULTS)
    server = f"of {FAULTS} faults {found.total('transparent')} unseen by clients (ham)"
    plain = campaign.Campaign(policy("minix"), ("disk", "fs"), MIX, SEED).run(FAULTS)
    server += f", {plain.total('transparent')} (minix; the rest an error); no byte wrong"
    assert not wrong + found.wrong + plain.wrong
    return {"native": f"{native}; {lost // 1024} KB lost by reboots", "l4-server": server, **SAID}


def containment_rows(setup: Setup) -> list[Row]:
    """Latency of each request on each structure; the note is what survives."""
    said, rows = survives(), []
    for request in REQUESTS:
        for bench in file_benches("fs_op", request.split()):
            latencies = [row for row in file_rows(bench, setup) if row.metric == "latency"]
            rows += [_noted(row, said.get(row.system, "")) for row in latencies]
    return rows


def _noted(row: Row, note: str) -> Row:
    return Row(**{**row.as_dict(), "note": note})


def what_survives(rows: Sequence[Row]) -> str:
    """A line per structure: what a campaign counted there."""
    notes = {row.system: row.note for row in rows}
    return "\n".join(f"{system}: {note}" for system, note in notes.items())
