"""Benchmarks of files: what they take, and how they say what they do not."""

from __future__ import annotations

import pytest

from microbench.errors import UsageError
from microbench.workloads.files import FileOptions
from microbench.workloads.registry import file_benches

WRONG = [
    ("fs_op", "foo", "'foo' is not one of null"),
    ("fs_op", "read 0", "not from 1 to 131072 bytes"),
    ("fs_op", "read 1g", "optional k or m"),
    ("fs_op", "read --cache", "--cache needs a value"),
    ("fs_op", "read --cache hot", "not one of warm, cold, off"),
    ("fs_op", "read --era 1.0", "not one of 2.6, today"),
    ("fs_op", "read --bad 3", "no option '--bad'; there are --fs, --cache"),
    ("fs_op", "read --disk floppy", "--disk floppy: not one of ata, flash, ram"),
    ("fs_op", "read --cache cold --cache warm", "--cache is given twice"),
    ("fs_op", "read --fs native --fs l4", "--fs is given twice; --system says the same"),
    ("bw_fs_rd", "1m --unit 4k --unit 8k", "--unit is given twice"),
    ("bw_fs_rd", "1m 2m", "is not SIZE [--unit SIZE]"),
    ("bw_fs_rd", "100m", "not from 512 to 4194304 bytes"),
    ("bw_fs_wr", "1m --unit", "--unit needs a value"),
    ("bw_fs_wr", "1m --unit 1m", "--unit: size '1m' is not from 512 to 131072"),
    ("fs_tree", "4", "is not FILES SIZE"),
    ("fs_tree", "0 4k", "FILES 1 to 400"),
    ("fs_tree", "500 4k", "FILES 1 to 400"),
    ("lat_fs", "1m", "not from 0 to 131072 bytes"),
    ("lat_fs", "4k --unit 3", "no option '--unit'"),
    ("fs_mix", "ftp", "not one of web, mail, file"),
    ("fs_mix", "web --daemon many", "not one of single, threaded"),
]


@pytest.mark.parametrize(("name", "words", "said"), WRONG)
def test_what_is_not_taken_is_named(name: str, words: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        file_benches(name, words.split())
    message = str(error.value)
    assert message.startswith(name)
    assert said in message
    assert "\n" not in message


def test_options_are_told_as_they_would_be_typed() -> None:
    (bench,) = file_benches("fs_op", ["read", "8k", "--cache", "warm", "--disk", "ata"])
    assert bench.args == "read 8k --disk ata"
    assert bench.options == FileOptions(disk="ata")


def test_a_size_belongs_to_reads_and_writes_only() -> None:
    benches = file_benches("fs_op", ["null", "read", "write", "8k"])
    assert [bench.args for bench in benches] == ["null", "read 8k", "write 8k"]
