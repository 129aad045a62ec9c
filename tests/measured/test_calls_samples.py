"""The tracers' files of real programs: counts exact, extra time as the talk's rule has it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from microbench.measured.calls.registry import read_counts
from microbench.measured.source import read_source
from microbench.run.setup import prepare
from microbench.study.app import Program, extra
from microbench.study.structures import given

SAMPLES = Path(__file__).parent / "samples"
with (SAMPLES / "workloads.csv").open(encoding="utf-8") as _file:
    WORKLOADS = {row["workload"]: row for row in csv.DictReader(_file)}
COUNTS = {
    "format.perf-trace-s.txt": ("perf trace -s", 17044),
    "format.perf-trace.txt": ("perf trace", 61),
    "format.strace-c-w-f-U.txt": ("strace -c", 17044),
    "format.strace-c.txt": ("strace -c", 17044),
    "format.strace-f-T.txt": ("strace -T", 111),
    "format.strace-f-ttt-T.txt": ("strace -T", 111),
    "format.strace-f-r-T-y.txt": ("strace -T", 61),
    "git-status.perf-stat-x.csv": ("perf stat", 3757),
    "git-status.perf-trace-s.txt": ("perf trace -s", 3437),
    "git-status.strace-c-w.txt": ("strace -c", 3766),
    "sqlite-insert.bpftrace.txt": ("bpftrace", 76653),
    "sqlite-insert.strace-c-w.txt": ("strace -c", 76652),
    "tar-gzip.bpftrace.txt": ("bpftrace", 32854),
    "redis-set-p16.bpftrace.txt": ("bpftrace", 26722),
}
"""Calls in each file, added up by hand with awk."""
SAME_RUN = {
    "sqlite-insert": "sqlite-insert.strace-c-w.txt",
    "git-status": "git-status.strace-c-w.txt",
    "python-startup": "python-startup.strace-c-w.txt",
    "tar-gzip": "tar-gzip.strace-c-w.txt",
    "redis-set-p16": "redis-set-p16.bpftrace.txt",
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_exact(name: str) -> None:
    counts = read_counts(read_source(str(SAMPLES / name)))
    assert (counts.kind, counts.total) == COUNTS[name]
    assert not counts.unread


def program(workload: str, file: str) -> Program:
    row = WORKLOADS[workload]
    cpu = float(row["user_s"]) + float(row["sys_s"])
    counts = read_counts(read_source(str(SAMPLES / file)))
    return Program(counts, cpu, float(row["wall_s"]))


@pytest.mark.parametrize("workload", SAME_RUN)
def test_extra_share_of_the_talks_ipc(workload: str) -> None:
    row, found = WORKLOADS[workload], program(workload, SAME_RUN[workload])
    assert found.counts.total == int(row["syscalls"])
    server = given(prepare("skylake", ["core.clock_hz=2.6g"]), 230)
    share = extra(found, server)
    assert share.cpu == pytest.approx(float(row["extra_pct_cpu_amd64_2.6GHz"]) / 100, rel=0.02)
    assert share.wall == pytest.approx(float(row["extra_pct_wall_amd64_2.6GHz"]) / 100, rel=0.02)


def test_a_server_is_counted_per_request() -> None:
    row, found = WORKLOADS["nginx-1k"], program("nginx-1k", "nginx-1k.strace-c-w.txt")
    requests = next(call.calls for call in found.counts.calls if call.name == "sendfile")
    scale = float(row["requests_per_s"]) * float(row["wall_s"]) / requests
    server = given(prepare("skylake", ["core.clock_hz=2.6g"]), 230)
    share = extra(Program(found.counts, found.cpu_s, found.wall_s, scale=scale), server)
    assert share.cpu == pytest.approx(float(row["extra_pct_cpu_amd64_2.6GHz"]) / 100, rel=0.1)


def test_unfinished_calls_are_counted_once() -> None:
    counts = read_counts(read_source(str(SAMPLES / "format.strace-f-T-unfinished.txt")))
    lines = (SAMPLES / "format.strace-f-T-unfinished.txt").read_text(encoding="utf-8").splitlines()
    begun = sum("(" in line and "resumed" not in line and "---" not in line for line in lines)
    assert counts.total >= begun
    assert len(counts.unread) == sum(line == "--" for line in lines)
    assert next(call.calls for call in counts.calls if call.name == "exit_group") == 1
