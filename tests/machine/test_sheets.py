"""One sheet for both halves of a machine: parts, inheritance, changes and limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from microbench.datafiles import data_dir
from microbench.errors import InputError, UsageError
from microbench.machine.load import load_machine, machine_names, read_machine, sheet_names
from microbench.run.setup import prepare
from microbench.smp.machine import load_machine as load_many

MANY = (data_dir() / "machines" / "numachine.toml").read_text(encoding="utf-8")
PART = MANY[MANY.index("[smp]") :]


@pytest.fixture
def both(tmp_path: Path) -> str:
    """A machine like the K8 with a part for many CPUs."""
    path = tmp_path / "both.toml"
    path.write_text(f'name = "both"\ntitle = "t"\nlike = "k8"\n\n{PART}', encoding="utf-8")
    return str(path)


def test_every_packaged_sheet_has_a_part() -> None:
    assert sorted({*machine_names(), *machine_names(many=True)}) == sheet_names()


def test_one_file_serves_both_halves(both: str) -> None:
    one, many = prepare(both).spec, load_many(both)
    assert one.value("l1d.ways") == load_machine("k8").value("l1d.ways")
    assert many.count("topology.cpus") == 16
    assert many.clock_hz == one.value("core.clock_hz")
    assert many.digest == one.hash


def test_idle_states_are_numbers_like_all_others() -> None:
    plain, changed = load_many("icelake128"), load_many("icelake128", ["idle.2.leave=7"])
    assert [leave.value for _, leave in plain.idle] == [1, 4, 170]
    assert [leave.value for _, leave in changed.idle] == [1, 7, 170]
    assert plain.digest != changed.digest


def test_a_change_keeps_the_unit_of_the_file() -> None:
    assert load_many("altix512", ["line.other=500"]).cost("line.other") == 750
    assert load_many("altix512", ["smp.line.hit=5"]).cost("line.hit") == 5


def test_a_unit_is_part_of_the_hash() -> None:
    spec = load_machine("altix512", many=True)
    key = "smp.line.other"
    other = spec.with_({key: load_machine("opteron48", many=True).numbers[key]})
    same = other.with_({key: str(spec.value(key))})
    assert same.value(key) == spec.value(key)
    assert same.hash != spec.hash


def test_a_part_must_be_whole(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(MANY.replace("[smp.page]", "[smp.pages]", 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"smp\.pages"):
        read_machine(path)
    path.write_text(MANY[: MANY.index("[smp.page]")], encoding="utf-8")
    with pytest.raises(InputError, match=r"smp\.page\.lines"):
        read_machine(path)
    path.write_text('name = "m"\ntitle = "t"\n', encoding="utf-8")
    with pytest.raises(InputError, match="missing"):
        read_machine(path)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("core.instruction_cycles=1e14", r"core\.instruction_cycles = .*0\.01 to 10000"),
        ("core.instruction_cycles=0", r"0\.01"),
        ("core.branch_miss_cycles=9e15", "1e"),
        ("core.clock_hz=9e15", "1e"),
        ("core.btb_entries=1e15", "1048576|1.04858e"),
        ("sdram.banks=1e15", "65536"),
        ("sdram.banks=0", "1 to"),
        ("l1d.line_bytes=7", "8 to 512"),
        ("trap.fault_cycles=-1", "0 to"),
        ("write_queue.entries=1.5", "whole"),
        ("nothing=1", "unknown key"),
        ("tlb.tag=colour", "one of"),
    ],
)
def test_a_number_beyond_its_limit_is_refused_with_key_value_and_limit(
    setting: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        load_machine("pxa255", [setting])


def test_a_cache_of_too_many_lines_is_refused_and_the_largest_one_is_not() -> None:
    sizes = ["l1d.line_bytes=8", "l1d.dirty_bytes=8", "l1d.ways=1"]
    assert load_machine("pxa255", [*sizes, "l1d.size_bytes=1m"]).value("l1d.size_bytes") == 2**20
    with pytest.raises(InputError, match=r"l1d\.size_bytes .* at most 131072"):
        load_machine("pxa255", [*sizes, "l1d.size_bytes=2m"])


def test_a_machine_without_the_wanted_part_is_a_mistake_of_the_call() -> None:
    with pytest.raises(UsageError, match="one CPU"):
        load_machine("numachine")
    with pytest.raises(UsageError, match="many CPUs"):
        load_machine("k8", many=True)
