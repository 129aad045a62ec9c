"""What is left of a process that exited, and who clears it away.

Its page directory goes when the processor has switched away from it; its task, stack and
number go when its parent waits for it. The memory of a task is reused by the next one.
"""

from __future__ import annotations

from microbench.linux import credit
from microbench.linux.kernel import Linux
from microbench.linux.process import HEAP_BYTES, STACK_BYTES, TASK_BYTES, Process
from microbench.trace import Region


def kernel_memory(linux: Linux) -> dict[str, Region]:
    """Stack, task and heap of a process: those of the last one reaped, or fresh ones."""
    if linux.reaped:
        return linux.reaped.pop()
    host = linux.host
    return {
        "stack": host.kernel_memory("stack", STACK_BYTES, align=STACK_BYTES),
        "task": host.kernel_memory("task", TASK_BYTES),
        "process": host.kernel_memory("process", HEAP_BYTES),
    }


def finish_switch(linux: Linux, process: Process) -> None:
    """After a switch: drop the directories of spaces nobody uses any more."""
    while linux.memory.leaving:
        mm = linux.memory.leaving.pop()
        with linux.host.recorder.place("exit"):
            linux.memory.path("mm_drop", process)
            linux.memory.close(process, mm)


def release(linux: Linux, process: Process) -> None:
    """Give the memory of a reaped process back, and charge its parent for what it computed."""
    assert process.parent is not None
    credit.exited(process, process.parent)
    linux.reaped.append(process.kernel_regions)
    linux.host.forget(process)
