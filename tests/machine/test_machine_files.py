"""The packaged machines: complete, every doubt with a range, every source in the list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.ipc.kernels import packaged_kernels
from microbench.machine.bounds import COSTS, at_level, doubts, doubts_text, of_one_cpu
from microbench.machine.load import load_machine, machine_names, read_machine

NAMES = machine_names()
WANTED = {
    *("pentium3", "pentium", "k8", "itanium2", "r4700", "pxa255", "sa1100", "skylake"),
    *("skylake-pti", "cortex-a9", "cortex-a53", "cortex-a57", "cortex-a72", "u54"),
}


def keys_of_sources() -> set[str]:
    text = (data_dir() / "SOURCES.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| (\S+) \|", text, re.MULTILINE))


def first_word(source: str) -> str:
    return re.split("[ ;,]", source)[0]


def test_the_machines_there_must_be() -> None:
    assert set(NAMES) >= WANTED


@pytest.mark.parametrize("name", NAMES)
def test_a_machine_says_its_architecture_and_there_is_a_kernel_for_it(name: str) -> None:
    spec = load_machine(name)
    assert any(spec.words["architecture"] in k.architectures for k in packaged_kernels())


@pytest.mark.parametrize("name", NAMES)
def test_every_estimated_cost_has_a_range(name: str) -> None:
    for key, number in load_machine(name).numbers.items():
        if number.certainty == "estimate" and number.unit in COSTS:
            assert number.low < number.high, key


@pytest.mark.parametrize("name", NAMES)
def test_every_source_is_in_the_list(name: str) -> None:
    known = keys_of_sources()
    for key, number in load_machine(name).numbers.items():
        assert first_word(number.source) in known, f"{key}: {number.source}"


def test_every_source_of_an_ipc_path_is_in_the_list() -> None:
    known = keys_of_sources()
    for kernel in packaged_kernels():
        for shape in kernel.shapes.values():
            assert first_word(shape.source) in known, f"{kernel.file} {shape.name}"


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_a_page(name: str) -> None:
    text = (data_dir() / "machines" / f"{name}.toml").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150


def test_levels_move_costs_and_nothing_else() -> None:
    spec = load_machine("pentium3")
    low, high = at_level(spec, "low"), at_level(spec, "high")
    assert at_level(spec, "value") is spec
    key = "special.space_register_cycles"
    assert low.value(key) < spec.value(key) < high.value(key)
    for same in ("core.clock_hz", "l1d.size_bytes", "dtlb.entries"):
        assert low.value(same) == spec.value(same) == high.value(same)


def test_doubts_are_named_and_counted() -> None:
    spec = load_machine("pentium3")
    found = doubts(spec)
    assert "tlb.walk_cycles" in found["estimate"]
    assert "core.btb_entries" in found["recall"]
    text = doubts_text(spec)
    assert "tlb.walk_cycles" in text
    assert f"{len(found['estimate'])} are estimates" in text


def test_doubts_of_one_cpu_are_not_those_of_many_and_say_how_to_ask(tmp_path: Path) -> None:
    many = (data_dir() / "machines" / "numachine.toml").read_text(encoding="utf-8")
    path = tmp_path / "both.toml"
    head = 'name = "both"\ntitle = "t"\nlike = "skylake"\n'
    path.write_text(head + many[many.index("[smp]") :])
    both = load_machine(str(path))
    assert "smp.line.other" in doubts_text(both)
    text, plain = doubts_text(of_one_cpu(both)), doubts_text(load_machine("skylake"))
    assert text == plain.replace("skylake:", "both:").replace("machine skylake", f"machine {path}")
    assert "show machine skylake`" in plain


def test_a_machine_like_another_states_only_what_differs() -> None:
    plain, isolated = load_machine("skylake"), load_machine("skylake-pti")
    assert plain.numbers == isolated.numbers
    changed = {k for k in plain.words if plain.words[k] != isolated.words[k]}
    assert changed == {"kernel_isolation", "kernel_variant"}
    assert plain.hash != isolated.hash


@pytest.mark.parametrize("like", ['"nowhere"', '"mine"', "3"])
def test_a_bad_model_is_one_line(tmp_path: Path, like: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'name = "mine"\ntitle = "t"\nlike = {like}\n')
    with pytest.raises(InputError, match="like") as caught:
        read_machine(path)
    assert str(path) in str(caught.value)


def test_a_machine_may_not_be_like_itself_in_a_circle() -> None:
    path = data_dir() / "machines" / "haswell-pti.toml"
    with pytest.raises(InputError, match="in turn"):
        read_machine(path, ("haswell",))
