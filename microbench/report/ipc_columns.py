"""The IPC table and the overhead table for people: their columns.

Knows lines of `microbench.study.ipc_table` and `microbench.study.overhead`. Refuses to know
widths, which `terminal` fits, and how a number was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

from microbench.report.columns import Column, error_text
from microbench.report.decimals import percent, printed, short
from microbench.report.terminal import print_table
from microbench.row import Row
from microbench.study.ipc_table import BLOCKS, IpcLine, blocks
from microbench.study.overhead import SHARES, OverheadLine

IPC_LEGEND = (
    "Cycles, one way. low and high: all stated ranges of the machine and of the paths at one "
    "end; published is inside, below or above that. error: middle / published - 1."
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


IPC_COLUMNS = (
    Column("machine", lambda x: x.row.machine, left=True),
    Column("kernel", lambda x: x.row.system, drop=2, left=True),
    Column("message", _message, left=True),
    Column("low", lambda x: short(x.low), drop=1),
    Column("middle", lambda x: short(x.row.value)),
    Column("high", lambda x: short(x.high), drop=1),
    Column("published", lambda x: printed(x.row.published)),
    Column("error", lambda x: error_text(x.row.error, x.row.role)),
    Column("range", lambda x: x.place, drop=3, left=True),
    Column("role", lambda x: x.row.role, drop=4, left=True),
)


def _limit(share: float) -> Column:
    title = f"below\n{100 * share:g} %"
    return Column(title, lambda x: f"{short(x.service_us(share))} us", drop=1)


OVERHEAD_COLUMNS = (
    Column("system call", lambda x: x.name, left=True),
    Column("native\ncycles", lambda x: short(x.native_cycles)),
    Column("native", lambda x: f"{short(x.native_us)} us"),
    Column("calls", lambda x: f"{x.calls:g}", drop=3),
    Column("IPCs", lambda x: f"{x.ipcs:g}"),
    Column("overhead\ncycles", lambda x: short(x.overhead_cycles)),
    Column("share", lambda x: percent(x.share).lstrip("+")),
    Column("share\nlow", lambda x: percent(x.low / x.native_cycles).lstrip("+"), drop=2),
    Column("share\nhigh", lambda x: percent(x.high / x.native_cycles).lstrip("+"), drop=2),
    *(_limit(share) for share in SHARES),
)


def print_ipc(rows: Iterable[Row], title: str = "", file: TextIO | None = None) -> None:
    """Print the blocks of the IPC table.

    Parameters
    ----------
    rows : iterable of Row
        As `microbench.study.ipc_table.ipc_table` gives them.
    """
    found = list(blocks(rows).items())
    for number, (heading, lines) in enumerate(found):
        legend = IPC_LEGEND if number == len(found) - 1 else ""
        heading = f"{title}: {heading}" if title else heading
        why = reasons(lines) if not heading.startswith(QUEUED_HEADING) else []
        notes = ["More than 10 % off:", *(f"  {text}" for text in why)] if why else []
        print_table(IPC_COLUMNS, lines, heading, "\n".join([*notes, *filter(None, [legend])]), file)


def print_overhead(
    lines: Iterable[OverheadLine], title: str = "", file: TextIO | None = None
) -> None:
    """Print what a server costs, call by call."""
    print_table(OVERHEAD_COLUMNS, list(lines), title, OVERHEAD_LEGEND, file)


def print_beside(
    machines: Mapping[str, Sequence[OverheadLine]], title: str = "", file: TextIO | None = None
) -> None:
    """Print two or more machines beside one another: each call's length and overhead's share.

    Parameters
    ----------
    machines : mapping of str to sequence of OverheadLine
        By machine; a call that only some have is shown for those.
    """
    by_name = {m: {line.name: line for line in lines} for m, lines in machines.items()}
    names = list(dict.fromkeys(line.name for lines in machines.values() for line in lines))
    columns = [Column("system call", str, left=True)]
    for machine, lines in by_name.items():
        columns += [_length(machine, lines), _share(machine, lines)]
    print_table(columns, names, title, BESIDE_LEGEND, file)


def _length(machine: str, lines: Mapping[str, OverheadLine]) -> Column:
    return Column(
        f"{machine}\nnative", lambda n: f"{short(lines[n].native_us)} us" if n in lines else ""
    )


def _share(machine: str, lines: Mapping[str, OverheadLine]) -> Column:
    return Column(
        f"{machine}\noverhead", lambda n: percent(lines[n].share).lstrip("+") if n in lines else ""
    )
