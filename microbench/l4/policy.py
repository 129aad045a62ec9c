"""What differs between the L4 kernels of the time, as one record per kernel.

Knows: which conditions the assembler paths test and where the dispatcher decides, as read
in the sources named in `data/kernels/l4-pxa255.toml`. Refuses to know: what either costs.
"""

from __future__ import annotations

from dataclasses import dataclass

from microbench.errors import UsageError

MESSAGE_REGISTERS = 63


@dataclass(frozen=True)
class Policy:
    """The switches between kernel generations.

    Attributes
    ----------
    name : str
        Variant name, the same as in the path file.
    ipc_trap : str
        How an IPC enters: by a prefetch abort at a magic address, or by `swi`.
    fast_words : int
        Most message words the fast path takes (registers, then its copy loop).
    register_words : int
        Words that travel in registers, without the copy loop.
    priority_test : bool
        Fast path only if the receiver is at least as urgent as every ready thread; else
        the receiver of a call runs at once, whatever its priority (donation).
    closed_wait : bool
        Fast path also for a reply followed by a receive from a third thread that is not
        itself sending; else only for a call or an open wait.
    exception_fast : bool
        Exceptions and replies to faulted threads have assembler paths.
    skips_same_space : bool
        Within one space the fast path leaves out the domain bookkeeping.
    message_registers : int
        Registers of a message behind its tag: words, and two for each typed item.
    """

    name: str
    ipc_trap: str
    fast_words: int
    register_words: int
    priority_test: bool
    closed_wait: bool
    exception_fast: bool
    skips_same_space: bool
    message_registers: int = MESSAGE_REGISTERS


PISTACHIO_2004 = Policy("pistachio-2004", "prefetch_abort", 63, 4, False, True, False, True)
OKL4_2007 = Policy("okl4-2007", "swi", 31, 5, True, False, True, False)
NICTA_2006 = Policy("nicta-2006", "prefetch_abort", 63, 4, False, True, True, True)
POLICIES = {p.name: p for p in (PISTACHIO_2004, NICTA_2006, OKL4_2007)}


def policy(name: str) -> Policy:
    """The policy of a kernel variant.

    Raises
    ------
    UsageError
        If there is no such variant.
    """
    if name not in POLICIES:
        raise UsageError(f"unknown L4 variant {name!r}; there are: {', '.join(POLICIES)}")
    return POLICIES[name]
