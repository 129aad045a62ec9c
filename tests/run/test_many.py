"""Local work of operations on many CPUs: priced where a core is described, typed elsewhere."""

import pytest

from microbench.errors import UsageError
from microbench.run.many import part_cycles, worked
from microbench.smp.machine import load_machine
from microbench.smp.operation import load_operation, operation_names, system_names


def test_a_recorded_part_costs_what_the_core_makes_of_its_path():
    machine = load_machine("icelake128")
    op, typed = (
        f("anonfault", "linux-5.8", *m) for f, m in ((worked, [machine]), (load_operation, []))
    )
    assert typed.recorded["find"] == "fault_anon_write_first_touch/fault_common"
    assert op.parts["find"].source.startswith("recorded fault_anon")
    assert op.parts["find"].value != typed.parts["find"].value
    assert op.parts["find"].low <= op.parts["find"].value <= op.parts["find"].high
    assert op.parts["return"] == typed.parts["return"]
    assert op.digest != typed.digest


def test_a_machine_without_a_core_keeps_the_typed_numbers():
    machine = load_machine("numachine")
    assert worked("fstat", "linux-2.4", machine) == load_operation("fstat", "linux-2.4")


def test_other_systems_than_linux_name_no_recorded_path():
    for operation, system in (("open", "sv6-any"), ("map", "radixvm"), ("fault", "tornado")):
        op = worked(operation, system, load_machine("e7-8870"))
        assert not any(part.source.startswith("recorded") for part in op.parts.values())


def test_every_packaged_path_was_recorded():
    machine = load_machine("e7-8870")
    for name in operation_names():
        for system in system_names(name):
            op = worked(name, system, machine)
            assert all(op.parts[part].source.startswith("recorded") for part in op.recorded)


def test_sub_paths_add_up():
    one, two = (part_cycles(f"open/{name}", "zen3", 3e9) for name in ("path_walk", "usercopy"))
    both = part_cycles("open/path_walk+open/usercopy", "zen3", 3e9)
    assert both.value == pytest.approx(one.value + two.value, abs=1)


def test_a_hold_is_what_runs_between_taking_and_freeing_a_lock():
    hold, whole = (
        part_cycles(p, "skylake", 3e9).value for p in ("hold open/alloc_fd", "open/open_close")
    )
    assert 0 < hold < whole / 4


def test_a_hold_that_is_a_part_of_its_own_is_taken_off():
    words = ("open/open_close", "hold open/alloc_fd", "open/open_close - hold open/alloc_fd")
    whole, hold, rest = (part_cycles(word, "skylake", 3e9).value for word in words)
    assert abs(whole - hold - rest) <= 1


@pytest.mark.parametrize("path", ["open/dance", "dance/open", "hold open/dance", "hold dance/open"])
def test_a_path_that_was_not_recorded_is_refused_by_name(path):
    with pytest.raises(UsageError, match="dance"):
        part_cycles(path, "skylake", 3e9)


def test_a_big_lock_is_held_for_a_way_without_what_the_processor_does_at_its_edges():
    machine = load_machine("icelake128")
    inside, edge = (
        part_cycles(f"{word} fault_other_as/fault", "skylake", 2.6e9)
        for word in ("sel4", "entry sel4")
    )
    assert edge.value == 440 + 75  # a page fault's gate, and SYSRET to the pager
    op = worked("fault", "big-lock", machine)
    assert op.parts["fault_ipc"].value == inside.value
    assert op.parts["trap"].value == edge.value
    assert "pager" not in op.recorded


@pytest.mark.parametrize("path", ["sel4 dance/call", "sel4 map/dance", "entry sel4 dance/call"])
def test_a_way_that_was_not_recorded_is_refused_by_name(path):
    with pytest.raises(UsageError, match="dance"):
        part_cycles(path, "skylake", 3e9)
