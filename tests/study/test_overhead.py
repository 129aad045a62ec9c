"""The overhead table: counted calls, two IPCs each, shares and the lengths behind them."""

from __future__ import annotations

from functools import cache

import pytest

from microbench.errors import UsageError
from microbench.run.ipc import one_way_cycles
from microbench.run.setup import prepare
from microbench.study.overhead import (
    SHARES,
    OverheadLine,
    overhead_lines,
    overhead_rows,
    trap_cycles,
    traps,
)
from microbench.trace import Recorder, ops


@cache
def lines() -> dict[str, OverheadLine]:
    found = overhead_lines("pentium3", family=("lat_syscall", "lat_pipe"))
    return {line.name: line for line in found}


def test_calls_are_counted_in_the_trace() -> None:
    recorder = Recorder()
    for _ in range(3):
        recorder.emit(ops.TRAP, ops.TRAPS.index("syscall"))
        recorder.emit(ops.TRAP, ops.TRAPS.index("fault"))
        recorder.emit(ops.TRAP, ops.TRAPS.index("interrupt"))
        recorder.emit(ops.TRAP, ops.TRAPS.index("fault"))
        recorder.mark()
    assert traps(recorder.finish(), 2) == {"syscall": 1, "fault": 2}
    assert traps(recorder.finish(), 3) == {"syscall": 1, "fault": 2}


def test_rows_have_the_calls_they_make() -> None:
    assert lines()["lat_syscall null"].calls == 1
    assert lines()["lat_syscall open"].calls == 2
    assert lines()["lat_pipe"].calls == 4
    assert lines()["lat_pipe"].ipcs == 8


def test_overhead_is_two_ipcs_less_a_trap() -> None:
    setup = prepare("pentium3")
    one = 2 * one_way_cycles(setup) - trap_cycles(setup.spec, "syscall")
    assert lines()["lat_syscall null"].overhead_cycles == pytest.approx(one)
    assert lines()["lat_pipe"].overhead_cycles == pytest.approx(4 * one)
    for line in lines().values():
        assert line.low < line.overhead_cycles < line.high


def test_overhead_kills_the_null_call_and_not_the_long_ones() -> None:
    assert lines()["lat_syscall null"].share > 1
    assert lines()["lat_pipe"].share < lines()["lat_syscall read"].share < 2


def test_the_limits_are_where_they_say() -> None:
    for line in lines().values():
        for share in SHARES:
            cycles = line.service_us(share) * line.clock_hz / 1e6
            assert line.overhead_cycles / cycles == pytest.approx(share)


def test_isolation_is_paid_by_the_trap_too() -> None:
    plain, isolated = (prepare(m).spec for m in ("skylake", "skylake-pti"))
    extra = trap_cycles(isolated, "syscall") - trap_cycles(plain, "syscall")
    assert extra == 2 * plain.value("special.space_register_cycles")


def test_a_trap_dearer_than_two_ipcs_has_no_overhead() -> None:
    line = OverheadLine("x", "m", "l4", 100.0, 1e6, 1.0, -5.0, -6.0, -4.0, "")
    assert line.service_us(0.1) == 0
    assert line.share < 0


def test_rows_are_tidy() -> None:
    rows = overhead_rows(lines().values())
    assert len({row.key for row in rows}) == len(rows) == 11 * len(lines())
    assert {row.benchmark for row in rows} == {"overhead"}


def test_a_machine_without_an_architecture_is_refused(tmp_path) -> None:
    from microbench.datafiles import data_dir

    text = (
        (data_dir() / "machines" / "u54.toml").read_text().replace('architecture = "riscv64"\n', "")
    )
    path = tmp_path / "m.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match="architecture"):
        overhead_lines(str(path))
