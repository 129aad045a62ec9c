"""The IPC table and the overhead table for people: their columns.

Knows rows of `microbench.study.ipc_table` and `microbench.study.overhead`. Refuses to know
widths, which `terminal` fits, and how a number was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from microbench.report.columns import Block, Column, error_text
from microbench.report.decimals import percent, printed, short
from microbench.row import Row
from microbench.study.ipc_table import BLOCKS, IpcLine, blocks
from microbench.study.overhead import SHARES

IPC_LEGEND = (
    "Cycles, one way. low and high: all stated ranges of the machine and of the paths at one "
    "end; published lies inside that, below low or above high. error: middle / published - 1."
)
OVERHEAD_LEGEND = (
    "A call to a server is two IPCs instead of one trap and its return; overhead is the "
    "difference. share: overhead / native cost of all calls of the row. below N %: length a "
    "native call must have for its overhead to fall below that share."
)
BESIDE_LEGEND = (
    "native: the call on each machine's own kernel, of its time. overhead: two IPCs instead of "
    "each trap and its return, relative to that."
)
QUEUED_HEADING = BLOCKS["queued"]
FAR = 0.10
WHY = {
    "k8": "nothing says whether the measured machine's TLB flush filter was at work: without it "
    "four pages refill, with it (k8-filter) none",
    "k8-filter": "see k8: with the filter at work only MOV CR3 is left, which is an estimate",
    "pxa255": "the cost of a coprocessor write is recalled (2 cycles, 2 to 8 possible) and the "
    "stalls are those of a scoreboard over a kernel of 2004",
    "u54": "the executed strings of one and of two spaces are equal, SATP and fence included; the "
    "published pair differs by a factor of two, so another source was measured",
    "cortex-a9": "no table of this part's SVC, barriers and register moves was at hand; the mean "
    "of its call in one space comes with a deviation of a third",
    "cortex-a8": "the recording is the A9's, and every special move is an estimate",
    "cortex-a57": "no table of SVC, ERET, MSR and ISB was at hand: all are estimates",
    "cortex-a53": "branches of a loop this short are guessed better than the share that is wrong "
    "in a kernel's whole work, and L1 replaces at random",
    "skylake": "MOV CR3, SYSCALL and SYSRET are recalled, the write of CR0 is an estimate, and "
    "ten words run on slower than code in L1 should",
    "haswell": "SYSCALL, SYSRET and the moves of FS and GS are estimates below Skylake's",
}
"""Why a row is far off, as far as is known; variants share their machine's."""


def reasons(lines: Iterable[IpcLine]) -> list[str]:
    """For each machine with a row more than 10 % off: why, as far as is known."""
    far = [x.row.machine for x in lines if x.row.error is not None and abs(x.row.error) > FAR]
    found = []
    for machine in dict.fromkeys(far):
        why = WHY.get(machine) or WHY.get(machine.removesuffix("-pti"))
        found.append(f"{machine}: {why or 'not known'}")
    return found


def _message(line: IpcLine) -> str:
    row = line.row
    words = row.args.replace("--kernel sel4", "").split()
    kind = "queued, " if "queued" in words else ""
    spaces = "one space" if "--same-space" in words else "two spaces"
    count = f", {words[words.index('--words') + 1]} words" if "--words" in words else ""
    slow = ", fast path off" if "--slow" in words else ""
    metric = "" if row.metric == "latency" else f" {row.metric}"
    return f"{kind}{spaces}{count}{slow}{metric}"


def _place(line: IpcLine) -> str:
    return {"below": "below low", "above": "above high"}.get(line.place, line.place)


IPC_COLUMNS = (
    Column("machine", lambda x: x.row.machine, left=True),
    Column("kernel", lambda x: x.row.system, drop=2, left=True),
    Column("message", _message, left=True),
    Column("low", lambda x: short(x.low), drop=1),
    Column("middle", lambda x: short(x.row.value)),
    Column("high", lambda x: short(x.high), drop=1),
    Column("published", lambda x: printed(x.row.published)),
    Column("error", lambda x: error_text(x.row.error, x.row.role)),
    Column("published\nlies", _place, drop=3, left=True),
    Column("role", lambda x: x.row.role, drop=4, left=True),
)


Line = Mapping[str, Row]
"""Metric to row of one call in the overhead table."""


def _limit(share: float) -> Column:
    metric = f"service_{100 * share:g}_percent"
    return Column(f"below\n{100 * share:g} %", lambda x: f"{short(x[metric].value)} us", drop=1)


def _share(metric: str) -> Callable[[Line], str]:
    return lambda x: percent(x[metric].value / x["native"].value).lstrip("+")


OVERHEAD_COLUMNS = (
    Column("system call", lambda x: x["native"].args, left=True),
    Column("native\ncycles", lambda x: short(x["native"].value)),
    Column("native", lambda x: f"{short(x['native_time'].value)} us"),
    Column("calls", lambda x: f"{x['calls'].value:.4g}", drop=3),
    Column("IPCs", lambda x: f"{x['ipcs'].value:.4g}"),
    Column("overhead\ncycles", lambda x: short(x["overhead"].value)),
    Column("share", _share("overhead")),
    Column("share\nlow", _share("overhead_low"), drop=2),
    Column("share\nhigh", _share("overhead_high"), drop=2),
    *(_limit(share) for share in SHARES),
)


def ipc_blocks(rows: Sequence[Row]) -> list[Block]:
    """The blocks of the IPC table, as `microbench.study.ipc_table` divides it."""
    found = list(blocks(rows).items())
    shown = []
    for number, (heading, lines) in enumerate(found):
        why = reasons(lines) if not heading.startswith(QUEUED_HEADING) else []
        notes = ["More than 10 % off:", *(f"  {text}" for text in why)] if why else []
        last = [IPC_LEGEND] if number == len(found) - 1 else []
        shown.append(Block(heading, IPC_COLUMNS, lines, "\n".join([*notes, *last])))
    return shown


def overhead_blocks(rows: Sequence[Row]) -> list[Block]:
    """A line for each call; of several machines the lengths and shares beside one another."""
    calls: dict[str, dict[str, dict[str, Row]]] = {}
    for row in rows:
        calls.setdefault(row.machine, {}).setdefault(row.args, {})[row.metric] = row
    if len(calls) < 2:
        lines = [line for found in calls.values() for line in found.values()]
        return [Block("", OVERHEAD_COLUMNS, lines, OVERHEAD_LEGEND)]
    names = list(dict.fromkeys(name for found in calls.values() for name in found))
    columns = [Column("system call", str, left=True)]
    for machine, found in calls.items():
        columns += [_length(machine, found), _part(machine, found)]
    return [Block("", columns, names, BESIDE_LEGEND)]


def _length(machine: str, found: Mapping[str, Line]) -> Column:
    return Column(
        f"{machine}\nnative",
        lambda n: f"{short(found[n]['native_time'].value)} us" if n in found else "",
    )


def _part(machine: str, found: Mapping[str, Line]) -> Column:
    share = _share("overhead")
    return Column(f"{machine}\noverhead", lambda n: share(found[n]) if n in found else "")
