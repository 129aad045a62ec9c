"""What a workload is: parts to be traced, and a value computed from their cycles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from microbench.errors import UsageError
from microbench.linux.credit import FULL
from microbench.reading import whole

if TYPE_CHECKING:
    from microbench.linux.kernel import Linux

WARM_UP, COUNTED = 6, 4
MOST_BYTES = 64 << 20
MOST_PROCESSES = 1024
SPENT, RESTED = 0, FULL
"""Credit [ns] of the timed process and of those it forked, once a program has run for a while.

By the scheduler's rules any difference at the start ends so: the worse one finds its partner's
answer waiting, never sleeps and never gains; the others sleep and have all."""

IMAGES, DESCRIBED = ("images",), ("described",)
"""What a part needs that starts programs: as a study has drawn them, or as they are described."""


@dataclass(frozen=True)
class Part:
    """One program set, run alone and marked once per iteration.

    Attributes
    ----------
    name : str
    build : callable or dataclass
        For kind "linux" called with the number of iterations and a fresh system; spawns the
        processes, and each iteration ends with a mark. Else what the players of the kind
        want to know.
    warm_up, counted : int
        Iterations run before and while counting.
    options : dict
        Settings of the kernel, e.g. the size of a pipe.
    kind : str
        What a system must be able to play: "linux", "message" ...
    needs : tuple of str
        What the part itself reads of the stage, beside what the player reads.
    ways : tuple of str
        Prefixes of places by which an iteration divides; `metrics` gets cycles by way then.
    unit : str
        What the share of an iteration in one operation is called, if not by the part's name.
    """

    name: str
    build: Callable[[int, Linux], None] | Any
    warm_up: int = WARM_UP
    counted: int = COUNTED
    options: Mapping[str, int] = field(default_factory=dict)
    kind: str = "linux"
    needs: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    unit: str = ""

    @property
    def iterations(self) -> int:
        """Iterations to run."""
        return self.warm_up + self.counted


@dataclass(frozen=True)
class Metric:
    """One reported number.

    Attributes
    ----------
    name : str
        "latency", "bandwidth", "overhead", "jobs_per_minute_per_child".
    unit, better : str
    value : float
        [unit]
    cycles : float
        Core cycles per operation behind it.
    """

    name: str
    unit: str
    better: str
    value: float
    cycles: float


class Workload(Protocol):
    """One benchmark with its arguments."""

    @property
    def name(self) -> str:
        """As `mkbench run` has it."""

    @property
    def args(self) -> str:
        """Its arguments as one string."""

    def parts(self) -> list[Part]:
        """What is to be traced."""

    def metrics(self, cycles: Mapping[str, float], clock_hz: float) -> list[Metric]:
        """Values from the cycles per iteration of each part: sums of shares of them."""


@dataclass(frozen=True)
class OnePart:
    """A workload of one part: the time of an iteration, or what it moves over that time.

    Attributes
    ----------
    name, args : str
    part : Part
    moved_bytes : int
        Of an iteration; 0 for a time.
    """

    name: str
    args: str
    part: Part
    moved_bytes: int = 0

    def parts(self) -> list[Part]:
        """The one."""
        return [self.part]

    def metrics(self, cycles: Mapping[str, float], clock_hz: float) -> list[Metric]:
        """A rate [MB/s] where bytes are moved, else a time [us]."""
        spent = cycles[self.part.name]
        moved = self.moved_bytes
        return [bandwidth(moved, spent, clock_hz) if moved else latency(spent, clock_hz)]


def kind_of(workload: Workload) -> str:
    """What a system must be able to play to run a workload."""
    return workload.parts()[0].kind


def on_system(workload: Workload, system: str, architecture: str) -> Workload:
    """The workload as it is named when a system was asked for; most have the same name on all."""
    on: Callable[[str, str], Workload] | None = getattr(workload, "on", None)
    return workload if on is None else on(system, architecture)


def own_systems(workload: Workload, architecture: str) -> tuple[str, ...]:
    """Systems a workload names by itself; none if every system that plays it may be chosen."""
    own: Callable[[str], tuple[str, ...]] | None = getattr(workload, "systems", None)
    return () if own is None else own(architecture)


def latency(cycles: float, clock_hz: float, name: str = "latency") -> Metric:
    """A time per operation [us]."""
    return Metric(name, "us", "smaller", cycles / clock_hz * 1e6, cycles)


def bandwidth(size: int, cycles: float, clock_hz: float) -> Metric:
    """A rate [MB/s], lmbench's 1 MB = 1,000,000 bytes."""
    return Metric("bandwidth", "MB/s", "larger", size * clock_hz / cycles / 1e6, cycles)


def parse_size(benchmark: str, text: str, least: int = 512, most: int = MOST_BYTES) -> int:
    """A size as lmbench writes it: bytes, or with k or m [bytes].

    Raises
    ------
    UsageError
        If it is not a number, too small or too large.
    """
    size = whole(text, 0, 1 << 60, suffixes=True)
    if size is None or text[-1:] in "gG":
        raise UsageError(f"{benchmark}: size {text[:40]!r} is not a number with an optional k or m")
    if not least <= size <= most:
        raise UsageError(f"{benchmark}: size {text!r} is not from {least} to {most} bytes")
    return size


def one_or_more(benchmark: str, args: list[str], kinds: Collection[str]) -> list[str]:
    """The arguments, each one of `kinds`.

    Raises
    ------
    UsageError
        For an unknown kind, or none.
    """
    if not args or any(kind not in kinds for kind in args):
        raise UsageError(f"{benchmark}: {' '.join(args)!r} is not one of {', '.join(kinds)}")
    return args


def size_and_kind(benchmark: str, args: list[str], kinds: Collection[str]) -> tuple[str, int, str]:
    """A size as written and in bytes, and one of `kinds`.

    Raises
    ------
    UsageError
        For anything else.
    """
    if len(args) != 2 or args[1] not in kinds:
        raise UsageError(f"{benchmark}: {' '.join(args)!r} is not SIZE {'|'.join(kinds)}")
    return args[0], parse_size(benchmark, args[0]), args[1]


def no_arguments(benchmark: str, args: list[str]) -> None:
    """Refuse arguments where there are none."""
    if args:
        raise UsageError(f"{benchmark} takes no arguments, not {' '.join(args)!r}")
