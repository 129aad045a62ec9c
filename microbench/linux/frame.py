"""One physical page: where it is, and how much refers to it. Who gives it out, it knows not."""

from __future__ import annotations

from dataclasses import dataclass

from microbench.trace import Region


@dataclass(eq=False)
class Frame:
    """One physical page.

    Attributes
    ----------
    number : int
        Physical page number.
    index : int
        Count of the frames made before it.
    descriptor : Region
        The kernel's record of it.
    memory : Region
        The kernel's view of the page itself.
    users : int
        Entries, the page cache and the kernel, as far as they refer to it.
    """

    number: int
    index: int
    descriptor: Region
    memory: Region
    users: int = 0
