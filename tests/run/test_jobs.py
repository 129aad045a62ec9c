"""Independent jobs: every one answered once, in this process or others, whoever dies."""

from __future__ import annotations

import multiprocessing
import os
import sys
import types
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest

from microbench.errors import UsageError
from microbench.run import parallel
from microbench.run.parallel import ATTEMPTS, WorkersLostError, cluster, cores, local


def process_of(job: int) -> tuple[int, int]:
    return job * 10, os.getpid()


def test_one_process_or_one_job_stays_here_and_in_order() -> None:
    here = os.getpid()
    assert list(local(process_of, [3, 4], 1)) == [(0, (30, here)), (1, (40, here))]
    assert list(local(process_of, [3], 4)) == [(0, (30, here))]
    assert list(local(process_of, [], 4)) == []


def test_several_processes_answer_each_job_once_elsewhere() -> None:
    found = dict(local(process_of, [5, 6], 2))
    assert {number: answer[0] for number, answer in found.items()} == {0: 50, 1: 60}
    assert os.getpid() not in {answer[1] for answer in found.values()}


def test_a_pool_is_no_larger_than_the_jobs_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[dict[int, int], int]] = []

    def pooled(function: Any, jobs: dict[int, int], processes: int) -> Any:
        asked.append((dict(jobs), processes))
        for number in list(jobs)[:1] if len(asked) == 1 else list(jobs):
            yield number, function(jobs[number])
        if len(asked) == 1:
            raise BrokenProcessPool

    monkeypatch.setattr(parallel, "_pooled", pooled)
    assert dict(local(str, [7, 8, 9], 8)) == {0: "7", 1: "8", 2: "9"}
    assert asked == [({0: 7, 1: 8, 2: 9}, 3), ({1: 8, 2: 9}, 2)], "the answered one is not asked"
    asked.clear()
    list(local(str, [7, 8, 9], 2))
    assert asked[0][1] == 2


def test_workers_that_die_again_and_again_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def pooled(function: Any, jobs: dict[int, int], processes: int) -> Any:
        tried.append(len(jobs))
        raise BrokenProcessPool
        yield

    monkeypatch.setattr(parallel, "_pooled", pooled)
    with pytest.raises(WorkersLostError, match=f"died {ATTEMPTS} times; 2 jobs are open"):
        list(local(str, [1, 2], 2))
    assert tried == [2] * ATTEMPTS


def fail(job: int) -> int:
    raise ValueError(f"job {job}")


def test_a_job_s_own_mistake_is_told_and_not_tried_again() -> None:
    with pytest.raises(ValueError, match="job"):
        list(local(fail, [1, 2], 2))


def test_there_is_a_core() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


def test_where_affinity_is_unknown_all_cores_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert cores() == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1


def test_workers_are_forked_where_that_is_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parallel._context().get_start_method() == "fork"
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    assert parallel._context().get_start_method() == "spawn"


def test_a_worker_ends_when_its_parent_is_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    watched: list[Any] = []

    class Thread:
        def __init__(self, target: Any, daemon: bool) -> None:
            watched.append((target, daemon))

        def start(self) -> None:
            watched.append("started")

    parents = iter([5, 5, 1])
    monkeypatch.setattr(parallel.threading, "Thread", Thread)
    monkeypatch.setattr(parallel.os, "getppid", lambda: next(parents))
    monkeypatch.setattr(parallel.time, "sleep", lambda seconds: watched.append(seconds))
    monkeypatch.setattr(parallel.os, "_exit", ended.append)
    parallel._end_with_parent(5)
    (target, daemon), started = watched
    assert (daemon, started) == (True, "started")
    target()
    assert ended == [1]
    assert watched[2:] == [parallel.LOOK_SECONDS] * 2


class Future:
    """Of a job, as Dask has it."""

    def __init__(self, key: str, answer: Any) -> None:
        self.key, self._answer = key, answer

    def result(self) -> Any:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


class Client:
    """Of a scheduler that answers backwards."""

    loop = "loop"
    made: Any = None

    def __init__(self, address: str, **more: Any) -> None:
        if self.made is not None:
            raise self.made
        self.address, self.more, self.closed = address, more, 0
        Client.last = self

    def map(self, function: Any, jobs: Any, **more: Any) -> list[Future]:
        self.mapped = more
        return [Future(f"k{i}", function(job)) for i, job in enumerate(jobs)]

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def dask(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    module: Any = types.ModuleType("distributed")
    module.Client = Client
    module.CancelledError = type("CancelledError", (Exception,), {})
    module.KilledWorker = type("KilledWorker", (Exception,), {})
    module.as_completed = lambda futures, loop: reversed(futures)
    monkeypatch.setitem(sys.modules, "distributed", module)
    monkeypatch.setattr(Client, "made", None)
    return module


def test_a_cluster_answers_in_its_own_order_with_the_jobs_numbers(dask: Any) -> None:
    assert list(cluster(str, [5, 6], "tcp://host:8786")) == [(1, "6"), (0, "5")]
    client = Client.last
    assert client.closed == 1
    assert client.mapped == {"pure": False, "retries": ATTEMPTS}
    assert client.more == {"timeout": parallel.CONNECT_SECONDS, "set_as_default": False}


@pytest.mark.parametrize("kind", ["CancelledError", "KilledWorker", "os"])
def test_a_lost_worker_of_a_cluster_is_one_line_and_the_client_is_closed(
    dask: Any, kind: str
) -> None:
    error = OSError("gone") if kind == "os" else getattr(dask, kind)()
    with pytest.raises(WorkersLostError, match=f"--scheduler tls://h:1: {type(error).__name__}"):
        list(cluster(lambda job: error, [1], "tls://h:1"))
    assert Client.last.closed == 1


@pytest.mark.parametrize("address", ["host:8786", "tcp://host", "tcp://:x", "TCP://h:1", ""])
def test_an_address_is_scheme_host_and_port(dask: Any, address: str) -> None:
    with pytest.raises(UsageError, match="write tcp://host:port"):
        list(cluster(str, [1], address))


@pytest.mark.parametrize(
    ("error", "said"),
    [(OSError("one\ntwo"), "one"), (ValueError(""), "ValueError"), (TypeError("t"), "t")],
)
def test_a_scheduler_that_does_not_answer_is_one_line(
    dask: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    monkeypatch.setattr(Client, "made", error)
    with pytest.raises(UsageError, match=f"^--scheduler tcp://h:1: {said}$"):
        list(cluster(str, [1], "tcp://h:1"))


def test_without_dask_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="pip install"):
        list(cluster(str, [1], "tcp://h:1"))
