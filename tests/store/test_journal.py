"""What a sweep finished is kept line by line; what was cut or changed is done again."""

from __future__ import annotations

from pathlib import Path

import pytest

from microbench.errors import InputError, UsageError
from microbench.store import journal
from microbench.store.journal import SUFFIX, Journal


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the journal told the user."""
    found: list[str] = []
    monkeypatch.setattr(journal, "say", found.append)
    return found


@pytest.fixture
def output(tmp_path: Path) -> str:
    return str(tmp_path / "sweep.csv")


def filled(output: str, *keys: str) -> Path:
    """A journal with these points, left for another time."""
    kept = Journal(output, "one")
    for number, key in enumerate(keys):
        kept.add(key, [{"n": number}])
    kept.close()
    return kept.path


def test_points_come_back_with_their_records(output: str) -> None:
    filled(output, "a", "b")
    assert Journal(output, "one").done == {"a": [{"n": 0}], "b": [{"n": 1}]}


def test_it_lies_beside_its_result_and_goes_when_that_is_whole(output: str) -> None:
    kept = Journal(output, "one")
    assert kept.path == Path(output + SUFFIX)
    assert kept.path.exists()
    kept.remove()
    assert not kept.path.exists()


def test_a_point_is_on_disk_as_soon_as_it_is_added(output: str) -> None:
    kept = Journal(output, "one")
    kept.add("a", 1)
    assert '"a"' in kept.path.read_text()
    assert kept.done == {"a": 1}


def test_the_journal_of_another_sweep_is_refused_and_left_alone(output: str) -> None:
    path = filled(output, "a")
    before = path.read_text()
    with pytest.raises(UsageError, match="another sweep"):
        Journal(output, "two")
    assert path.read_text() == before


def test_a_line_cut_short_is_done_again_and_spoils_nothing(output: str, said: list[str]) -> None:
    path = filled(output, "a", "b")
    path.write_text(path.read_text()[:-9])
    again = Journal(output, "one")
    assert again.done == {"a": [{"n": 0}]}
    assert [": 1 damaged lines;" in line for line in said] == [True]
    again.add("b", 2)
    again.close()
    assert Journal(output, "one").done == {"a": [{"n": 0}], "b": 2}
    assert len(said) == 1


@pytest.mark.parametrize(
    "line", ["", "null", "[]", '["b", 1]', '[1, 2, "3"]', '["a", [{"n": 9}], "00"]', "[" * 9999]
)
def test_a_changed_line_does_not_count(output: str, line: str, said: list[str]) -> None:
    path = filled(output, "a", "b")
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], line, lines[2], ""]))
    assert Journal(output, "one").done == {"b": [{"n": 1}]}
    assert [": 1 damaged lines;" in text for text in said] == [True]


def test_records_of_one_point_cannot_stand_for_another(output: str) -> None:
    path = filled(output, "a")
    path.write_text(path.read_text().replace('"a"', '"b"'))
    assert Journal(output, "one").done == {}


def test_an_empty_file_is_a_new_journal(output: str) -> None:
    Path(output + SUFFIX).write_text("")
    assert Journal(output, "one").done == {}


def test_a_folder_in_its_place_is_one_line(output: str) -> None:
    Path(output + SUFFIX).mkdir()
    with pytest.raises(InputError, match=SUFFIX):
        Journal(output, "one")
