"""Every reader of a file or of words, with inputs it takes as they are."""

from __future__ import annotations

import io
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from microbench.cli.smp._cpus import cpu_list
from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.ipc.kernels import read_kernel
from microbench.machine.load import load_machine, read_machine
from microbench.measured.registry import read_measured
from microbench.run import tracecache
from microbench.run.runner import record
from microbench.run.setup import read_calibration
from microbench.run.stored import record_runs
from microbench.smp.operation import load_operation, system_names
from microbench.store.baseline import read_results, runs_of
from microbench.store.journal import Journal
from microbench.trace.check import MalformedError
from microbench.trace.shapes import read_file
from microbench.trace.store import read, to_bytes
from microbench.workloads.registry import workloads

NOTHING: tuple[type[Exception], ...] = ()


@dataclass(frozen=True)
class Reader:
    """One reader: its name, inputs as they should be, and what it makes of one."""

    name: str
    originals: Callable[[], list[bytes]]
    read: Callable[[bytes, Path], Any]
    also: tuple[type[Exception], ...] = field(default=NOTHING)


def _of_file(load: Callable[[Path], Any], suffix: str) -> Callable[[bytes, Path], Any]:
    def read_it(content: bytes, folder: Path) -> Any:
        path = folder / f"input{suffix}"
        path.write_bytes(content)
        return load(path)

    return read_it


def _files(*patterns: str) -> Callable[[], list[bytes]]:
    @cache
    def contents() -> list[bytes]:
        return [p.read_bytes() for pattern in patterns for p in sorted(data_dir().glob(pattern))]

    return contents


def _operations(path: Path) -> Any:
    return [load_operation(str(path), system) for system in system_names(str(path))]


def _results(path: Path) -> Any:
    found = read_results(str(path))
    return found, runs_of(found, path)


def _results_texts() -> list[bytes]:
    root = Path(__file__).parents[2] / "results"
    lines = (root / "talk.csv").read_bytes().split(b"\n")
    return [b"\n".join(lines[:90]) + b"\n"]


@cache
def _traces() -> list[bytes]:
    return [to_bytes(record_runs("lat_syscall", ["null"], ["native", "l4"]))]


def _priced(path: Path) -> Any:
    return [(r.benchmark, r.args, r.counted, len(r.trace.operations)) for r in read(path).runs]


@cache
def _retold() -> list[bytes]:
    """Tables of a trace that is sealed after the damage, which so comes as far as the check."""
    workload = workloads("lat_syscall", ["null"])[0]
    trace = record(workload, workload.parts()[0], "l4")
    out = []
    for name in tracecache.WIDTHS:
        table = getattr(trace, name)
        out.append(
            f"{name} {table.shape[0]} {table.shape[1]}\n".encode() + table.astype("<i8").tobytes()
        )
    return out


def _retold_read(content: bytes, folder: Path) -> Any:
    """One table of a trace replaced by the damaged bytes, packed and sealed anew."""
    from dataclasses import replace

    head, _, body = content.partition(b"\n")
    words = head.split()
    workload = workloads("lat_syscall", ["null"])[0]
    trace = record(workload, workload.parts()[0], "l4")
    name = words[0].decode("ascii", "replace") if words else ""
    if name not in tracecache.WIDTHS:
        raise InputError("input", "", "", "no table")
    width = getattr(trace, name).shape[1]
    table = np.frombuffer(body[: len(body) // (8 * width) * 8 * width], "<i8").reshape(-1, width)
    changed = replace(trace, **{name: table.astype(np.int64)})
    return len(tracecache.unpacked(tracecache.packed(changed), folder).operations)


def _journal(path: Path) -> Any:
    journal = Journal(str(path).removesuffix(".unfinished"), "identity")
    journal.close()
    return journal.done


@cache
def _journals() -> list[bytes]:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        journal = Journal(f"{name}/s.csv", "identity")
        for ways in (4, 8, 16):
            journal.add(f"l1d.ways={ways}", [{"value": 1.5 * ways, "system": "l4"}])
        journal.close()
        return [journal.path.read_bytes()]


def _words(content: bytes, folder: Path) -> Any:
    try:
        words = shlex.split(content.decode("utf-8", "replace"))
    except ValueError:
        raise InputError("input", "", "", "no words") from None
    return [w.args for w in workloads(words[0], words[1:])] if words else []


def _call_texts() -> list[bytes]:
    return [
        *(b"lat_ctx -s 0 2 10", b"lat_syscall null stat", b"bw_mem 8m rd", b"lat_mem_rd -t 1 32"),
        *(b"lat_select -n 10 -P 1 file", b"lat_ipc --words 4", b"reaim 1 2", b"lat_mmap 64k FILE"),
    ]


def _settings(content: bytes, folder: Path) -> Any:
    words = content.decode("utf-8", "replace").split()
    return load_machine("pxa255", words).hash


def _setting_texts() -> list[bytes]:
    return [b"l1d.ways=8 core.clock_hz=200m", b"tlb.tag=asid dtlb.entries=64 sdram.banks=4"]


def _cpus(content: bytes, folder: Path) -> Any:
    return cpu_list(content.decode("utf-8", "replace"))


def _measured(path: Path) -> Any:
    return read_measured(str(path)).rows


def _kept(content: bytes, folder: Path) -> Any:
    return len(tracecache.unpacked(content, folder).operations)


@cache
def _kept_texts() -> list[bytes]:
    workload = workloads("lat_syscall", ["null"])[0]
    return [tracecache.packed(record(workload, workload.parts()[0], "l4"))]


def _array_texts() -> list[bytes]:
    out = io.BytesIO()
    np.savez(out, a=np.arange(12).reshape(3, 4), b=np.array(["x", "yy"]))
    return [out.getvalue()]


def _arrays(content: bytes, folder: Path) -> Any:
    from microbench.trace.npz import read_arrays

    return {name: array.tolist() for name, array in read_arrays(content, "input").items()}


READERS = (
    Reader("machine", _files("machines/*.toml"), _of_file(read_machine, ".toml")),
    Reader("operation", _files("smp/operations/*.toml"), _of_file(_operations, ".toml")),
    Reader("calibration", _files("calibration.toml"), _of_file(read_calibration, ".toml")),
    Reader(
        "counted paths",
        _files("kernels/user.toml", "kernels/l4linux.toml"),
        _of_file(read_file, ".toml"),
    ),
    Reader("IPC kernel", _files("kernels/ipc-*.toml"), _of_file(read_kernel, ".toml")),
    Reader("results", _results_texts, _of_file(_results, ".csv")),
    Reader("measured", _results_texts, _of_file(_measured, ".txt")),
    Reader("trace file", _traces, _of_file(_priced, ".npz")),
    Reader("arrays", _array_texts, _arrays),
    Reader("kept trace", _kept_texts, _kept, (MalformedError, KeyError)),
    Reader("sealed trace", _retold, _retold_read, (MalformedError,)),
    Reader("journal", _journals, _of_file(_journal, ".csv.unfinished")),
    Reader("call", _call_texts, _words),
    Reader("--set", _setting_texts, _settings),
    Reader("--cpus", lambda: [b"1,2,4,...,64", b"1,16"], _cpus),
)
