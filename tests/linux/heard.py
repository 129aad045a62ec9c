"""A bare machine that writes down what the kernel asks of it, so that a test reads the order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from microbench.linux.kernel import Linux
from microbench.linux.pagetable import AddressSpace
from microbench.linux.process import Process, Program
from microbench.linux.vma import Vma
from microbench.systems.native import Native

ASKED = (
    "clear_page", "copy_page", "zero", "copy", "clean", "flush_mm", "flush_page", "flush_range",
    "flush_kernel_page", "flush_entry", "flush_entry_range", "flush_entries", "set_entry",
    "copy_in", "copy_out", "fault_enter", "fault_leave", "close_space", "replace_space", "switch",
)  # fmt: skip
"""Beside the paths."""


class Heard(Native):
    """Native, with a log of paths by name and of the other requests."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[str] = []

    def path(self, name: str, process: Process, **roles: Any) -> None:
        """Run a kernel path, and write it down."""
        self.log.append(name)
        super().path(name, process, **roles)

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in ASKED:
            return found
        log: list[str] = super().__getattribute__("log")

        def asked(*words: Any, **more: Any) -> Any:
            log.append(f"{name}()")
            return found(*words, **more)

        return asked


Step = Callable[[Linux, Process], Program]
BSS = 0x100


def heard(*steps: Step) -> list[list[str]]:
    """What each step of one program asked for; four zero-filled pages lie at `BSS`."""
    host = Heard()
    linux, found = Linux(host), []

    def program(linux: Linux, process: Process) -> Program:
        process.mm = AddressSpace(process.space)
        process.mm.heap_end = 0x200
        process.mm.add(Vma(BSS, 4, linux.memory.vma_region(), name="bss"))
        for step in steps:
            host.log.clear()
            yield from step(linux, process)
            found.append(list(host.log))

    linux.spawn("one", program)
    linux.run()
    return found
