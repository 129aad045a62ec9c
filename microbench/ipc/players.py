"""The players of messages: two threads on a microkernel, or on Mach's ports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from microbench.errors import UsageError
from microbench.ipc.kernels import kernel_for, named_kernel
from microbench.ipc.queued import QueuedIpc
from microbench.ipc.synchronous import RawIpc
from microbench.trace import Trace


@dataclass(frozen=True)
class Message:
    """What is sent each way.

    Attributes
    ----------
    words : int
        Message words.
    same_space : bool
        Both threads in one address space.
    slow : bool
        The fast path is switched off.
    """

    words: int = 0
    same_space: bool = False
    slow: bool = False


class Exchange(Protocol):
    """What these players read of a part."""

    build: Any

    @property
    def iterations(self) -> int:
        """How many round trips."""


def play_messages(part: Exchange, stage: Mapping[str, Any], kernel: str) -> Trace:
    """Synchronous IPC on the kernel of that name for the machine's architecture.

    Raises
    ------
    UsageError
        If the machine does not say its architecture, or nobody counted the kernel for it.
    """
    if not stage["architecture"]:
        raise UsageError("architecture: missing in the machine; an IPC path is written for one")
    found = kernel_for(stage["architecture"], kernel)
    sent: Message = part.build
    raw = RawIpc(found, sent.same_space, sent.slow, stage["isolated"], stage["level"])
    return raw.run(sent.words, part.iterations)


def play_queued(part: Exchange, stage: Mapping[str, Any]) -> Trace:
    """Queued IPC, whose counts serve every architecture."""
    sent: Message = part.build
    system = QueuedIpc(named_kernel("mach"), sent.same_space, stage["isolated"], stage["level"])
    return system.run(sent.words, part.iterations)
