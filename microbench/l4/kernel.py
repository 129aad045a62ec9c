"""The microkernel: one state, one way in.

Knows: which function serves which call, that only the running thread can call, and that
the machine is told when user mode is left and entered. Refuses to know: everything the
mechanisms do; cycles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from microbench.l4 import calls, control, faults
from microbench.l4.context import Context
from microbench.l4.domains import activate, boot_domains
from microbench.l4.events import NullSink, Sink, ref
from microbench.l4.ipc import ipc
from microbench.l4.model import (
    EXECUTE,
    NIL,
    Refused,
    Result,
    Space,
    State,
    Thread,
    ThreadState,
)
from microbench.l4.policy import NICTA_2006, Policy

Answer = int | tuple[int, ...] | None
HANDLERS: dict[type, Callable[[Context, Thread, Any], Answer]] = {
    calls.Ipc: ipc,
    calls.MapControl: control.map_control,
    calls.Unmap: control.unmap,
    calls.SpaceCreate: control.space_create,
    calls.SpaceDelete: control.space_delete,
    calls.SpaceSlot: control.space_slot,
    calls.ThreadCreate: control.thread_create,
    calls.ThreadDelete: control.thread_delete,
    calls.ThreadStart: control.thread_start,
    calls.ThreadStop: control.thread_stop,
    calls.ThreadModify: control.thread_modify,
    calls.Registers: control.registers,
    calls.ThreadSwitch: control.thread_switch,
    calls.IrqAttach: control.irq_attach,
    calls.PageFault: faults.page_fault,
    calls.Exception_: faults.exception,
}
MACHINE: dict[type, Callable[[Context, Any], None]] = {
    calls.Interrupt: faults.interrupt,
    calls.Tick: faults.timer,
}
ROOT_PRIORITY = 255
SYSCALL = 0  # exception number of a system call of the personality


def boot(frames: int, seed: int = 1) -> State:
    """A fresh kernel: a privileged root space that owns all frames, and its thread running.

    Parameters
    ----------
    frames : int
        4 KB frames of memory [pages].
    seed : int
        Seed of the only randomness there is, the choice of domain victims.
    """
    state = State(frames, root=1, domains=boot_domains(seed), next_tid=2, next_sid=2)
    state.spaces[1] = Space(1, True, 0)
    state.threads[1] = Thread(1, 1, ROOT_PRIORITY, NIL, NIL, ThreadState.READY)
    state.current = 1
    activate(state, state.spaces[1], NullSink())
    return state


class Kernel:
    """A microkernel over one `State`.

    Parameters
    ----------
    frames : int
        4 KB frames of memory [pages].
    sink : Sink, optional
        Who is told what the kernel did; nobody by default.
    policy : Policy, optional
        Which kernel generation it behaves like.
    seed : int, optional
        See `boot`.
    """

    def __init__(
        self, frames: int, sink: Sink | None = None, policy: Policy = NICTA_2006, seed: int = 1
    ) -> None:
        self.context = Context(boot(frames, seed), sink or NullSink(), policy)

    @property
    def state(self) -> State:
        """The whole state."""
        return self.context.state

    @property
    def current(self) -> int:
        """The running thread, or NIL while idle."""
        return self.state.current

    def result(self, tid: int) -> Result | None:
        """What the last IPC of a thread brought it.

        Raises
        ------
        Refused
            If there is no such thread.
        """
        return self.context.thread(tid).result

    def do(self, call: object) -> Answer:
        """Let the running thread make a call, or the machine raise an event.

        Raises
        ------
        Refused
            If the call is illegal; the state is unchanged, and nothing was reported.
        """
        state, sink = self.context.state, self.context.sink
        before = sink.position()
        sink.trap(self.trap_of(call), ref("tcb", state.current))
        try:
            answer = self._serve(call)
        except Refused:
            sink.forget(before)
            raise
        if state.current != NIL:
            sink.trap_return(ref("tcb", state.current))
        return answer

    def _serve(self, call: object) -> Answer:
        if type(call) in MACHINE:
            MACHINE[type(call)](self.context, call)
            return None
        handler = HANDLERS.get(type(call))
        if handler is None:
            raise Refused(f"not a call: {call!r}")
        return handler(self.context, self.context.current(), call)

    def trap_of(self, call: object) -> str:
        """How user mode is left for this call."""
        if isinstance(call, calls.PageFault):
            return "prefetch_abort" if call.access == EXECUTE else "data_abort"
        if isinstance(call, calls.Exception_):
            return "swi" if call.number == SYSCALL else "undefined"
        return "irq" if type(call) in MACHINE else self.context.policy.ipc_trap
