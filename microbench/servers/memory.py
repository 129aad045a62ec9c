"""What frames hold: bytes that a task sees where the microkernel has mapped them."""

from __future__ import annotations

from collections.abc import Iterable

from microbench.l4.mapdb import lookup
from microbench.l4.model import Place, State
from microbench.servers.tasks import PAGE


class Memory:
    """The contents of all frames that were ever touched.

    Parameters
    ----------
    state : State
        Of the microkernel, which knows who has which frame where.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._frames: dict[int, bytearray] = {}

    def _parts(self, tid: int, address: int, size: int) -> Iterable[tuple[bytearray, int, int]]:
        """The frames of a range: memory, where in it, how much."""
        space, done = self._state.threads[tid].space, 0
        while done < size:
            page, inside = divmod(address + done, PAGE)
            mapping = lookup(self._state, Place(space, page))
            assert mapping is not None
            frame = self._frames.get(mapping.frame)
            if frame is None:
                frame = self._frames[mapping.frame] = bytearray(PAGE)
            part = min(PAGE - inside, size - done)
            yield frame, inside, part
            done += part

    def peek(self, tid: int, address: int, size: int) -> bytes:
        """Bytes a task sees, all of them mapped."""
        return b"".join(bytes(f[at : at + n]) for f, at, n in self._parts(tid, address, size))

    def poke(self, tid: int, address: int, data: bytes) -> None:
        """Change bytes a task sees, all of them mapped."""
        done = 0
        for frame, at, size in self._parts(tid, address, len(data)):
            frame[at : at + size] = data[done : done + size]
            done += size

    def forget(self, frames: Iterable[int]) -> None:
        """Frames that are free again hold zeros."""
        for frame in frames:
            self._frames.pop(frame, None)
