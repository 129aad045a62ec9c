"""Benchmarks on recorded kernels: what they are made of, ranges, refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from microbench.errors import UsageError
from microbench.run.recorded import kernel_of, priced, recorded_rows, user_entries
from microbench.run.rows import setup_rows
from microbench.run.setup import Setup, prepare
from microbench.workloads.recorded import MAKERS, recipes


@pytest.fixture(scope="module")
def skylake() -> Setup:
    return prepare("skylake")


def cycles(setup: Setup, benchmark: str, *args: str) -> float:
    kernel = kernel_of(setup.spec)
    assert kernel is not None
    (recipe,) = recipes(benchmark, args, kernel.operations())
    return priced(recipe, kernel, setup.spec, "value").cycles


@pytest.mark.parametrize("named", sorted(set(MAKERS) - {"lat_proc", "bw_file_rd"}))
def test_every_benchmark_has_a_value_inside_its_range(skylake: Setup, named: str) -> None:
    kernel = kernel_of(skylake.spec)
    assert kernel is not None
    for row in recorded_rows(named, (), kernel, skylake):
        assert row.system == "linux-6.1-x86-64"
        assert row.low is not None
        assert row.high is not None
        assert row.low <= row.value <= row.high


def test_calls_are_ordered_by_their_length(skylake: Setup) -> None:
    found = [cycles(skylake, "lat_syscall", n) for n in ("null", "write", "read", "stat", "open")]
    assert found == sorted(found)
    assert cycles(skylake, "lat_pipe") < cycles(skylake, "lat_unix") < cycles(skylake, "lat_tcp")


def test_a_further_descriptor_costs_the_same_each_time(skylake: Setup) -> None:
    found = [cycles(skylake, "lat_select", "-n", str(n), "tcp") for n in (10, 110, 210)]
    assert found[2] - found[1] == pytest.approx(found[1] - found[0])
    assert cycles(skylake, "lat_select", "-n", "110", "file") < found[1]


def test_a_working_set_makes_a_hop_dearer(skylake: Setup) -> None:
    found = [cycles(skylake, "lat_ctx", "-s", str(k), "8") for k in (0, 16, 64)]
    assert found[0] < found[1] < found[2]


def test_isolation_costs_two_writes_a_call() -> None:
    plain, isolated = (
        cycles(prepare(m), "lat_syscall", "null") for m in ("skylake", "skylake-pti")
    )
    writes = 2 * prepare("skylake").spec.value("special.space_register_cycles")
    assert isolated - plain == pytest.approx(writes, rel=0.15)


def test_processes_apart_wait_for_the_other_cpu() -> None:
    apart = prepare("cortex-a53")
    together = replace(apart, spec=apart.spec.with_({"placement": "one_cpu"}))
    wake = apart.spec.value("wake.other_cpu_ns") * apart.spec.value("core.clock_hz") / 1e9
    assert cycles(apart, "lat_pipe") > 2 * wake
    assert cycles(apart, "lat_pipe") - 2 * wake < cycles(together, "lat_pipe")
    assert cycles(apart, "lat_syscall", "null") == cycles(together, "lat_syscall", "null")


def test_entries_are_counted(skylake: Setup) -> None:
    kernel = kernel_of(skylake.spec)
    assert kernel is not None
    (pipe,) = recipes("lat_pipe", (), kernel.operations())
    assert user_entries(pipe, kernel, skylake.spec) == {"syscall": 4, "fault": 0}


@pytest.mark.parametrize(
    ("named", "args", "said"),
    [
        ("reaim", (), "not recorded of this kernel; there are .*lat_pipe"),
        ("lat_syscall", ("nice",), "'nice' was not recorded"),
        ("lat_kernel", ("x",), "was not recorded; there are getppid"),
        ("lat_ctx", ("-s", "0", "1"), "2 to 256"),
        ("lat_select", ("-n", "0", "tcp"), "1..1024"),
        ("lat_proc", ("procedure",), "not recorded"),
    ],
)
def test_what_was_not_recorded_is_refused(
    skylake: Setup, named: str, args: tuple[str, ...], said: str
) -> None:
    kernel = kernel_of(skylake.spec)
    assert kernel is not None
    with pytest.raises(UsageError, match=said):
        recorded_rows(named, args, kernel, skylake)


def test_a_kernel_of_another_architecture_is_refused(skylake: Setup) -> None:
    with pytest.raises(UsageError, match="recorded on armv8; this machine is x86-64"):
        setup_rows("lat_pipe", (), ["linux-6.1-aarch64"], skylake)
    assert kernel_of(prepare("pxa255").spec) is None
