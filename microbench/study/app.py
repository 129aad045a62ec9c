"""What another structure would cost a program: its calls times what each costs more.

A lower bound. The rule is linear, and a tight loop's costs under-predict what a program with
cold caches pays; a pollution factor says by how much, and is the user's to give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from microbench.datafiles import data_dir
from microbench.errors import UsageError
from microbench.measured.calls.counts import Call, Counts
from microbench.measured.calls.numbers import OTHER, kind_of, waits
from microbench.quantity import Quantity, quantity, read_toml
from microbench.study.structures import Structure

SHARES = (0.10, 0.05, 0.01)


@dataclass(frozen=True)
class Program:
    """A program as it ran, untraced where times are known.

    Attributes
    ----------
    counts : Counts
    cpu_s, wall_s : float or None
        User and system time together, elapsed time, untraced [s].
    system_s : float or None
        System time, untraced [s].
    scale : float
        Calls of the untraced run over those counted: a server is traced more slowly than it
        serves, so its calls are counted per request.
    """

    counts: Counts
    cpu_s: float | None = None
    wall_s: float | None = None
    system_s: float | None = None
    scale: float = 1.0

    @property
    def calls(self) -> float:
        """Calls of the untraced run."""
        return self.counts.total * self.scale

    @property
    def system_us(self) -> float | None:
        """System time of a call, page faults included [us]."""
        if self.system_s is None:
            return None
        return self.system_s / self.calls * 1e6

    @property
    def unknown(self) -> list[Call]:
        """Calls of which nobody knows what kind they are."""
        return [call for call in self.counts.calls if kind_of(call.name) == OTHER]


@dataclass(frozen=True)
class Extra:
    """What a structure costs a program more, at one end or in the middle.

    Attributes
    ----------
    seconds : float
    cpu, wall : float or None
        As a share of the program's own times.
    """

    seconds: float
    cpu: float | None
    wall: float | None


def extra(
    program: Program, structure: Structure, level: str = "value", pollution: float = 1.0
) -> Extra:
    """Calls times what each costs more."""
    seconds = program.calls * structure.seconds(level) * pollution
    return Extra(seconds, _share(seconds, program.cpu_s), _share(seconds, program.wall_s))


def _share(seconds: float, base: float | None) -> float | None:
    return None if base is None else seconds / base


@dataclass(frozen=True)
class Moved:
    """Calls that move to a server together.

    Attributes
    ----------
    name, kind : str
        Call, or several as one; the kind of work.
    calls : int
    extra_s : float
        What moving them costs [s].
    cpu : float or None
        As a share of the program's CPU time.
    sum_share : float
        Of all that moving everything costs, what this line and those above it carry.
    waits : str
        Whether the call's time is waiting: "yes", "perhaps" or "".
    native_us : float or None
        What one such call costs natively [us], where it was recorded and does not wait.
    dearer : float or None
        What moving it adds to one, as a share of that.
    """

    name: str
    kind: str
    calls: int
    extra_s: float
    cpu: float | None
    sum_share: float
    waits: str
    native_us: float | None = None
    dearer: float | None = None


def moves(
    program: Program,
    structure: Structure,
    by_kind: bool = False,
    native: Mapping[str, float] | None = None,
) -> list[Moved]:
    """Which calls would have to move to matter, the dearest first.

    Parameters
    ----------
    by_kind : bool
        Move whole kinds of work.
    native : mapping of str to float, optional
        What a call costs natively [us].
    """
    grouped: dict[str, list[Call]] = {}
    for call in program.counts.calls:
        grouped.setdefault(kind_of(call.name) if by_kind else call.name, []).append(call)
    ranked = sorted(grouped.items(), key=lambda item: (-_calls(item[1]), item[0]))
    found, seen = [], 0
    for name, calls in ranked:
        count = _calls(calls)
        seen += count
        seconds = count * program.scale * structure.seconds()
        waiting = "" if by_kind else waits(name)
        cost = None if by_kind or waiting == "yes" else (native or {}).get(name)
        found.append(
            Moved(
                name=name,
                kind=kind_of(calls[0].name),
                calls=count,
                extra_s=seconds,
                cpu=_share(seconds, program.cpu_s),
                sum_share=seen / program.counts.total,
                waits=waiting,
                native_us=cost,
                dearer=None if cost is None else 1e6 * structure.seconds() / cost,
            )
        )
    return found


def _calls(calls: Iterable[Call]) -> int:
    return sum(call.calls for call in calls)


@cache
def pollution() -> Quantity:
    """How much dearer a call to a server was in a running server than in a tight loop."""
    path = data_dir() / "calls" / "servers.toml"
    return quantity(read_toml(path)["pollution"]["server"], path, "pollution.server", {"ratio"})


def parse_pollution(text: str) -> tuple[float, float]:
    """A factor, "2", or a range, "1.5-5".

    Raises
    ------
    UsageError
        If it is neither, or below 1 or above 100.
    """
    parts = text.split("-")
    try:
        numbers: Sequence[float] = [float(part) for part in parts]
    except ValueError:
        numbers = ()
    if len(numbers) not in (1, 2) or not all(1 <= n <= 100 for n in numbers):
        raise UsageError(f"--pollution = {text!r}: a factor such as 2, or a range such as 1.5-5")
    if numbers[0] > numbers[-1]:
        raise UsageError(f"--pollution = {text!r}: the range runs backwards")
    return numbers[0], numbers[-1]
