"""Every word of the glossary can be asked for, and points at others that are there."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from microbench.cli import COMMANDS
from microbench.cli.help import command
from microbench.datafiles import data_dir
from microbench.errors import UsageError
from microbench.machine.engine import CAUSES
from microbench.quantity import read_toml
from microbench.row import COLUMNS
from microbench.smp.operation import KINDS, SCOPES
from microbench.study.smp.principles import FLAT

TERMS = read_toml(data_dir() / "glossary.toml")["term"]


def asked(*words: str) -> str:
    return CliRunner().invoke(command, words, catch_exceptions=False).output


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_explained_in_eighty_columns(term: str) -> None:
    lines = asked(term).splitlines()
    assert lines[0].startswith(f"{term} (")
    assert max(map(len, lines)) <= 80
    assert set(TERMS[term].get("see", ())) <= set(TERMS)


def test_the_list_names_every_term_and_the_plural_is_understood() -> None:
    listed = asked().replace(",", " ").split()
    assert set(TERMS) <= set(listed)
    assert asked("Hops") == asked("hop")


def test_a_slip_is_answered_with_what_is_near() -> None:
    with pytest.raises(UsageError, match="did you mean coverage"):
        CliRunner().invoke(command, ["coverige"], catch_exceptions=False)


def test_the_words_a_reader_meets_in_tables_are_explained() -> None:
    assert {"error", "role", "note", "system"} <= set(COLUMNS) & set(TERMS)
    assert all(cause in TERMS["cause"]["text"] for cause in CAUSES)
    assert "help" in COMMANDS


def test_the_words_of_an_operation_of_many_cpus_are_explained() -> None:
    """`explain` says "process, sleep-barge"; a name that ends in s is no plural."""
    for kind in KINDS:
        assert kind in TERMS["kind"]["text"]
        if kind not in ("line", "server"):
            assert asked(kind).startswith(f"{kind} (smp)")
    assert all(scope in TERMS["scope"]["text"] for scope in SCOPES)
    assert f"{FLAT:g} times" in TERMS["flat"]["text"]


def test_a_word_that_is_none_is_said_as_it_was_asked() -> None:
    with pytest.raises(UsageError, match="no term 'Flat two'"):
        CliRunner().invoke(command, ["Flat two"], catch_exceptions=False)
