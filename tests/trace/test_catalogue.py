"""One catalogue: what was recorded goes first, what was only counted is found as well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import microbench.trace.catalogue as catalogue
from microbench.errors import InputError, UsageError
from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.systems.l4 import L4Linux
from microbench.systems.native import Native
from microbench.trace import ops
from microbench.trace.shapes import load_file, read_file

COUNTED = """
title = "A call that nobody recorded"
[path.frobnicate]
instructions = 40
loads = 8
stores = 4
taken = 2
code_lines = 6
objects = { stack = [1, 1], task = [1, 0] }
source = "JUDGEMENT; a test"
certainty = "counted"
"""


def test_a_recorded_path_and_a_counted_one_are_found_by_name() -> None:
    linux = catalogue.kernel("linux-2.6.12", "linux")
    assert linux.path("enter").origin == "recorded"
    l4 = catalogue.described("l4-pxa255", scale="l4")
    assert l4.path("ipc_slow").origin == "shape"
    assert l4.path("ipc_slow") is l4.path("ipc_slow")
    with pytest.raises(UsageError, match="'nothing'"):
        linux.path("nothing")


def test_things_that_exist_once_come_after_those_that_are_given() -> None:
    shape = load_file("l4-pxa255").paths["ipc_fast_call_inter"]
    assert shape.once == ("vectors", "utcb_ref")
    assert tuple(shape.objects)[-2:] == shape.once


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A file of counts beside the recording of Linux."""
    file = tmp_path / "linux-2.6.12-frob.toml"
    file.write_text(COUNTED)
    found = read_file(file)
    catalogue.kernel.cache_clear()
    monkeypatch.setattr(catalogue, "data_names", lambda kind, suffix: [file.stem])
    keep = catalogue.load_file
    monkeypatch.setattr(
        catalogue, "load_file", lambda n, v="": found if n == file.stem else keep(n, v)
    )
    yield
    for kept in (catalogue.kernel, catalogue._described):
        kept.cache_clear()


def test_a_path_that_two_files_count_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "load_file", lambda name, variant="": load_file("user"))
    with pytest.raises(InputError, match=r"two\.toml: path\.\w+ = .*counted in another file"):
        catalogue._described.__wrapped__(("one", "two"), "", "", catalogue.same)


@pytest.mark.parametrize(
    ("key", "said"), [("loads = ", "loads"), ("load_insns = 41\nloads = ", "load_insns")]
)
def test_no_more_accesses_than_instructions(tmp_path: Path, key: str, said: str) -> None:
    file = tmp_path / "kernel.toml"
    assert "instructions = 40" in COUNTED
    assert COUNTED.count("loads = ") == 1
    file.write_text(COUNTED.replace("loads = ", f"{key}9", 1))
    with pytest.raises(InputError, match=rf"path\.frobnicate\.{said} = \d+: more than 40"):
        read_file(file)


@pytest.mark.parametrize("host", [Native, L4Linux])
@pytest.mark.usefixtures("counted")
def test_a_mechanism_of_linux_can_be_added_from_counts_alone(
    host: type[Native] | type[L4Linux],
) -> None:
    linux = Linux(host())

    def program(linux: Linux, process: Process) -> Program:
        linux.host.path("frobnicate", process)
        yield from ()

    linux.spawn("frob", program)
    linux.run()
    trace = linux.host.recorder.finish()
    number = list(trace.names).index("frobnicate")
    assert [o for o in trace.operations if o[0] == ops.PATH and o[1] == number]
