"""`mkbench sweep` as a process: killed and resumed, and on a cluster that loses a worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

WORDS = ["sweep", "lat_ctx", "-s", "4", "10"]
CLOCKS = ",".join(f"{n}" for n in range(1, 21))
VARY = ["--vary", "l1d.size_bytes=8k,16k,32k", "--vary", f"sdram.write_clocks={CLOCKS}"]
POINTS = 60
SECONDS = 600
"""After which something hangs; a loaded machine is no fault."""


def call(*more: str) -> list[str]:
    return [sys.executable, "-m", "microbench", *WORDS, *VARY, *more]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sweep") / "whole.csv"
    subprocess.run(call("-o", str(path), "--jobs", "1", "-q"), check=True, timeout=SECONDS)
    table = path.read_bytes()
    assert table.count(b"\n") == 1 + POINTS * 4
    return table


def wait_for_points(journal: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    """Until so many points are in the journal of a sweep that still runs."""
    limit = time.monotonic() + SECONDS
    while not journal.exists() or journal.read_bytes().count(b"\n") <= count:
        assert process.poll() is None, "it ended before it could be disturbed"
        assert time.monotonic() < limit
        time.sleep(0.005)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_killed_sweep_goes_on_where_it_stopped(
    tmp_path: Path, expected: bytes, jobs: str
) -> None:
    path, journal = tmp_path / "s.csv", tmp_path / "s.csv.unfinished"
    with subprocess.Popen(call("-o", str(path), "--jobs", jobs)) as process:
        wait_for_points(journal, 5, process)
        os.kill(process.pid, signal.SIGKILL)
    assert not path.exists()
    kept = journal.read_bytes().count(b"\n") - 1
    assert 5 <= kept < POINTS
    again = subprocess.run(
        call("-o", str(path), "--jobs", jobs), check=True, timeout=SECONDS, capture_output=True
    )
    assert f"{kept} of {POINTS} points were finished before".encode() in again.stderr
    assert path.read_bytes() == expected
    assert not journal.exists()


def test_stdout_gets_the_table_and_nothing_else(expected: bytes) -> None:
    found = subprocess.run(call("--jobs", "2"), check=True, timeout=SECONDS, capture_output=True)
    assert found.stdout == expected


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("-o", "s.txt"), ".csv or .parquet"),
        (("--vary", "l1d.ways=3", "-o", "s.csv"), "l1d.size_bytes"),
        (("--scheduler", "nonsense", "-o", "s.csv"), "--scheduler nonsense"),
    ],
)
def test_mistakes_are_one_line(
    tmp_path: Path,
    more: tuple[str, ...],
    says: str,
    mkbench: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "--scheduler" in more:
        pytest.importorskip("distributed")
    monkeypatch.chdir(tmp_path)
    found = mkbench(*WORDS, *VARY, *more)
    assert found.returncode == 2
    assert says in found.stderr
    assert found.stderr.count("\n") == 1
    assert not (tmp_path / "s.csv").exists()


@contextmanager
def running(*words: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Dask, ended at the end by its own id."""
    code = [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]]
    with (folder / f"{len(list(folder.iterdir()))}.log").open("wb") as log:
        process = subprocess.Popen(code, stdout=log, stderr=log, cwd=folder)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@contextmanager
def dask(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers on 127.0.0.1."""
    from distributed import Client

    where = folder / "scheduler.json"
    scheduler = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file")
    worker = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
    with running("dask_scheduler", *scheduler, str(where), folder=folder):
        limit = time.monotonic() + SECONDS
        while not where.exists():
            assert time.monotonic() < limit
            time.sleep(0.05)
        with Client(scheduler_file=str(where), set_as_default=False) as client:
            address = str(client.scheduler.address)
            with (
                running("dask_worker", address, *worker, folder=folder) as one,
                running("dask_worker", address, *worker, folder=folder) as two,
            ):
                client.wait_for_workers(2, timeout=SECONDS)
                yield address, [one, two]


def test_a_cluster_that_loses_a_worker_gives_the_same_table(
    tmp_path: Path, expected: bytes
) -> None:
    pytest.importorskip("distributed")
    path, journal = tmp_path / "s.csv", tmp_path / "s.csv.unfinished"
    with dask(tmp_path) as (address, workers):
        with subprocess.Popen(call("-o", str(path), "--scheduler", address)) as process:
            wait_for_points(journal, 3, process)
            os.kill(workers[0].pid, signal.SIGKILL)
            assert process.wait(timeout=SECONDS) == 0
        assert workers[0].wait(timeout=SECONDS) == -signal.SIGKILL
        assert workers[1].poll() is None
    assert path.read_bytes() == expected
