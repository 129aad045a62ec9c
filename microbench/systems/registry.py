"""The systems by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from microbench.errors import UsageError
from microbench.linux.host import Host
from microbench.systems.fass import NativeFass
from microbench.systems.l4 import L4Linux
from microbench.systems.native import Native

SYSTEMS: dict[str, Callable[[], Host]] = {
    "native": Native,
    "native-fass": NativeFass,
    "l4": L4Linux,
}
SUMMARIES = {
    "native": "Linux on the bare machine; a switch does what the machine demands",
    "native-fass": "Linux with the domain patches: relocated spaces, tagged switch, no L4",
    "l4": "Linux as a server on L4; a system call is an exception IPC and its reply",
}


def check_systems(names: Iterable[str]) -> list[str]:
    """The names, in the order given, without repeats.

    Raises
    ------
    UsageError
        For an unknown system.
    """
    found = list(dict.fromkeys(names))
    for name in found:
        if name not in SYSTEMS:
            raise UsageError(f"no system {name!r}; there are {', '.join(SYSTEMS)}")
    return found
