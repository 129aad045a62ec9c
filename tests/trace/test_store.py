"""Trace files: the same integers back, the same bytes, and one line for anything else."""

from __future__ import annotations

import io
import json
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest
from trace_sample import sample

from microbench.errors import InputError
from microbench.trace.check import WIDTHS
from microbench.trace.store import SCHEMA, Recorded, Stored, read, to_bytes

MUTATIONS = 400


def stored() -> Stored:
    runs = [Recorded("bench", "-s 1", part, "l4", 1, sample()) for part in ("main", "side")]
    return Stored(runs, {"kernel.x": "abc", "model": "1"})


def rewritten(path: Path, change: dict[str, object]) -> Path:
    """The file with some keys of its description replaced."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    meta = json.loads(arrays["meta"].tobytes()) | change
    arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), np.uint8)
    with path.open("wb") as out:
        np.savez_compressed(out, **arrays)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "t.npz"
    path.write_bytes(to_bytes(stored()))
    return path


def test_there_and_back(file: Path) -> None:
    first, second = stored(), read(file)
    assert second.hashes == first.hashes
    for a, b in zip(first.runs, second.runs, strict=True):
        assert (a.benchmark, a.args, a.part, a.system, a.counted) == (
            *(b.benchmark, b.args, b.part, b.system, b.counted),
        )
        for name in WIDTHS:
            assert np.array_equal(getattr(a.trace, name), getattr(b.trace, name))
        assert (a.trace.places, a.trace.scales, a.trace.names) == (
            *(b.trace.places, b.trace.scales, b.trace.names),
        )


def test_the_same_traces_give_the_same_bytes() -> None:
    assert to_bytes(stored()) == to_bytes(stored())


def test_another_schema_is_refused(file: Path) -> None:
    with pytest.raises(InputError, match=f"this version reads {SCHEMA}"):
        read(rewritten(file, {"schema": "mkbench-trace-0"}))


def test_a_changed_description_is_damage(file: Path) -> None:
    with pytest.raises(InputError, match="damaged"):
        read(rewritten(file, {"hashes": {}}))


def test_more_counted_than_there_are_is_refused(tmp_path: Path) -> None:
    for counted, fine in ((2, True), (3, False), (0, False)):
        path = tmp_path / f"{counted}.npz"
        runs = [Recorded("bench", "", "main", "l4", counted, sample(2))]
        path.write_bytes(to_bytes(Stored(runs, {})))
        if fine:
            read(path)
        else:
            with pytest.raises(InputError, match="counted"):
                read(path)


def test_a_number_that_points_nowhere_is_refused(tmp_path: Path) -> None:
    trace = sample()
    trace.frames[0, 1] = 1 << 30
    path = tmp_path / "t.npz"
    path.write_bytes(to_bytes(Stored([Recorded("b", "", "p", "l4", 1, trace)], {})))
    with pytest.raises(InputError, match="replayed"):
        read(path)


def foreign() -> dict[str, bytes]:
    plain = io.BytesIO()
    np.savez(plain, a=np.arange(3))
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    pickled = io.BytesIO()
    np.savez(pickled, meta=np.array([{}], object))
    return {
        "nothing": b"",
        "text": b"benchmark,args\n",
        "npy": b"\x93NUMPY\x01\x00",
        "another archive": plain.getvalue(),
        "empty archive": empty.getvalue(),
        "pickles": pickled.getvalue(),
    }


@pytest.mark.parametrize("name", sorted(foreign()))
def test_foreign_files_are_refused_in_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / "f.npz"
    path.write_bytes(foreign()[name])
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_directory(tmp_path: Path) -> None:
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(InputError, match=r"no such file|directory"):
            read(path)


def test_an_archive_that_unpacks_to_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        block = bytes(1 << 24)
        with archive.open("meta.npy", "w") as member:
            for _ in range(65):
                member.write(block)
    with pytest.raises(InputError, match="unpacked"):
        read(path)


def test_flipped_and_cut_bytes_never_pass_as_other_numbers(file: Path) -> None:
    whole, expected = file.read_bytes(), stored()
    draw = random.Random(7)
    refused = 0
    for _ in range(MUTATIONS):
        content = bytearray(whole)
        if draw.random() < 0.2:
            del content[draw.randrange(len(content)) :]
        else:
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        file.write_bytes(content)
        try:
            found = read(file)
        except InputError:
            refused += 1
            continue
        for a, b in zip(expected.runs, found.runs, strict=True):
            for name in WIDTHS:
                assert np.array_equal(getattr(a.trace, name), getattr(b.trace, name))
    assert refused > MUTATIONS / 2
