"""Archives of arrays: what a header promises is held against what is there."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from microbench.errors import InputError
from microbench.trace.npz import read_arrays


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return out.getvalue()


def array(values: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, values)
    return out.getvalue()


def test_arrays_come_back_as_they_were() -> None:
    made = {"a": np.arange(6).reshape(2, 3), "b": np.array(["x", "yy"]), "c": np.zeros((0, 5))}
    made["d"] = np.asfortranarray(made["a"])
    found = read_arrays(archive(**{k: array(v) for k, v in made.items()}), "f")
    assert all(np.array_equal(found[name], made[name]) for name in made)


HEADER = array(np.arange(6))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        archive(a=b""),
        archive(a=HEADER[:-1]),
        archive(a=HEADER + b"\0"),
        archive(a=HEADER.replace(b"(6,)", b"(2**40,)"[:4])),
        archive(a=HEADER.replace(b"(6,), ", b"(9999,")),
        archive(a=HEADER.replace(b"{'descr'", b"{{descr'")),
        archive(a=array(np.array([{}], object))),
        archive(a=array(np.array([1.0 + 2j]))),
    ],
)
def test_what_is_no_archive_of_plain_arrays_is_one_line(content: bytes) -> None:
    with pytest.raises(InputError, match=r"^f: "):
        read_arrays(content, "f")


def test_a_pickle_is_never_loaded() -> None:
    with pytest.raises(InputError, match="no pickle"):
        read_arrays(archive(a=array(np.array([print], object))), "f")
