"""A fault in the kernel's own code: the process dies, and what it held stays held.

In the context of an interrupt there is no process to kill, and the kernel panics.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Oops(BaseException):
    """Kernel code trapped on behalf of a process."""


class Wedged(BaseException):
    """A process waits for a lock whose holder is dead: for ever."""


class Locks:
    """Semaphores of directories and inodes.

    Who waits for whom among the living is left out: one process works on the files under test.

    Attributes
    ----------
    dead : set of str
        Those whose holder died with them.
    """

    def __init__(self) -> None:
        self.dead: set[str] = set()

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Hold one for a while.

        Raises
        ------
        Wedged
            If its holder died.
        """
        if name in self.dead:
            raise Wedged(name)
        try:
            yield
        except Oops:
            self.dead.add(name)
            raise
