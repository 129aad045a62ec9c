"""A journal written by hand, as one of an earlier day stands on disk, and its limits."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from microbench.errors import InputError
from microbench.store import journal
from microbench.store.journal import FORMAT, SUFFIX, Journal


def line(key: str, records: object) -> str:
    digest = hashlib.sha256(json.dumps([key, records]).encode()).hexdigest()
    return json.dumps([key, records, digest[:16]]) + "\n"


HEAD = json.dumps([FORMAT, "one"]) + "\n"


def written(folder: Path, text: str) -> str:
    output = str(folder / "sweep.csv")
    Path(output + SUFFIX).write_text(text)
    return output


def test_a_journal_of_an_earlier_day_is_read_and_rewritten_as_it_was(tmp_path: Path) -> None:
    text = HEAD + line("a", [{"n": 1}]) + line("b", [])
    output = written(tmp_path, text)
    kept = Journal(output, "one")
    assert kept.done == {"a": [{"n": 1}], "b": []}
    assert kept.path.read_text() == text
    kept.close()


def test_a_point_that_was_added_stands_behind_the_others(tmp_path: Path) -> None:
    output = written(tmp_path, HEAD + line("a", 1))
    kept = Journal(output, "one")
    kept.add("b", 2)
    assert kept.path.read_text() == HEAD + line("a", 1) + line("b", 2)
    kept.close()
    with pytest.raises(ValueError, match="closed"):
        kept.add("c", 3)
    kept.remove()
    kept.remove()


@pytest.mark.parametrize("more", [[], ["digest", 4]])
def test_a_line_of_two_or_of_four_parts_is_none(tmp_path: Path, more: list[object]) -> None:
    good = json.loads(line("b", 2))
    output = written(tmp_path, HEAD + line("a", 1) + json.dumps(good[:2] + more) + "\n")
    assert Journal(output, "one").done == {"a": 1}


def test_a_journal_larger_than_can_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = written(tmp_path, HEAD + line("a", 1))
    monkeypatch.setattr(journal, "MOST_BYTES", 10)
    with pytest.raises(InputError, match=SUFFIX):
        Journal(output, "one")
