"""Points, their rows, and the journal that lets a killed sweep go on."""

from __future__ import annotations

import math
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from microbench.errors import InputError, MismatchError, UsageError
from microbench.report.sweep_table import csv_text, file_bytes
from microbench.run.parallel import ATTEMPTS, WorkersLostError, local
from microbench.run.rows import benchmark_rows
from microbench.run.setup import prepare
from microbench.store.journal import SUFFIX, Journal
from microbench.study.sweep import (
    MOST_POINTS,
    Batch,
    Sweep,
    check_points,
    parse_vary,
    records_at,
    run_batch,
    run_sweep,
    setup_at,
    variants,
)


def sweep(*vary: str, benchmark: str = "lat_pipe") -> Sweep:
    systems = ("native", "l4")
    return Sweep(benchmark, (), systems, prepare("pxa255"), parse_vary(vary))


def test_points_are_all_combinations_in_order() -> None:
    found = sweep("l1d.ways=4,8", "dtlb.entries=16,32").points()
    assert [tuple(text for _, text in point) for point in found] == [
        *(("4", "16"), ("4", "32"), ("8", "16"), ("8", "32")),
    ]


def test_a_point_gives_the_rows_of_a_run_with_set() -> None:
    settings = ("l1d.size_bytes=8k", "core.clock_hz=100m")
    records = records_at(sweep(*settings), tuple(tuple(s.split("=")) for s in settings))  # type: ignore[arg-type]
    rows = benchmark_rows("lat_pipe", "", "pxa255", ("native", "l4"), settings)
    for record, row in zip(records, rows, strict=True):
        assert (record["l1d.size_bytes"], record["core.clock_hz"]) == ("8k", "100m")
        assert (record["value"], record["cycles"]) == (row.value, row.cycles)
        assert record["machine_hash"] == row.machine_hash
        assert "published" not in record


@pytest.mark.parametrize("processes", [1, 2])
def test_every_way_of_running_gives_the_same_records(processes: int) -> None:
    job = sweep("l1d.size_bytes=8k,16k,32k")
    expected = {point: records_at(job, point) for point in job.points()}
    assert dict(run_sweep(job, job.points(), processes)) == expected


def test_a_table_can_be_swept_and_takes_no_arguments() -> None:
    job = sweep("l1d.ways=32", benchmark="context")
    names = {r["benchmark"] for r in records_at(job, (("l1d.ways", "32"),))}
    assert "lat_ctx" in names
    assert "reaim" not in names
    with pytest.raises(UsageError, match="no arguments"):
        variants(replace(job, args=("2",)))


def test_a_benchmark_called_all_means_every_row_of_the_tables() -> None:
    job = sweep("l1d.ways=32", benchmark="all")
    names = {r["benchmark"] for r in records_at(job, (("l1d.ways", "32"),))}
    assert {"lat_ctx", "lat_syscall", "bw_mem"} <= names


@pytest.mark.parametrize(
    "texts", [("l1d.ways",), ("l1d.ways=",), ("l1d.ways=4", "l1d.ways=8"), ("=4",)]
)
def test_malformed_vary_is_refused(texts: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="--vary"):
        check_points(sweep(*texts))


def test_too_many_points_are_refused() -> None:
    side = ",".join(map(str, range(1, math.isqrt(MOST_POINTS) + 2)))
    with pytest.raises(UsageError, match="points"):
        parse_vary([f"a={side}", f"b={side}"])


@pytest.mark.parametrize("text", ["l1d.ways=3", "l1d.index=none", "no.key=1", "l1d.ways=x"])
def test_a_point_that_cannot_be_priced_is_refused_before_any_is(text: str) -> None:
    check_points(sweep("l1d.ways=4"))
    with pytest.raises(InputError, match="--vary"):
        check_points(sweep(text))


def test_a_worker_with_other_files_refuses() -> None:
    job = sweep("l1d.ways=4")
    with pytest.raises(MismatchError):
        run_batch(Batch(job, tuple(job.points()), "another"))


def test_identity_names_what_decides_the_integers() -> None:
    one = sweep("l1d.ways=4,8")
    assert one.identity == sweep("l1d.ways=4,8").identity
    assert one.identity != sweep("l1d.ways=4,16").identity
    assert one.identity != sweep("l1d.ways=4,8", benchmark="lat_fifo").identity
    other = Sweep("lat_pipe", (), one.systems, setup_at(one.setup, (("l1d.ways", "4"),)), one.keys)
    assert one.identity != other.identity


def test_journal_keeps_what_is_finished(tmp_path: Path) -> None:
    output = str(tmp_path / "s.csv")
    journal = Journal(output, "sweep")
    journal.add("a=1", [{"value": 1.5}])
    journal.close()
    with open(output + SUFFIX, "ab") as file:
        file.write(b'["a=2", [{"val')
    again = Journal(output, "sweep")
    assert again.done == {"a=1": [{"value": 1.5}]}
    again.add("a=3", [])
    again.close()
    assert set(Journal(output, "sweep").done) == {"a=1", "a=3"}
    again.remove()
    assert not Path(output + SUFFIX).exists()


def test_journal_of_another_sweep_is_refused(tmp_path: Path) -> None:
    output = str(tmp_path / "s.csv")
    Journal(output, "one").close()
    with pytest.raises(UsageError, match="another sweep"):
        Journal(output, "two")
    with pytest.raises(InputError):
        Journal(str(tmp_path / "nowhere" / "s.csv"), "one")


def _die_once(flag: str) -> str:
    if not Path(flag).exists():
        Path(flag).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return flag


def _die(flag: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_worker_costs_time_and_no_answer(tmp_path: Path) -> None:
    flags = [str(tmp_path / str(i)) for i in range(6)]
    Path(flags[0]).touch()
    for flag in flags[2:]:
        Path(flag).touch()
    assert dict(local(_die_once, flags, 2)) == dict(enumerate(flags))


def test_workers_that_always_die_are_given_up() -> None:
    with pytest.raises(WorkersLostError, match=str(ATTEMPTS)):
        list(local(_die, ["a", "b"], 2))


def test_tables_read_back_as_they_were(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    job = sweep("l1d.size_bytes=8k,16k")
    records = [r for point in job.points() for r in records_at(job, point)]
    (tmp_path / "s.csv").write_text(csv_text(records))
    read = pd.read_csv(tmp_path / "s.csv", keep_default_na=False)
    assert read["value"].tolist() == [r["value"] for r in records]
    assert list(read.columns) == list(records[0])
    pytest.importorskip("pyarrow")
    (tmp_path / "s.parquet").write_bytes(file_bytes(records, "s.parquet"))
    read = pd.read_parquet(tmp_path / "s.parquet")
    numbers = {"8k": 8192.0, "16k": 16384.0}  # what was swept is a number there
    key = "l1d.size_bytes"
    assert read.to_dict("records") == [{**r, key: numbers[str(r[key])]} for r in records]
