"""A recording added by hand: what is wrong in it is said, and workers may share what is right."""

from __future__ import annotations

import os
import shutil
from functools import partial
from pathlib import Path

import pytest

from microbench.datafiles import data_dir
from microbench.errors import InputError, UsageError
from microbench.machine.core import Core
from microbench.machine.load import load_machine
from microbench.recording.arrays import RAW, RecordedFile
from microbench.recording.description import Description
from microbench.recording.kernels import RecordedKernel
from microbench.run.parallel import local

FOLDER = data_dir() / "kernels" / "recordings"
NAME = "sel4-armv7"
TEXT = (FOLDER / f"{NAME}.toml").read_text(encoding="utf-8")


def described(folder: Path, text: str) -> Path:
    """A folder with the recording and a description of it."""
    shutil.copy(FOLDER / f"{NAME}.npz", folder)
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "', 'titel = "', "titel = "),
        ("large_page_bytes = 16777216", "", "large_page_bytes = None: missing"),
        ("= 16777216", '= "16m"', "large_page_bytes = '16m': not a whole number"),
        ("= 16777216", "= 3", "large_page_bytes = 3: must be a power of two"),
        ("large = [", "large = [5, ", "large.0 = 5: not a word"),
        ('plain = "sel4-armv7"', 'plain = "x"', "variants.plain = 'x': no recording x.npz"),
        ('plain = "sel4', 'fast = "sel4', "variants.plain = None: missing"),
        ('svc = "trap.syscall"', "svc = 5", "costs.svc = 5: not a word"),
        ("[costs]", "mitigates = 1\n[costs]", "configurations.mitigates = 1: not a word"),
        ('title = "', 'mitigates = 1\ntitle = "', "mitigates = 1: not true or false"),
    ],
)
def test_a_wrong_description_is_said_as_file_key_and_value(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in TEXT
    folder = described(tmp_path, TEXT.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        Description("mine", folder)
    assert str(caught.value).startswith(f"{folder / 'mine.toml'}: {said}")


def test_a_cost_that_no_machine_states_is_no_free_one(tmp_path: Path) -> None:
    folder = described(tmp_path, TEXT.replace('"trap.syscall"', '"trap.sysca"', 1))
    kernel, core = RecordedKernel("mine", folder), Core(load_machine("cortex-a9"))
    counts = core.count([], 1, kernel.costs, ("all",))
    with pytest.raises(UsageError, match=r"no cost 'trap.sysca'.*did you mean trap.syscall"):
        core.price(counts)


def test_a_damaged_recording_is_said_when_it_is_opened_or_unpacked(tmp_path: Path) -> None:
    content = bytearray((FOLDER / f"{NAME}.npz").read_bytes())
    short, bent = tmp_path / "short.npz", tmp_path / "bent.npz"
    short.write_bytes(content[:1000])
    content[100:20_000] = bytes(19_900)
    bent.write_bytes(content)
    for path in (short, bent, tmp_path / "none.npz"):
        with pytest.raises(InputError, match=path.name):
            [RecordedFile(path).columns(name) for name in RecordedFile(path).names]


def unpacked(file: RecordedFile, number: int) -> tuple[int, int]:
    """Who unpacked, and a sum over all columns; a job of a worker."""
    columns = file.columns(file.names[number])
    return os.getpid(), sum(int(columns[name].sum()) for name in RAW if name in columns)


_OPENED: dict[str, RecordedFile] = {}


def by_name(name: str, number: int) -> tuple[int, int]:
    """As `unpacked`, of a file that the parent has opened."""
    return unpacked(_OPENED[name], number)


def test_forked_workers_unpack_what_their_parent_opened() -> None:
    path = FOLDER / "linux-6.1-x86-64-moff.npz"
    _OPENED["shared"], alone = RecordedFile(path), RecordedFile(path)
    numbers = list(range(min(6, len(alone.names))))
    found = dict(local(partial(by_name, "shared"), numbers, 3))
    assert os.getpid() not in {who for who, _ in found.values()}
    assert {n: total for n, (_, total) in found.items()} == {
        n: unpacked(alone, n)[1] for n in numbers
    }
