"""The path file: whole, sourced, and able to name whatever the kernel reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from microbench.datafiles import data_dir
from microbench.errors import InputError, UsageError
from microbench.l4.policy import POLICIES, policy
from microbench.trace.shapes import read_file
from tests.l4.test_random import programs

FILE = data_dir() / "kernels" / "l4-pxa255.toml"


def damaged(tmp_path: Path, old: str, new: str) -> Path:
    text = FILE.read_text()
    assert old in text
    copy = tmp_path / "l4.toml"
    copy.write_text(text.replace(old, new, 1))
    return copy


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_every_path_the_kernel_reports_has_a_shape_whose_roles_it_names(name: str) -> None:
    shapes = read_file(FILE, name)
    for event in programs(name)[1]:
        if event.kind == "path":
            shape = shapes.paths[str(event.detail["name"])]
            assert set(shape.objects) - set(shape.once) <= set(event.detail["objects"])  # type: ignore[call-overload]


def test_the_default_variant_is_one_the_kernel_can_be() -> None:
    assert policy(read_file(FILE).variant).name == "nicta-2006"


def test_variants_differ_where_the_sources_do() -> None:
    old, new = read_file(FILE, "pistachio-2004"), read_file(FILE, "okl4-2007")
    gap = "ipc_fast_call_inter", "ipc_fast_call_intra"
    assert old.paths[gap[0]].instructions - old.paths[gap[1]].instructions == 13
    assert new.paths[gap[0]].instructions == new.paths[gap[1]].instructions
    assert old.paths["map_page"] == new.paths["map_page"]


def test_every_path_is_plausible_and_every_estimate_has_a_range() -> None:
    shapes = read_file(FILE)
    for shape in shapes.paths.values():
        assert shape.load_insns + shape.store_insns + shape.taken < shape.instructions
        assert shape.load_insns <= shape.loads
        assert shape.code_lines * 8 + 8 >= min(shape.instructions, shape.code_lines * 8)
        if shape.certainty == "estimate":
            assert shape.low_instructions < shape.high_instructions


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("instructions = 103", "instructions = -1", "path.ipc_fast_call_inter.instructions"),
        ("instructions = 103", "instructions = true", "instructions = True"),
        ("instructions = 103", "instructoins = 103", "unknown key"),
        ('certainty = "counted"', 'certainty = "sure"', "unknown certainty"),
        ("from_tcb = [3, 2]", "from_tcb = [3]", "from_tcb = [3]"),
        ("from_tcb = [3, 2]", "from_tcb = [3, -2]", "from_tcb"),
        ("align_bytes = 4096", "align_bytes = 4095", "power of two"),
        ("hot_lines = [0, 127, 4, 2]", "hot_lines = [128]", "hot_lines"),
        ("low_instructions = 60", "low_instructions = 101", "outside its range"),
        ("low_instructions = 60\nhigh_instructions = 180\n", "", "needs a range"),
        ("[path.ipc_slow]", "[[path.ipc_slow]]", "not a table"),
    ],
)
def test_a_damaged_file_is_one_line_with_file_and_key(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    file = damaged(tmp_path, old, new)
    with pytest.raises(InputError) as caught:
        read_file(file)
    assert says in str(caught.value)
    assert "l4.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_an_unknown_variant_are_user_mistakes(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_file(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="pistachio-2004"):
        read_file(FILE, "mach")
    with pytest.raises(UsageError, match="okl4-2007"):
        policy("mach")
