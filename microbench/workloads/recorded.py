"""What a benchmark is on a kernel without a functional model: recorded operations, added up.

Knows which operations a benchmark repeats and what lmbench subtracts. Refuses to know a cycle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from microbench.datafiles import data_dir
from microbench.errors import UsageError
from microbench.quantity import Quantity, quantity, read_toml
from microbench.reading import whole
from microbench.workloads.base import Metric, Part, latency, parse_size

READ_BYTES = 64 << 10
PAGE_BYTES = 4096
TOUCH_BYTES = 16 << 10
GROUP_PAGES = 16
"""Pages of a file one fault maps."""
RECORDED_FDS = 10
RING = 4
OPERATION = "operation"


@dataclass(frozen=True)
class Term:
    """One recorded operation and how often it is in the value.

    Attributes
    ----------
    operation : str
    times : float
        Negative where it is subtracted.
    between, without : str
        Function whose calls cut a loop out of the operation; function that does not run.
    walk_bytes, processes : int
        Working set each process sums when it runs, and of how many.
    file_bytes : int
        The operation reads on in a file of this size each time.
    """

    operation: str
    times: float = 1.0
    between: str = ""
    without: str = ""
    walk_bytes: int = 0
    processes: int = 0
    file_bytes: int = 0


@dataclass(frozen=True)
class Recipe:
    """A benchmark with arguments as terms: a workload that recorded kernels play.

    Attributes
    ----------
    name, args : str
    terms : tuple of Term
    wakes : int
        Wake-ups of the other side that one operation waits for.
    bytes : int
        Bytes moved, for a rate; 0 for a time.
    user_instructions : float
        Instructions of user programs that no recording has.
    note : str
        What stands for what.
    """

    name: str
    args: str
    terms: tuple[Term, ...]
    wakes: int = 0
    bytes: int = 0
    user_instructions: float = 0.0
    note: str = ""

    def parts(self) -> list[Part]:
        """The operation, all its terms together."""
        return [Part(OPERATION, self, kind="recorded")]

    def metrics(self, cycles: Mapping[str, float], clock_hz: float) -> list[Metric]:
        """A rate where bytes are moved, else a time."""
        spent = cycles[OPERATION]
        if not self.bytes:
            return [latency(spent, clock_hz)]
        rate = self.bytes * clock_hz / 1e6 / spent
        return [Metric("bandwidth", "MB/s", "larger", rate, spent)]


PLAIN: dict[str, dict[str, str]] = {
    "lat_syscall": {
        "null": "getppid",
        "read": "read_dev_zero_1B",
        "write": "write_dev_null_1B",
        "stat": "stat",
        "fstat": "fstat",
    },
    "lat_pipe": {"": "pipe_pingpong_1B_roundtrip", "threads": "pipe_pingpong_1B_threads"},
    "lat_fifo": {"": "fifo_pingpong_1B_roundtrip"},
    "lat_unix": {"": "unix_stream_pingpong_4B_roundtrip"},
    "lat_tcp": {"": "tcp_loopback_pingpong_1B_roundtrip"},
}
"""Benchmarks that are one operation."""
SELECTS = ((10, "file"), (100, "file"), (100, "tcp"))
PAIRS = ("lat_pipe", "lat_fifo", "lat_unix", "lat_tcp")
STREAMS = {"bw_pipe": "bw_pipe_64K", "bw_unix": "bw_unix_64K"}
PROBE_NOTE = "the probe that is subtracted was not recorded: a null call stands for it"


@cache
def process_numbers() -> Mapping[str, Quantity]:
    """What a program of today adds to the recorded process operations."""
    path = data_dir() / "workloads" / "recorded.toml"
    units = {"count", "instructions", "ratio"}
    return {
        key: quantity(value, path, f"process.{key}", units)
        for key, value in read_toml(path)["process"].items()
    }


def recipes(benchmark: str, args: Sequence[str], operations: Sequence[str]) -> list[Recipe]:
    """The benchmark as recorded operations; all its variants where it gives no arguments.

    Parameters
    ----------
    operations : sequence of str
        What there are recordings of.

    Raises
    ------
    UsageError
        For a benchmark or arguments of which there is no recording; it says what there is.
    """
    if benchmark == "lat_kernel":
        return [_kernel(name, operations) for name in args or operations]
    maker = MAKERS.get(benchmark)
    if maker is None:
        there = ", ".join([*MAKERS, "lat_kernel"])
        raise UsageError(f"{benchmark}: not recorded of this kernel; there are {there}")
    return maker(benchmark, list(args))


def _kernel(name: str, operations: Sequence[str]) -> Recipe:
    if name not in operations:
        raise UsageError(
            f"lat_kernel: {name!r} was not recorded; there are {', '.join(operations)}"
        )
    return Recipe("lat_kernel", name, (Term(name),))


def _plain(benchmark: str, args: list[str]) -> list[Recipe]:
    known = PLAIN[benchmark]
    chosen = args or (
        ["null", "read", "write", "stat", "fstat", "open"] if "null" in known else [""]
    )
    found = []
    for name in chosen:
        if name == "open" and benchmark == "lat_syscall":
            found.append(Recipe(benchmark, name, (Term("open"), Term("close"))))
        elif name in known:
            wakes = 2 if benchmark in PAIRS else 0
            found.append(Recipe(benchmark, name, (Term(known[name]),), wakes))
        else:
            there = ", ".join(n for n in known if n) or "no arguments"
            raise UsageError(f"{benchmark}: {name!r} was not recorded; there is {there}")
    return found


def _signal(benchmark: str, args: list[str]) -> list[Recipe]:
    caught = (Term("signal_kill_self_handler_sigreturn"), Term("getppid", -1.0))
    prot = (Term("protection_fault_signal"), *(replace(t, times=-t.times) for t in caught))
    known = {
        "install": Recipe(benchmark, "install", (Term("sigaction_install"),)),
        "catch": Recipe(benchmark, "catch", caught, note=PROBE_NOTE),
        "prot": Recipe(benchmark, "prot", prot, note=PROBE_NOTE),
    }
    return [_of(known, benchmark, name) for name in args or known]


def _of(known: Mapping[str, Recipe], benchmark: str, name: str) -> Recipe:
    if name not in known:
        raise UsageError(f"{benchmark}: {name!r} was not recorded; there are {', '.join(known)}")
    return known[name]


def _select(benchmark: str, args: list[str]) -> list[Recipe]:
    if not args:
        return [_selected(benchmark, n, kind) for n, kind in SELECTS]
    good = (
        len(args) == 3
        and args[0] == "-n"
        and whole(args[1], 1, 1024)
        and args[2] in ("tcp", "file")
    )
    if not good:
        raise UsageError(f"{benchmark}: {' '.join(args)!r} is not -n 1..1024 file|tcp")
    return [_selected(benchmark, int(args[1]), args[2])]


def _selected(benchmark: str, count: int, kind: str) -> Recipe:
    without = "pipe_poll" if kind == "file" else ""
    rounds = (count - RECORDED_FDS) / (RECORDED_FDS - 1)
    body = Term("select_10_pipe_fds", rounds, "pipe_poll", without)
    terms = (Term("select_10_pipe_fds", 1.0, "", without), *((body,) if rounds else ()))
    note = (
        "pipes stand for sockets" if kind == "tcp" else "pipes that are not asked stand for files"
    )
    return Recipe(benchmark, f"-n {count} {kind}", terms, note=note)


def _context(benchmark: str, args: list[str]) -> list[Recipe]:
    if not args:
        return [_ring(benchmark, k, n) for k, n in ((0, 2), (0, 4), (0, 8), (16, 2), (64, 8))]
    good = args[0] == "-s" and len(args) >= 3 and whole(args[1], 0, 4096) is not None
    if not good or any(whole(n, 2, 256) is None for n in args[2:]):
        raise UsageError(f"{benchmark}: {' '.join(args)!r} is not -s KIB PROCESSES (2 to 256)")
    return [_ring(benchmark, int(args[1]), int(n)) for n in args[2:]]


def _ring(benchmark: str, kib: int, processes: int) -> Recipe:
    two = processes == 2
    operation = "pipe_pingpong_1B_roundtrip" if two else "ctx_ring4_4B_round"
    times = 0.5 if two else 1 / RING
    hop = Term(operation, times, walk_bytes=kib << 10, processes=processes)
    write = Term("pipe_write_4B", -1.0, walk_bytes=kib << 10, processes=1)
    overhead = (write, Term("pipe_read_4B", -1.0))
    note = "" if processes in (2, RING) else "hops of a recorded ring of 4"
    return Recipe(benchmark, f"-s {kib} {processes}", (hop, *overhead), note=note)


def _stream(benchmark: str, args: list[str]) -> list[Recipe]:
    if args:
        raise UsageError(f"{benchmark} takes no arguments, not {' '.join(args)!r}")
    return [Recipe(benchmark, "", (Term(STREAMS[benchmark]),), bytes=READ_BYTES)]


def _file(benchmark: str, args: list[str]) -> list[Recipe]:
    args = args or ["1m", "io_only"]
    if len(args) != 2 or args[1] not in ("io_only", "open2close"):
        raise UsageError(f"{benchmark}: {' '.join(args)!r} is not SIZE io_only|open2close")
    size = parse_size(benchmark, args[0])
    reads = max(1.0, size / READ_BYTES)
    terms = [Term("read_64K_pagecache", reads, file_bytes=size)]
    if args[1] == "open2close":
        terms += [Term("open"), Term("close")]
    note = "reads of 64 KB" if size >= READ_BYTES else "a read of 64 KB stands for a shorter one"
    return [Recipe(benchmark, " ".join(args), tuple(terms), bytes=max(size, READ_BYTES), note=note)]


def _unmap(pages: float) -> tuple[Term, ...]:
    """Dropping mapped pages, without the call itself."""
    share = pages / GROUP_PAGES
    return (
        Term("munmap_64K_16_pages_mapped", share),
        Term("munmap_64K_untouched", -share),
    )


def _mmap(benchmark: str, args: list[str]) -> list[Recipe]:
    if len(args) > 1:
        raise UsageError(f"{benchmark}: {' '.join(args)!r} is not SIZE")
    return [_mapped(benchmark, size) for size in args or ["64k", "1m"]]


def _mapped(benchmark: str, size: str) -> Recipe:
    touched = max(1.0, parse_size(benchmark, size, PAGE_BYTES) / TOUCH_BYTES / 10)
    terms = (
        Term("mmap_64K_file"),
        Term("fault_file_write_shared", touched),
        Term("munmap_64K_untouched"),
        *_unmap(touched),
    )
    return Recipe(
        benchmark,
        size,
        terms,
        note="tmpfs stands for the file system; a byte every 16 KB of a tenth",
    )


def _page_fault(benchmark: str, args: list[str]) -> list[Recipe]:
    if args:
        raise UsageError(f"{benchmark} takes no arguments, not {' '.join(args)!r}")
    terms = (Term("fault_file_minor_read_around16", 1 / GROUP_PAGES), *_unmap(1))
    return [Recipe(benchmark, "", terms, note="16 pages a fault, read on tmpfs; dropped again")]


def _process(benchmark: str, args: list[str]) -> list[Recipe]:
    known: dict[str, Callable[[], Recipe]] = {
        "fork": lambda: _program(benchmark, "fork", "fork_exit_wait"),
        "exec": lambda: _program(benchmark, "exec", "fork_exec_exit_wait_tiny"),
        "shell": lambda: _shell(benchmark),
        "vfork": lambda: _program(benchmark, "vfork", "vfork_exec_exit_wait_tiny"),
        "thread": lambda: Recipe(benchmark, "thread", (Term("clone_thread_join"),)),
        "fork_static": lambda: Recipe(benchmark, "fork_static", (Term("fork_exit_wait"),)),
        "exec_static": lambda: Recipe(
            benchmark, "exec_static", (Term("fork_exec_exit_wait_tiny"),)
        ),
    }
    for name in args:
        if name not in known:
            raise UsageError(f"{benchmark}: {name!r} not recorded; there are {', '.join(known)}")
    return [known[name]() for name in args or ("fork", "exec", "shell")]


def _program(benchmark: str, name: str, operation: str) -> Recipe:
    number = {key: q.value for key, q in process_numbers().items()}
    parts = ["fork"] if name == "fork" else ["exec"] if name == "vfork" else ["fork", "exec"]
    terms = [Term(operation)]
    for part in parts:
        terms += [
            Term("fault_cow_after_fork", number[f"{part}_written"]),
            Term("fault_file_minor_read_around16", number[f"{part}_read"]),
            *_unmap(number[f"{part}_mapped"]),
        ]
    user = 0.0
    if "exec" in parts:
        terms += [Term("mmap_64K_file", number["exec_maps"])]
        user = number["exec_user_instructions"]
    note = "pages of a dynamically linked program: judgement"
    return Recipe(benchmark, name, tuple(terms), user_instructions=user, note=note)


def _shell(benchmark: str) -> Recipe:
    once = _program(benchmark, "exec", "fork_exec_exit_wait_tiny")
    times = process_numbers()["shell_execs"].value
    terms = tuple(replace(term, times=term.times * times) for term in once.terms)
    return replace(
        once, args="shell", terms=terms, user_instructions=once.user_instructions * times
    )


MAKERS: dict[str, Callable[[str, list[str]], list[Recipe]]] = {
    **dict.fromkeys(PLAIN, _plain),
    "lat_sig": _signal,
    "lat_select": _select,
    "lat_ctx": _context,
    "bw_pipe": _stream,
    "bw_unix": _stream,
    "bw_file_rd": _file,
    "lat_mmap": _mmap,
    "lat_pagefault": _page_fault,
    "lat_proc": _process,
}
"""Benchmark to what makes its recipes from its arguments."""
