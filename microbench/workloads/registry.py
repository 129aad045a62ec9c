"""The benchmarks by name; a module is imported when its benchmark is run."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from microbench.errors import UsageError, unknown
from microbench.workloads.arguments import Call, read_call

if TYPE_CHECKING:
    from microbench.workloads.base import Workload
    from microbench.workloads.files import FileBench


@dataclass(frozen=True)
class Entry:
    """One benchmark.

    Attributes
    ----------
    module : str
        Module of `microbench.workloads` with `parse`.
    summary, usage : str
        One line each.
    variants : tuple of str
        Argument strings that `run NAME` without arguments runs.
    named : bool
        Whether `parse` takes the benchmark's name first.
    family : str
        "files" if it runs on structures of file systems, "failure" if something dies in it.
    options : str
        Its options as getopt writes them.
    file_after : int or None
        After so many words lmbench takes the name of a file; here it is of no effect.
    """

    module: str
    summary: str
    usage: str
    variants: tuple[str, ...]
    named: bool = False
    family: str = ""
    options: str = ""
    file_after: int | None = None


MANY = "smp_"
"""What begins the name of an operation on many CPUs, which is no benchmark of one."""
BENCHMARKS: dict[str, Entry] = {
    "lat_ctx": Entry(
        "lat_ctx", "token around a ring of processes, with a working set each",
        "-s KIB PROCESSES ...", ("-s 0 1", "-s 0 2", "-s 0 10", "-s 4 1", "-s 4 10"), options="s:",
    ),
    "lat_fifo": Entry("lat_pipe", "round trip of one byte over two FIFOs", "", ("",), True),
    "lat_pipe": Entry("lat_pipe", "round trip of one byte over two pipes", "", ("",), True),
    "lat_unix": Entry("lat_unix", "round trip of one byte over a stream socket pair", "", ("",)),
    "lat_syscall": Entry(
        "lat_syscall", "one system call", "null|read|write|stat|fstat|open ...",
        ("null", "read", "write", "stat", "fstat", "open"), file_after=1,
    ),
    "bw_mem": Entry(
        "bw_mem", "user memory read, written, copied or cleared",
        "SIZE rd|wr|rdwr|cp|frd|fwr|fcp|bzero|bcopy", ("1024 rd", "1024 wr", "1024 rdwr"),
    ),
    "lat_mem_rd": Entry(
        "lat_mem_rd", "dependent loads through growing buffers", "[-t] MIB [STRIDE ...]",
        ("1 32",), options="t",
    ),
    "bw_file_rd": Entry(
        "bw_file_rd", "a cached file read and summed", "SIZE io_only|open2close",
        ("1024 io_only",), file_after=2,
    ),
    "bw_pipe": Entry("bw_stream", "bulk data through a pipe", "", ("",), True),
    "bw_unix": Entry("bw_stream", "bulk data through a stream socket pair", "", ("",), True),
    "lat_proc": Entry(
        "lat_proc", "a call, or a process forked, exec'd and waited for",
        "procedure|fork|exec|shell ...", ("procedure", "fork", "exec", "shell"),
    ),
    "lat_mmap": Entry(
        "lat_mmap", "a file mapped, touched, unmapped", "SIZE", ("64k", "1m"), True, file_after=1
    ),
    "lat_pagefault": Entry(
        "lat_mmap", "a fault on a page of a cached file", "", ("",), True, file_after=0
    ),
    "bw_mmap_rd": Entry(
        "lat_mmap", "a mapped file summed", "SIZE mmap_only|open2close",
        ("1024 mmap_only", "1024 open2close"), True, file_after=2,
    ),
    "lat_sig": Entry(
        "lat_sig", "a signal handler installed, run, run for a forbidden store",
        "install|catch|prot ...", ("install", "catch", "prot"), file_after=1,
    ),
    "lat_select": Entry(
        "lat_select", "select on duplicates of one descriptor", "-n N file|tcp",
        ("-n 10 file", "-n 100 file", "-n 100 tcp"), options="n:",
    ),
    "lat_ipc": Entry(
        "lat_ipc", "one way of a message between two threads on the microkernel itself",
        "[--words N] [--same-space] [--kind sync|queued] [--kernel NAME] [--slow]",
        ("", "--same-space"),
    ),
    "fs_op": Entry(
        "fs_op", "one operation on a file, by a kernel, a FUSE daemon or a server",
        "null|getattr|lookup|open|close|read|write|create|unlink [SIZE] [--fs NAME,NAME] "
        "[--cache warm|cold|off] [--era 2.6|today] [--daemon single|threaded] [--disk NAME]",
        ("null", "getattr", "lookup", "open", "read 4k", "write 4k", "create", "unlink"),
        family="files",
    ),
    "bw_fs_rd": Entry(
        "bw_fs", "a file read from end to end", "SIZE [--unit SIZE] [options of fs_op]",
        ("1m", "1m --cache cold --disk ata"), True, "files",
    ),
    "bw_fs_wr": Entry(
        "bw_fs", "a file written from end to end", "SIZE [--unit SIZE] [options of fs_op]",
        ("1m", "1m --era today"), True, "files",
    ),
    "lat_fs": Entry(
        "fs_tree", "small files created and deleted, per second", "SIZE ... [options of fs_op]",
        ("0k", "1k", "4k", "10k"), True, "files",
    ),
    "fs_tree": Entry(
        "fs_tree", "a set of files created, looked at, read, deleted",
        "FILES SIZE [options of fs_op]", ("50 4k",), True, "files",
    ),
    "fs_mix": Entry(
        "fs_mix", "a web, a mail and a file server's turn", "web|mail|file [options of fs_op]",
        ("web", "mail", "file"), family="files",
    ),
    "restart": Entry(
        "failure", "a component dies: the steps of its recovery",
        "--component disk|net|fs|fuse --fault exit|exception|hang [--policy direct|minix|ham] "
        "[--heartbeat 5s] [--deaths N] [--disk NAME]", (), family="failure",
    ),
    "bw_kill": Entry(
        "failure", "throughput while a driver is killed again and again",
        "--component disk|net [--every 1s,2s,5s] [--policy NAME] [--disk NAME]", (),
        family="failure",
    ),
    "faults": Entry(
        "failure", "faults at random points of a running system; data checked after each",
        "[--n N] [--seed S] [--components disk,fs] [--mix exit 65,exception 31,hang 4] "
        "[--structure l4-server|native] [--policy NAME] [--heartbeat 5s]", (), family="failure",
    ),
    "availability": Entry(
        "failure", "share of time a service is there, from restart and reboot",
        "[--mttf 24h] [--seed S]", (), family="failure",
    ),
    "reaim": Entry("reaim", "N children, each with a list of jobs", "TASKS ...", ("1", "2", "3")),
}  # fmt: skip


def call_of(name: str, args: Sequence[str]) -> Call:
    """The words of a call that count, and those that lmbench takes and that have no effect here.

    Raises
    ------
    UsageError
        For an unknown benchmark, or a wrong option of lmbench's harness.
    """
    entry = BENCHMARKS.get(name)
    if entry is None:
        if name.startswith(MANY):
            raise UsageError(f"{name} runs on many CPUs: run, explain and sensitivity know it")
        raise unknown("benchmark", name, BENCHMARKS)
    return read_call(name, args, entry.options, entry.file_after, entry.variants)


def workloads(name: str, args: list[str]) -> list[Workload]:
    """The workloads a call names; all variants where it gives no arguments.

    Raises
    ------
    UsageError
        For an unknown benchmark, one of files, or bad arguments.
    """
    if name in BENCHMARKS and BENCHMARKS[name].family:
        raise UsageError(
            f"{name} is for `mkbench run`: it has structures or components, not systems"
        )
    return _parsed(name, args)


def file_benches(name: str, args: list[str]) -> list[FileBench]:
    """The benchmarks of files a call names; all variants where it gives no arguments.

    Raises
    ------
    UsageError
        For an unknown benchmark or bad arguments.
    """
    return _parsed(name, args)


def _parsed(name: str, args: list[str]) -> list[Any]:
    args = call_of(name, args).args
    entry = BENCHMARKS[name]
    module = importlib.import_module(f"microbench.workloads.{entry.module}")
    parse: Callable[..., list[Any]] = module.parse
    calls = [args]
    if not args or (entry.family and not _first_option(args)):
        calls = [[*variant.split(), *args] for variant in entry.variants]
    found = []
    for call in calls:
        found += parse(name, call) if entry.named else parse(call)
    return found


def _first_option(args: list[str]) -> int:
    """How many words stand before the first option with two dashes."""
    return next((i for i, word in enumerate(args) if word.startswith("--")), len(args))
