"""The words of a call as lmbench's usage has them, and numbers that are none."""

from __future__ import annotations

import pytest

from microbench.errors import UsageError
from microbench.reading import is_name, whole
from microbench.workloads.registry import call_of, workloads


@pytest.mark.parametrize(
    ("call", "same", "idle"),
    [
        ("lat_ctx -s0 2", "-s 0 2", ""),
        ("lat_ctx -W 1 -N 3 -s 0 2", "-s 0 2", "-W 1 -N 3"),
        ("lat_ctx -s 4 -W1 -P1 2", "-s 4 2", "-W 1 -P 1"),
        ("lat_mmap 512k FILE", "512k", "FILE"),
        ("lat_mmap -P 1 64k /tmp/x", "64k", "-P 1 /tmp/x"),
        ("lat_syscall stat FILE", "stat", "FILE"),
        ("bw_file_rd 512k io_only FILE", "512k io_only", "FILE"),
        ("bw_mmap_rd 1024 mmap_only FILE", "1024 mmap_only", "FILE"),
        ("lat_pagefault FILE", "", "FILE"),
        ("lat_sig prot FILE", "prot", "FILE"),
        ("lat_select -n10 -P 1 file", "-n 10 file", "-P 1"),
        ("lat_mem_rd 1", "1 128", ""),
        ("lat_mem_rd -tN3 1 32", "-t 1 32", "-N 3"),
    ],
)
def test_a_call_of_lmbench_is_understood(call: str, same: str, idle: str) -> None:
    name, *words = call.split()
    assert [w.args for w in workloads(name, words)] == [same]
    assert " ".join(call_of(name, words).idle) == idle


def test_two_kinds_are_two_kinds() -> None:
    assert [w.args for w in workloads("lat_syscall", ["stat", "null"])] == ["stat", "null"]
    assert call_of("lat_syscall", ["stat", "null"]).idle == []


@pytest.mark.parametrize(
    "call",
    [
        *("lat_ctx -s 0 ²", "lat_ctx -s ² 2", "bw_mem ² rd", "lat_ctx -s 0 ٣", "reaim ²"),
        *("lat_mem_rd ² 32", "lat_select -n ² file", "lat_ipc --words ²", "lat_ctx -W ² -s 0 2"),
        *("lat_ctx -P 2 -s 0 2", "lat_ctx -W", "lat_ctx -s", "lat_ctx -z 2", "lat_pipe FILE"),
        *("lat_syscall stat FILE FILE", "lat_mmap 64k FILE FILE", "bw_mem 1024 rd FILE"),
        "lat_ctx -s 0 " + "9" * 5000,
        "bw_mem " + "9" * 5000 + " rd",
        "lat_ctx -s " + "0" * 5000 + " 2",
    ],
)
def test_what_is_no_number_or_too_much_is_one_line(call: str) -> None:
    name, *words = call.split()
    with pytest.raises(UsageError) as caught:
        workloads(name, words)
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("12", 12), ("0000000012", 12), ("100", 100), ("101", None), ("-1", None),
        ("+1", None), ("1_0", None), (" 1", None), ("1.0", None), ("1e1", None), ("", None),
        ("²", None), ("１", None), ("9" * 30, None), ("1k", None),
    ],
)  # fmt: skip
def test_a_whole_number(text: str, number: int | None) -> None:
    assert whole(text, 0, 100) == number


def test_a_size_takes_a_binary_suffix() -> None:
    assert whole("2k", 0, 4096, suffixes=True) == 2048
    assert whole("2M", 0, 4096, suffixes=True) is None
    assert whole("k", 0, 4096, suffixes=True) is None


@pytest.mark.parametrize("text", ["pxa255", "l1d.ways=4", "SGI Altix, 512 x", "1/s", "-" * 0 + "ü"])
def test_a_name(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize(
    "text",
    ["", " x", "=1+1", "+1", "-1", "@x", "a\nb", "a\rb", "a\x1b[31m", "\x9b31m", "a\u2028b",
     "a\u202eb", "\ud800", "x" * 201, None, 3, "a\tb", "\u200b"],
)  # fmt: skip
def test_no_name(text: object) -> None:
    assert not is_name(text)
