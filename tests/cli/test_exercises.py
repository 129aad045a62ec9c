"""The exercises: six, in eighty columns, of commands and names that there are."""

from __future__ import annotations

import shlex

import pytest
from click.testing import CliRunner

from microbench.cli import COMMANDS
from microbench.cli.exercises import command
from microbench.datafiles import data_dir
from microbench.errors import UsageError
from microbench.reading import read_toml
from microbench.systems.registry import SYSTEMS
from microbench.workloads.registry import BENCHMARKS

EXERCISES = read_toml(data_dir() / "exercises.toml")["exercise"]
CALLS = [shlex.split(words) for each in EXERCISES for words in each["commands"]]


def shown(*words: str) -> str:
    return CliRunner().invoke(command, words, catch_exceptions=False).output


def test_all_are_shown_in_eighty_columns_or_one_alone() -> None:
    text = shown()
    assert len(EXERCISES) == 6
    assert max(map(len, text.splitlines())) <= 80
    assert all(words in text for each in EXERCISES for words in each["commands"])
    assert shown("2").startswith("2. ")
    assert "1. " not in shown("2")
    with pytest.raises(UsageError, match="exercise 7: from 1 to 6"):
        shown("7")


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_names_in_a_command_are_there(words: list[str]) -> None:
    assert words[0] == "mkbench"
    assert words[1] in COMMANDS
    if words[1] in ("run", "explain"):
        assert words[2] in BENCHMARKS
    if "--system" in words:
        assert set(words[words.index("--system") + 1].split(",")) <= set(SYSTEMS)
