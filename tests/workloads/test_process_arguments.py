"""Arguments of the process, mapping, signal and select rows: what is refused, in one line."""

from __future__ import annotations

import pytest

from microbench.errors import UsageError
from microbench.workloads.registry import workloads


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("lat_proc", "spoon"),
        ("lat_sig", "uninstall"),
        ("lat_mmap", "64k 64k"),
        ("lat_mmap", "64q"),
        ("lat_pagefault", "one two"),
        ("bw_mmap_rd", "1024"),
        ("bw_mmap_rd", "1024 io_only"),
        ("bw_mmap_rd", "8 mmap_only"),
        ("lat_select", "-n 0 file"),
        ("lat_select", "-n 1025 file"),
        ("lat_select", "-n"),
        ("lat_select", "pipe"),
    ],
)
def test_bad_arguments_name_the_benchmark(name: str, args: str) -> None:
    with pytest.raises(UsageError, match=name):
        workloads(name, args.split())


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("lat_proc", "fork exec"),
        ("lat_mmap", "512"),
        ("bw_mmap_rd", "1m open2close"),
        ("lat_select", "-n 1024 tcp"),
        ("lat_select", "file"),
    ],
)
def test_good_arguments_are_kept_as_given(name: str, args: str) -> None:
    found = workloads(name, args.split())
    kept = " ".join(one.args for one in found)
    assert kept == ("-n 200 file" if args == "file" else args)
