"""IPC on the functional L4: what arrives, which path runs, and what must be refilled."""

from __future__ import annotations

import numpy as np
import pytest

from microbench.errors import InputError, UsageError
from microbench.ipc.kernels import (
    IpcKernel,
    kernel_for,
    packaged_kernels,
    read_kernel,
    without_space_write,
)
from microbench.ipc.synchronous import RawIpc
from microbench.run.ipc import explained, measured
from microbench.run.setup import Setup, prepare
from microbench.trace import Trace, ops
from microbench.workloads.lat_ipc import LatIpc

COUNTED = [
    # architecture, kernel instructions within one space, between two (IPC-PATHS 2.1)
    ("i686", 64, 65),
    ("i586", 60, 61),
    ("x86-64", 65, 66),
    ("mips64", 94, 94),
    ("ia64", 26, 26),
    ("armv5", 90, 103),
    ("ppc32", 91, 115),
    ("armv7", 147, 147),
    ("armv8", 188, 188),
    ("riscv64", 228, 228),
]


def setup(machine: str, *settings: str) -> Setup:
    return prepare(machine, settings)


def instructions(trace: Trace, place: str) -> int:
    """Instructions of all paths at a place, in one round trip."""
    first = trace.marks[-2]
    number = trace.places.index(place)
    rows = trace.operations[first:]
    total = 0
    for template in rows[(rows[:, 0] == ops.PATH) & (rows[:, 4] == number), 1]:
        start, end, _ = trace.templates[template]
        refs = trace.refs[start:end]
        total += int(refs[refs[:, 0] == ops.FETCH, 3].sum())
    return total


def switches(trace: Trace) -> int:
    return int(np.count_nonzero(trace.operations[trace.marks[-2] :, 0] == ops.SWITCH))


@pytest.mark.parametrize(("architecture", "one", "two"), COUNTED)
def test_the_trace_has_the_counted_instructions(architecture: str, one: int, two: int) -> None:
    for same, count in ((True, one), (False, two)):
        trace = RawIpc(kernel_for(architecture), same).run(0, 3)
        assert instructions(trace, "call: kernel") == count
        assert switches(trace) == (0 if same else 2)


def test_messages_arrive_in_order_and_whole() -> None:
    system = RawIpc(kernel_for("x86-64"))
    system.run(5, 3)
    assert [m.label for m in system.received] == [0, 0, 1, 1, 2, 2]
    assert all(m.words == (0, 1, 2, 3, 4) for m in system.received)


@pytest.mark.parametrize(("kernel", "words", "path", "copied"), [
    (("x86-64", "pistachio"), 7, "ipc_fast_call_inter", 0),
    (("x86-64", "pistachio"), 8, "ipc_fast_call_inter", 1),
    (("x86-64", "sel4"), 120, "ipc_slow", 120),
    (("x86-64", "sel4"), 4, "ipc_fast_call_inter", 0),
    (("x86-64", "sel4"), 5, "ipc_slow", 5),
])  # fmt: skip
def test_words_choose_path_and_copy(
    kernel: tuple[str, str], words: int, path: str, copied: int
) -> None:
    system = RawIpc(kernel_for(*kernel))
    trace = system.run(words, 2)
    assert system.sink.paths[0] == path
    rows = trace.operations[trace.operations[:, 0] == ops.LOOP]
    assert {int(trace.loops[r, 2]) for r in rows[:, 1]} == ({copied} if copied else set())


@pytest.mark.parametrize(("name", "most"), [("pistachio", 63), ("sel4", 120)])
def test_a_message_has_an_end(name: str, most: int) -> None:
    kernel = kernel_for("x86-64", name)
    RawIpc(kernel).run(most, 1)
    with pytest.raises(UsageError, match=f"{most} words, not {most + 1}"):
        RawIpc(kernel).run(most + 1, 1)


def test_slow_is_dearer_and_takes_the_general_paths() -> None:
    system = RawIpc(kernel_for("i686"), slow=True)
    system.run(0, 2)
    assert {"ipc_slow", "ipc_transfer", "thread_switch"} <= set(system.sink.paths)
    fast = measured(LatIpc(), setup("pentium3")).cycles
    assert measured(LatIpc(slow=True), setup("pentium3")).cycles > 1.5 * fast


@pytest.mark.parametrize(("machine", "pages"), [("pentium3", 6), ("k8", 4)])
def test_untagged_machines_refill_the_pages_of_the_other_side(machine: str, pages: int) -> None:
    found = explained(LatIpc(), setup(machine))
    walks = {
        name: (m.ledger.count("i_walks") + m.ledger.count("d_walks")) / m.counted / 2
        for name, m in found.items()
    }
    assert walks == {"one space": 0, "two spaces": pages}


def test_without_global_pages_the_kernels_own_refill_too() -> None:
    two = explained(LatIpc(), setup("pentium3", "tlb.global_pages=no"))["two spaces"]
    assert (two.ledger.count("i_walks") + two.ledger.count("d_walks")) / two.counted / 2 > 9


@pytest.mark.parametrize("machine", ["pentium3", "k8", "pentium"])
def test_tags_remove_the_refills_and_leave_the_register_write(machine: str) -> None:
    found = explained(LatIpc(), setup(machine, "tlb.tag=asid"))
    assert all(m.ledger.by_cause()["tlb"] == 0 for m in found.values())
    one, two = (m.ledger.by_cause() for m in found.values())
    register = setup(machine).spec.value("special.space_register_cycles")
    round_trips = found["one space"].counted
    assert two["control"] - one["control"] == pytest.approx(2 * register * round_trips)
    plain = explained(LatIpc(), setup(machine))["two spaces"]
    assert plain.ledger.by_cause()["tlb"] > 0


@pytest.mark.parametrize("machine", ["itanium2", "r4700", "cortex-a53", "cortex-a9"])
def test_where_the_register_is_always_written_nothing_differs(machine: str) -> None:
    one, two = explained(LatIpc(), setup(machine)).values()
    assert one.ledger.by_cause() == two.ledger.by_cause()


def test_xscale_differs_by_bookkeeping_alone() -> None:
    one, two = (m.ledger.by_cause() for m in explained(LatIpc(), setup("pxa255")).values())
    assert {name for name in one if one[name] != two[name]} == {"instructions"}


def test_the_flush_filter_leaves_the_register_write() -> None:
    one, two = (m.ledger.by_cause() for m in explained(LatIpc(), setup("k8-filter")).values())
    assert two["tlb"] == one["tlb"] == 0
    assert two["control"] > one["control"]


def test_isolation_makes_both_cases_write_at_entry_and_exit() -> None:
    workload = LatIpc(kernel="sel4")
    one, two = explained(workload, setup("skylake-pti")).values()
    assert one.cycles == two.cycles
    plain = explained(workload, setup("skylake"))["two spaces"]
    assert two.cycles > plain.cycles


@pytest.mark.parametrize("machine", ["pentium3", "k8", "itanium2", "r4700", "pxa255", "u54"])
def test_round_trips_repeat_exactly(machine: str) -> None:
    assert measured(LatIpc(), setup(machine)).spread == 0


def test_low_middle_high_are_in_order() -> None:
    for machine in ("pentium3", "skylake", "pxa255"):
        found = [measured(LatIpc(), setup(machine), x).cycles for x in ("low", "value", "high")]
        assert found == sorted(found)
        assert found[0] < found[2]


def test_kernels_by_name() -> None:
    assert kernel_for("x86-64").name == "pistachio"
    assert kernel_for("x86-64", "sel4").name == "sel4"
    with pytest.raises(UsageError, match="there is pistachio"):
        kernel_for("mips64", "sel4")
    with pytest.raises(UsageError, match="no architecture"):
        kernel_for("")


def kernel_text(kernel: IpcKernel) -> str:
    with open(kernel.file, encoding="utf-8") as file:
        return file.read()


@pytest.mark.parametrize(("old", "new", "says"), [
    ('entry = "syscall"', 'entry = "door"', "kernel.entry"),
    ("[kernel]", "[kernels]", "kernels"),
    ('architectures = ["mips64"]', "architectures = 3", "kernel.architectures"),
    ('name = "pistachio"', 'nome = "pistachio"', "nome"),
    ("low_instructions = 10", "low_instructions = 1", "code lines"),
    ('unit = "words"', 'unit = "miles"', "wrong unit"),
])  # fmt: skip
def test_damage_is_one_line(tmp_path, old: str, new: str, says: str) -> None:
    text = kernel_text(kernel_for("mips64"))
    assert old in text
    path = tmp_path / "ipc-x.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=says) as caught:
        read_kernel(path)
    assert "\n" not in str(caught.value)


def test_a_path_that_is_missing_is_said(tmp_path) -> None:
    text = kernel_text(kernel_for("mips64")).replace("[path.ipc_fast]", "[path.other]")
    path = tmp_path / "ipc-x.toml"
    path.write_text(text)
    with pytest.raises(InputError, match="ipc_fast_call_inter"):
        RawIpc(read_kernel(path)).run(0, 1)


def test_every_kernel_has_a_source_for_every_path() -> None:
    for kernel in packaged_kernels():
        assert all(shape.source for shape in kernel.shapes.values())


def test_dropping_the_register_write_drops_nothing_else() -> None:
    shape = kernel_for("i686").shapes["ipc_fast_inter"]
    kept = without_space_write(shape)
    assert len(kept.coprocessor) == len(shape.coprocessor) - 1
    assert kept.instructions == shape.instructions
