"""Kernels of IPC as data: which shape a path gets, what a level draws, what a file may hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from microbench.datafiles import data_dir
from microbench.errors import InputError, UsageError
from microbench.ipc.kernels import (
    SPACE_WRITE,
    IpcKernel,
    drawn,
    instructions,
    kernel_for,
    named_kernel,
    packaged_kernels,
    read_kernel,
    without_space_write,
)
from microbench.trace import ops
from microbench.trace.shapes import Shape

MACH = named_kernel("mach")
SHAPE = next(iter(MACH.shapes.values()))


def holding(*names: str, coprocessor: tuple[str, ...] = ()) -> IpcKernel:
    """A kernel with these paths and no others."""
    shapes: dict[str, Shape] = {
        name: replace(SHAPE, name=name, coprocessor=coprocessor) for name in names
    }
    return replace(MACH, shapes=shapes)


def found(kernel: IpcKernel, name: str) -> str:
    shape = kernel.find(name)
    return "" if shape is None else shape.name


def test_the_most_special_shape_serves_then_spaces_then_kind_then_the_one() -> None:
    names = ["ipc_fast_reply_wait_inter", "ipc_fast_inter", "ipc_fast_reply_wait", "ipc_fast"]
    for number, expected in enumerate(names):
        assert found(holding(*names[number:]), names[0]) == expected
    assert found(holding("ipc_slow"), names[0]) == ""


def test_other_paths_serve_only_under_their_own_name() -> None:
    kernel = holding("ipc_fast", "ipc_slow")
    assert found(kernel, "ipc_slow") == "ipc_slow"
    assert found(kernel, "ipc_other") == ""


def test_whether_the_register_is_written_within_one_space_too() -> None:
    assert holding("ipc_fast", coprocessor=(SPACE_WRITE,)).always_writes
    assert not holding("ipc_fast", coprocessor=("other",)).always_writes
    assert not holding("ipc_slow", coprocessor=(SPACE_WRITE,)).always_writes


def test_without_the_write_the_rest_of_a_path_stays() -> None:
    shape = replace(SHAPE, coprocessor=("a", SPACE_WRITE, "b"))
    assert without_space_write(shape) == replace(shape, coprocessor=("a", "b"))


def test_a_level_draws_its_end_of_the_range() -> None:
    shape = replace(SHAPE, low_instructions=40, instructions=50, high_instructions=60)
    assert [instructions(shape, at) for at in ("low", "value", "high")] == [40, 50, 60]
    refs = {level: drawn(shape, level).refs for level in ("low", "high")}
    counts = {level: int(r[r[:, 0] == ops.FETCH, 3].sum()) for level, r in refs.items()}
    assert counts["high"] - counts["low"] == 20


def test_a_number_the_kernel_has_not_is_zero_and_a_word_is_four_bytes() -> None:
    bare = replace(MACH, numbers={})
    assert bare.number("message_words") == 0
    assert bare.word_bytes == 4
    wide = replace(MACH, numbers={"word_bytes": replace(MACH.numbers["register_words"], value=8)})
    assert wide.word_bytes == 8


def test_the_first_kernel_of_an_architecture_serves_unless_one_is_named() -> None:
    served = [k for k in packaged_kernels() if "x86-64" in k.architectures]
    assert len(served) > 1
    assert kernel_for("x86-64") is served[0]
    assert [kernel_for("x86-64", k.name) for k in served] == served
    with pytest.raises(UsageError, match=f"'none' for x86-64; there is {served[0].name}, "):
        kernel_for("x86-64", "none")
    with pytest.raises(UsageError, match="no IPC kernel for no architecture; there is none"):
        kernel_for("")
    with pytest.raises(UsageError, match="no IPC kernel 'none'"):
        named_kernel("none")


TEXT = (data_dir() / "kernels" / "ipc-pistachio-i686.toml").read_text()


def test_a_file_reads_as_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "k.toml"
    path.write_text(TEXT)
    kernel = read_kernel(path)
    assert kernel.architectures == ("i686",)
    assert kernel.find("ipc_slow") is not None
    assert kernel.file == str(path)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[kernel]\n", "[kernel]\nextra = 1\n", "kernel.extra = 1: unknown key"),
        ("[kernel]\n", "[kernels]\n", "kernel"),
        ("name = ", "nome = ", "kernel.nome"),
        ("large_pages = ", "flush_pages = ", "kernel.flush_pages"),
        ('architectures = ["i686"]', 'architectures = "i686"', "must be a list"),
        ('architectures = ["i686"]', "architectures = [1]", "must be a list"),
    ],
)
def test_a_damaged_file_is_one_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "k.toml"
    assert old in TEXT
    path.write_text(TEXT.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read_kernel(path)
    assert says in str(caught.value)
