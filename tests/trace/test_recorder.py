"""What software says becomes tables: slots, frames, places, loops, marks."""

from __future__ import annotations

import numpy as np
import pytest
from trace_sample import sample, template

from microbench.trace import Layout, Recorder, ops
from microbench.trace.check import check


def test_every_operation_is_in_the_sample() -> None:
    trace = sample()
    assert set(trace.operations[:, 0]) == set(range(ops.COALESCING + 1))
    check(trace)


def test_marks_end_iterations() -> None:
    trace = sample(3)
    assert len(trace.marks) == 3
    assert trace.marks[-1] == len(trace.operations)
    assert all(trace.operations[end - 1, 0] == ops.MARK for end in trace.marks)


def test_the_same_path_and_frame_are_stored_once() -> None:
    once, thrice = sample(1), sample(3)
    for name in ("refs", "templates", "frames", "loops", "pages"):
        assert np.array_equal(getattr(once, name), getattr(thrice, name))


def test_places_nest_and_come_back() -> None:
    recorder = Recorder()
    recorder.emit(ops.TRAP)
    with recorder.place("outer"):
        recorder.emit(ops.TRAP)
        with pytest.raises(ZeroDivisionError):
            failing(recorder)
        recorder.emit(ops.TRAP)
    recorder.emit(ops.TRAP)
    trace = recorder.finish()
    named = [trace.places[i] for i in trace.operations[:, 4]]
    assert named == ["user", "outer", "inner", "outer", "user"]


def failing(recorder: Recorder) -> None:
    with recorder.place("inner"):
        recorder.emit(ops.TRAP)
        raise ZeroDivisionError


def test_a_path_needs_all_its_roles() -> None:
    recorder = Recorder()
    text = recorder.layout.region("text", 64)
    with pytest.raises(KeyError):
        recorder.path(template(), text=text)


def test_a_loop_without_a_side_moves_no_words_there() -> None:
    recorder = Recorder()
    region = recorder.layout.region("r", 4096)
    recorder.loop(4, 4, region, 1, source=region)
    recorder.loop(4, 4, region, 1, target=region)
    loops = recorder.finish().loops
    columns = [ops.LOOP_COLUMNS.index(name) for name in ("load_words", "store_words")]
    assert loops[:, columns].tolist() == [[1, 0], [0, 1]]


def test_layout_numbers_slots_frames_and_entries_densely() -> None:
    layout = Layout()
    first = layout.region("a", 8192, va=0x5000, space=1)
    shared = layout.region("b", 4096, va=0x9000, frame=0x10001, space=2)
    big = layout.region("c", 8192, va=0x100000, space=0, flags=ops.LARGE)
    pages = layout.arrays()
    assert first.base == 0
    assert shared.base == 2 << 12
    assert pages[:, 0].tolist() == [5, 6, 9, 0x100, 0x101]
    assert pages[1, 2] == pages[2, 2], "one physical page, two slots"
    assert pages[3, 5] == pages[4, 5], "one entry for both pages of a section"
    assert len(set(pages[:3, 5])) == 3
    assert big.at(4096).base == big.base + 4096


@pytest.mark.parametrize(("offset", "size"), [(-1, 1), (0, 4097), (4096, 1)])
def test_a_part_lies_inside_its_region(offset: int, size: int) -> None:
    region = Layout().region("a", 4096)
    assert region.at(4095, 1).size == 1
    with pytest.raises(ValueError, match="outside"):
        region.at(offset, size)


def test_an_unaligned_region_keeps_its_offset() -> None:
    layout = Layout()
    region = layout.region("stack", 4096, va=0x1F80)
    assert region.base & 4095 == 0xF80
    assert len(layout.arrays()) == 2
