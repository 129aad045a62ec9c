"""A toy event trace becomes a recording that is read back as what was executed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from microbench.errors import InputError, UsageError
from microbench.recording.encode import Encoder, Symbols, main
from microbench.recording.kernels import RecordedKernel
from microbench.recording.strings import COST, FETCH, LOAD, STORE

BASE = 0xC0000000
SYMBOLS = ["c0000000 T entry", "c0000040 T work"]
ONE = """
i 1000 4
m ENTER 2 0
p svc
i c0000000 4
i c0000004 4
sub body
i c0000040 4
r c0001000 4
w c000101e 4
i c0000044 4
m EXIT 0 0
i 1004 4
"""
DESCRIBED = """
title = "toy"
architecture = "armv8"
source = "a test"
mitigates = true
large_page_bytes = 2097152
large = ["text", "kheap"]
kernel_base = 0xc0000000
[variants]
plain = "toy"
[costs]
svc = "trap.syscall"
[calls]
"""


def events(times: int = 4, odd: int | None = None) -> list[str]:
    lines: list[str] = []
    for number in range(times):
        lines += ["op null", *ONE.strip().splitlines()]
        lines += ["i 2000 4"] * (number == odd)
        lines += ["end", "i 3000 4"]
    return lines


@pytest.fixture
def kernel(tmp_path: Path) -> RecordedKernel:
    encoder = Encoder(BASE, Symbols(SYMBOLS))
    encoder.feed(events())
    np.savez(tmp_path / "toy.npz", **encoder.arrays())  # type: ignore[arg-type]
    (tmp_path / "toy.toml").write_text(DESCRIBED)
    return RecordedKernel("toy", tmp_path)


def test_what_was_executed_comes_back(kernel: RecordedKernel) -> None:
    string = kernel.string("null")
    assert string.instructions == 6
    assert (string.total(LOAD), string.total(STORE)) == (1, 1)
    assert string.taken == 3  # into the kernel, to work, back to user mode
    assert string.lines((FETCH,)) == 3
    assert string.lines((LOAD, STORE)) == 1


def test_an_access_across_a_line_touches_both(kernel: RecordedKernel) -> None:
    rows = kernel.string("null").rows
    stores = rows[rows[:, 0] == STORE]
    assert stores[:, 1].tolist() == [0xC000101C, 0xC0001020]
    assert stores[:, 2].tolist() == [1, 0]


def test_costs_are_named_where_they_are_met(kernel: RecordedKernel) -> None:
    met = dict(zip(kernel.costs, kernel.string("null").met(len(kernel.costs)), strict=True))
    assert met["trap.syscall"] == met["mitigation.entry"] == met["mitigation.exit"] == 1
    rows = kernel.string("null").rows
    assert (rows[:, 0] == COST).sum() == 3


def test_the_usual_iteration_is_kept() -> None:
    encoder = Encoder(BASE, Symbols(SYMBOLS))
    encoder.feed(events(8, odd=7))
    (kept,) = encoder.steady()
    assert kept.instructions == 6


def test_what_is_outside_an_iteration_is_dropped() -> None:
    encoder = Encoder(BASE)
    encoder.feed(["i 1000 4", "r 1000 4", "m ENTER 2 0"])
    assert encoder.iterations == []


@pytest.mark.parametrize("line", ["x 1 2", "i zz 4", "i 1000", "m NOWHERE 0 0"])
def test_a_bad_line_is_named(line: str) -> None:
    with pytest.raises(InputError, match=r"events: line 2 .*not an event"):
        Encoder(BASE).feed(["op null", line])


def test_the_program_writes_a_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [str(tmp_path / name) for name in ("events", "symbols", "out.npz")]
    Path(names[0]).write_text("\n".join(events()))
    Path(names[1]).write_text("\n".join(SYMBOLS))
    main([names[0], names[1], "c0000000", names[2]])
    assert "null: 6 instructions" in capsys.readouterr().out
    with np.load(names[2]) as made:
        assert [str(x) for x in made["fn_names"]] == ["-", "user", "entry", "work"]
    with pytest.raises(UsageError):
        main(names)
