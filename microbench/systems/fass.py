"""Native Linux with the domain patches: spaces kept apart by relocation, switched by a tag.

The table of domains is the microkernel's own: both systems lend and recycle by one rule.
"""

from __future__ import annotations

from microbench.l4.domains import activate, boot_domains, release
from microbench.l4.events import NullSink, Ref
from microbench.l4.model import Space, State
from microbench.linux.process import Process
from microbench.systems.l4_sink import emit_recycle
from microbench.systems.native import Native
from microbench.trace import Recorder, ops

SLOT_BYTES = 32 << 20
_SEED = 1


class _Switches(NullSink):
    """What a switch asks of the machine: two registers, and flushes when a domain is taken."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def recycle(self, domain: int, flush_caches: bool) -> None:
        """A domain changed hands."""
        emit_recycle(self._recorder, flush_caches)

    def switch(self, space: Ref, tagged: bool) -> None:
        """Another space runs."""
        with self._recorder.place("switch"):
            self._recorder.emit(ops.SWITCH, space.number, ops.TAGGED)


class NativeFass(Native):
    """Each process in its own 32 MB slot of one page table; fifteen of them own a domain."""

    name = "native-fass"
    slot_bytes = SLOT_BYTES

    def __init__(self) -> None:
        super().__init__()
        self._domains = State(frames=0, root=0, domains=boot_domains(_SEED))
        self._switches = _Switches(self.recorder)

    def user_address(self, process: Process, va: int) -> int:
        """The address relocated to the process's slot."""
        return va + process.space * SLOT_BYTES

    def switch(self, previous: Process, following: Process) -> None:
        """Run in the other space; without a domain it takes one, maybe somebody's."""
        self._run(following.space)

    def replace_space(self, process: Process) -> None:
        """Install a new space: a switch like any other."""
        self.new_space(process)
        self._run(process.space)

    def flush_mm(self, process: Process) -> None:
        """Everything: no domain but the current one has lines left."""
        super().flush_mm(process)
        domains = self._domains.domains
        domains.dirty &= {domains.current}

    def close_space(self, process: Process, space: int) -> None:
        """The domain of a space that goes is free again."""
        gone = self._domains.spaces.pop(space, None)
        if gone is not None:
            release(self._domains, gone)

    def _run(self, number: int) -> None:
        known = self._domains.spaces.setdefault(number, Space(number, False, number))
        activate(self._domains, known, self._switches)
