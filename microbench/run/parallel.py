"""Independent jobs on all cores, or on a cluster that is there already.

Jobs are functions of picklable arguments without side effects, so where and in which order
they ran cannot be seen in a result. A worker that dies costs its unfinished jobs another
run, not the answer.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from microbench.errors import MkbenchError, UsageError

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.context import BaseContext

Job = TypeVar("Job")
Answer = TypeVar("Answer")
ATTEMPTS = 5
CONNECT_SECONDS = 10
LOOK_SECONDS = 0.5


class WorkersLostError(MkbenchError):
    """Workers died again and again."""


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def local(
    function: Callable[[Job], Answer], jobs: Sequence[Job], processes: int
) -> Iterator[tuple[int, Answer]]:
    """Number and answer of each job, as they finish, from processes of this machine.

    Parameters
    ----------
    processes : int
        1 runs everything in this process.

    Raises
    ------
    WorkersLostError
        If workers were lost more than `ATTEMPTS` times.
    """
    if processes == 1 or len(jobs) <= 1:
        for number, job in enumerate(jobs):
            yield number, function(job)
        return
    from concurrent.futures.process import BrokenProcessPool

    waiting = dict(enumerate(jobs))
    for _ in range(ATTEMPTS):
        try:
            for number, answer in _pooled(function, waiting, min(processes, len(waiting))):
                del waiting[number]
                yield number, answer
            return
        except BrokenProcessPool:
            continue
    raise WorkersLostError(f"worker processes died {ATTEMPTS} times; {len(waiting)} jobs are open")


def _pooled(
    function: Callable[[Job], Answer], jobs: dict[int, Job], processes: int
) -> Iterator[tuple[int, Answer]]:
    from concurrent.futures import ProcessPoolExecutor, as_completed

    with ProcessPoolExecutor(
        processes, _context(), initializer=_end_with_parent, initargs=(os.getpid(),)
    ) as pool:
        futures: dict[Future[Answer], int] = {
            pool.submit(function, job): number for number, job in jobs.items()
        }
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _context() -> BaseContext:
    """Forked workers inherit the traces that were recorded; elsewhere each records its own."""
    import multiprocessing

    methods = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("fork" if "fork" in methods else "spawn")


def _end_with_parent(parent: int) -> None:
    """A worker whose parent was killed would wait for jobs forever."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def cluster(
    function: Callable[[Job], Answer], jobs: Sequence[Job], address: str
) -> Iterator[tuple[int, Answer]]:
    """Number and answer of each job, as they finish, from the workers of a Dask scheduler.

    Raises
    ------
    UsageError
        If Dask is not installed or nobody answers at the address.
    WorkersLostError
        If a job took too many workers with it, or the scheduler ended.
    """
    client = _connect(address)
    from distributed import CancelledError, KilledWorker
    from distributed import as_completed as finished

    try:
        futures = client.map(function, jobs, pure=False, retries=ATTEMPTS)
        numbers = {future.key: number for number, future in enumerate(futures)}
        for future in finished(futures, loop=client.loop):
            yield numbers[future.key], future.result()
    except (CancelledError, KilledWorker, OSError) as error:
        raise WorkersLostError(f"--scheduler {address}: {type(error).__name__}") from None
    finally:
        client.close()


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise UsageError("--scheduler needs Dask: pip install 'mkbench[cluster]'") from None
    if not re.fullmatch(r"[a-z]+://.+:\d+", address):
        raise UsageError(f"--scheduler {address}: write tcp://host:port")
    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"--scheduler {address}: {reason}") from None
