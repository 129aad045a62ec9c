"""The described programs: checked, drawn within their ranges, and felt by the rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from microbench.errors import InputError
from microbench.linux.kernel import Linux
from microbench.run.runner import IMAGE_PAGES, record
from microbench.run.setup import prepare
from microbench.systems.native import Native
from microbench.trace import Trace
from microbench.workloads.lat_proc import LatProc
from microbench.workloads.programs.images import guesses, load_images, using
from microbench.workloads.registry import workloads


def present(kind: str, used: float = 1.0) -> int:
    """Pages the benchmark has when it forks."""
    linux = Linux(Native())
    linux.images = load_images(used)
    LatProc(kind).parts()[0].build(2, linux)
    linux.run()
    return int(linux.processes[0].mm.present)


def test_every_number_says_why_and_how_far_it_may_be_wrong() -> None:
    for name, number in guesses().items():
        assert number.certainty in ("recall", "estimate"), name
        assert number.low < number.high
    assert len(guesses()) > 80


def test_segments_hold_the_pages_that_are_used() -> None:
    for end in ("low", "high"):
        with using({name: getattr(q, end) for name, q in guesses().items()}):
            images = load_images()
            for one in (*images.objects.values(), *images.programs.values()):
                assert one.number["text_touched"] <= one.image.text_pages
                assert one.number["data_written"] <= one.image.data_pages
                assert one.number["bss_touched"] <= one.image.bss_pages


def test_a_row_follows_the_description() -> None:
    ordinary = present("fork")
    with using({"object.libc.text_touched": 18}):
        assert present("fork") == ordinary - (27 - 18)
    assert present("fork") == ordinary
    assert present("fork", used=1.5) > ordinary


def test_numbers_that_are_not_there_are_refused() -> None:
    with (
        pytest.raises(InputError, match=r"images.toml.*program.sh.colour"),
        using({"program.sh.colour": 1}),
    ):
        pass


def traced(name: str, args: list[str], pages: float) -> Trace:
    setup = prepare("pxa255")
    drawn = replace(setup, workload={**setup.workload, IMAGE_PAGES: pages})
    workload = workloads(name, args)[0]
    return record(workload, workload.parts()[0], "native", drawn)


def test_a_trace_hangs_on_whole_pages_and_only_where_programs_start() -> None:
    assert traced("lat_pipe", [], 1.0) is traced("lat_pipe", [], 2.0)
    assert traced("lat_proc", ["fork"], 1.0) is traced("lat_proc", ["fork"], 1.0001)
    assert traced("lat_proc", ["fork"], 1.0) is not traced("lat_proc", ["fork"], 1.1)
    with using({"object.libc.text_touched": 27.2}):
        assert traced("lat_proc", ["fork"], 1.0001) is traced("lat_proc", ["fork"], 1.0)
    with using({"object.libc.text_touched": 18}):
        drawn = traced("lat_proc", ["fork"], 1.0), traced("lat_sig", ["prot"], 1.0)
    assert drawn[0] is not traced("lat_proc", ["fork"], 1.0)
    assert drawn[1] is traced("lat_sig", ["prot"], 1.0)


def test_a_part_that_starts_programs_must_say_so() -> None:
    silent = replace(LatProc("fork").parts()[0], needs=())
    with pytest.raises(AssertionError, match="needs images"):
        record(LatProc("fork"), silent, "native")
