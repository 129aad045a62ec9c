"""lat_ipc: one way of a message between two threads, on the microkernel itself.

There is no Linux in it: systems that play messages run it, on the path counted for the
machine's architecture. Half a round trip is one way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from microbench.errors import UsageError
from microbench.ipc.kernels import kernel_for, packaged_kernels
from microbench.ipc.players import Message
from microbench.reading import whole
from microbench.workloads.base import COUNTED, Metric, Part, Workload

WAYS = ("call", "reply")

KINDS = ("sync", "queued")
MOST_WORDS = 128
USAGE = "[--words N] [--same-space] [--kind sync|queued] [--kernel NAME] [--slow]"


@dataclass(unsafe_hash=True)
class LatIpc:
    """One kind of message.

    Attributes
    ----------
    words : int
        Message words of the machine, 0 to 128.
    same_space : bool
        Both threads in one address space.
    kind : str
        "sync": rendezvous of L4; "queued": ports, buffers and a scheduler.
    kernel : str
        Kernel by name; "" is the architecture's first.
    slow : bool
        The fast path is switched off.
    args : str
        The arguments in one order, defaults left out.
    """

    words: int = 0
    same_space: bool = False
    kind: str = "sync"
    kernel: str = ""
    slow: bool = False
    args: str = field(init=False)
    name: str = field(init=False, default="lat_ipc")

    def __post_init__(self) -> None:
        said = [
            f"--words {self.words}" if self.words else "",
            "--same-space" if self.same_space else "",
            f"--kind {self.kind}" if self.kind != "sync" else "",
            f"--kernel {self.kernel}" if self.kernel else "",
            "--slow" if self.slow else "",
        ]
        self.args = " ".join(text for text in said if text)

    @property
    def label(self) -> str:
        """What tells variants apart: the spaces, and what else was given."""
        rest = self.args.replace("--same-space", "").strip()
        return " ".join(filter(None, ("one space" if self.same_space else "two spaces", rest)))

    def parts(self) -> list[Part]:
        """The round trip, cut where the reply starts."""
        build = Message(self.words, self.same_space, self.slow)
        return [Part("round trip", build, counted=COUNTED, kind="message", ways=WAYS)]

    def metrics(self, cycles: Mapping[str, float], clock_hz: float) -> list[Metric]:
        """One way [cycles]: half of a round trip, and both halves."""
        ways = {"latency": (cycles["call"] + cycles["reply"]) / 2, **cycles}
        return [Metric(name, "cycles", "smaller", ways[name], ways[name]) for name in ways]

    def systems(self, architecture: str) -> tuple[str, ...]:
        """The system whose kernel the arguments name, or the architecture's first.

        Raises
        ------
        UsageError
            If nobody counted such a kernel for the architecture.
        """
        if self.kind == "queued":
            return ("mach",)
        return (kernel_for(architecture, self.kernel).system,)

    def on(self, system: str, architecture: str) -> LatIpc:
        """The same message on a system that was asked for, by its shortest name."""
        if system == "mach":
            return replace(self, kind="queued", kernel="", slow=False)
        plain = replace(self, kind="sync", kernel="")
        if any(architecture in k.architectures for k in packaged_kernels()) and plain.systems(
            architecture
        ) == (system,):
            return plain
        names = [k.name for k in packaged_kernels() if k.system == system]
        return replace(plain, kernel=names[0])


def parse(args: list[str]) -> list[Workload]:
    """Options in any order.

    Raises
    ------
    UsageError
        For an unknown option or a value that does not fit.
    """
    given: dict[str, object] = {}
    rest = list(args)
    while rest:
        option = rest.pop(0)
        option, equals, value = option.partition("=")
        if option in ("--same-space", "--slow") and not equals:
            given[option[2:].replace("-", "_")] = True
        elif option in ("--words", "--kind", "--kernel") and (equals or rest):
            given[option[2:]] = value if equals else rest.pop(0)
        else:
            raise UsageError(f"lat_ipc: {option!r} is not of {USAGE}")
    return [_checked(given)]


def _checked(given: Mapping[str, object]) -> LatIpc:
    words, kind = str(given.get("words", "0")), str(given.get("kind", "sync"))
    if whole(words, 0, MOST_WORDS) is None:
        raise UsageError(f"lat_ipc: --words {words!r} is not from 0 to {MOST_WORDS}")
    if kind not in KINDS:
        raise UsageError(f"lat_ipc: --kind {kind!r} is not one of {', '.join(KINDS)}")
    kernel, slow = str(given.get("kernel", "")), bool(given.get("slow"))
    if kind == "queued" and (kernel or slow):
        raise UsageError("lat_ipc: --kind queued has one kernel and no fast path to switch off")
    return LatIpc(int(words), bool(given.get("same_space")), kind, kernel, slow)
