"""Recordings of today, read back: counts as published with them, costs where they belong."""

from __future__ import annotations

import numpy as np
import pytest

from microbench.errors import UsageError
from microbench.recording.arrays import R_FETCH
from microbench.recording.description import recorded_names
from microbench.recording.kernels import kernel_of_architecture, recorded_kernel
from microbench.recording.strings import LOAD, STORE

X86, ARM = "linux-6.1-x86-64", "linux-6.1-aarch64"


def met(kernel: str, operation: str, variant: str = "plain") -> dict[str, float]:
    found = recorded_kernel(kernel)
    counts = found.string(operation, variant).met(len(found.costs))
    return {name: float(n) for name, n in zip(found.costs, counts, strict=True) if n}


@pytest.mark.parametrize(
    ("kernel", "operation", "counts"),
    [
        (X86, "getppid", (325, 93, 59, 48)),
        (X86, "pipe_write_4B", (1251, 366, 247, 151)),
        (ARM, "getppid", (398, 92, 68, 44)),
        (ARM, "stat", (4704, 1091, 839, 520)),
        (ARM, "pipe_pingpong_1B_roundtrip", (12073, 3276, 2176, 1448)),
    ],
)
def test_counts_are_those_of_the_recording(
    kernel: str, operation: str, counts: tuple[int, ...]
) -> None:
    raw = recorded_kernel(kernel)._file("plain").columns(operation)
    fetched = raw["kind"] == R_FETCH
    assert (int(raw["n"][fetched].sum()), int((raw["taken"][fetched] == 1).sum())) == (
        counts[0],
        counts[3],
    )
    string = recorded_kernel(kernel).string(operation)
    assert (string.total(LOAD), string.total(STORE)) == counts[1:3]


def test_a_null_call_meets_what_the_processor_does() -> None:
    found = met(X86, "getppid")
    assert found["trap.syscall"] == found["trap.return"] == found["mitigation.entry"] == 1
    assert found["operation.swap_base"] == 2
    assert "special.space_register" not in found
    assert met(X86, "getppid", "isolated")["special.space_register"] == 2
    assert met(X86, "getppid", "safe_return")["mitigation.return"] == 14


def test_a_mitigation_is_a_cost_and_not_instructions_too() -> None:
    kernel = recorded_kernel(X86)
    plain, safe = (kernel.string("stat", v).instructions for v in ("plain", "safe_return"))
    assert abs(safe - plain) < 10


def test_a_variant_without_the_operation_adds_what_it_costs_more() -> None:
    kernel = recorded_kernel(X86)
    string = kernel.string("fork_exit_wait", "safe_return")
    place = kernel.costs.index("mitigation.return")
    assert 0.02 < string.added[place] / string.instructions < 0.05
    assert len(kernel.string("fork_exit_wait").added) == 0


def test_a_fault_is_entered_as_one() -> None:
    found = met(ARM, "fault_anon_write_first_touch")
    assert found["trap.fault"] == 1
    assert "trap.syscall" not in found


def test_user_pages_are_one_memory_with_what_the_kernel_sees() -> None:
    rows = recorded_kernel(X86).string("bw_pipe_64K").rows
    kept = rows[np.isin(rows[:, 0], (LOAD, STORE))]
    assert (kept[:, 1] < 0).mean() > 0.95


def test_each_side_of_a_round_trip_is_on_the_path_once() -> None:
    string = recorded_kernel(ARM).string("pipe_pingpong_1B_roundtrip")
    share = string.on_path.mean()
    assert 0.4 < share < 0.8
    assert len(string.hops) == 2


def test_a_loop_is_cut_out_between_calls() -> None:
    kernel = recorded_kernel(ARM)
    whole = kernel.string("select_10_pipe_fds").instructions
    body = kernel.string("select_10_pipe_fds", between="pipe_poll").instructions
    without = kernel.string("select_10_pipe_fds", "plain", "pipe_poll", "pipe_poll").instructions
    assert 9 * 50 < without < body < whole


def test_names_are_checked() -> None:
    with pytest.raises(UsageError, match=r"no recorded operation 'x'.*getppid"):
        recorded_kernel(X86).string("x")
    with pytest.raises(UsageError, match="no recorded kernel 'x'"):
        recorded_kernel("x")
    assert {X86, ARM, "sel4-x86-64", "sel4-riscv64"} <= set(recorded_names())


def test_a_kernel_with_a_functional_model_is_not_replayed_in_its_place() -> None:
    assert kernel_of_architecture("armv5", "linux") is None
