"""Every number's source leads somewhere: to a key, and for facts that ship to their section."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from functools import cache

import pytest
from click.testing import CliRunner

from microbench.cli._group import cli
from microbench.cli._section import section_lines
from microbench.datafiles import data_dir
from microbench.errors import UsageError
from microbench.provenance import cited, facts, has_place, key_of, sections, sources

DATA = data_dir()


def _in_table(table: object) -> Iterator[str]:
    if isinstance(table, dict):
        for key, value in table.items():
            if key == "source":
                yield str(value)
            else:
                yield from _in_table(value)
    elif isinstance(table, list):
        for value in table:
            yield from _in_table(value)


PATHS = {
    path.relative_to(DATA).as_posix(): path
    for path in sorted((*DATA.rglob("*.toml"), *DATA.rglob("*.csv")))
    if "source" in path.read_text(encoding="utf-8")
}


@cache
def named(name: str) -> list[str]:
    """The sources that a file of the data names."""
    text = PATHS[name].read_text(encoding="utf-8")
    if name.endswith(".toml"):
        return list(_in_table(tomllib.loads(text)))
    return [row["source"] for row in csv.DictReader(text.splitlines()) if "source" in row]


KNOWN = sources()


def wrong(source: str) -> str:
    """What stops one from following `source`, or nothing."""
    if key_of(source) not in KNOWN:
        return "no such key"
    lost = [(key, place) for key, place in cited(source) if place not in sections(key)]
    return f"no section {lost}" if lost else ""


@pytest.mark.parametrize("name", PATHS)
def test_sources_lead_somewhere(name: str) -> None:
    assert [(source, said) for source in named(name) if (said := wrong(source))] == []


def test_sources_are_followed_in_all_rooms_of_the_data() -> None:
    rooms = {name.partition("/")[0] for name in PATHS if named(name)}
    assert rooms >= {"machines", "kernels", "workloads", "calls", "devices", "smp", "reference"}
    assert sum(len(named(name)) for name in PATHS) > 2500


READ, RECALLED = 10, 81
"""Values whose document was read but whose place in it nobody noted; whose document was only
remembered. Neither may grow."""


def _certainties(table: object) -> Iterator[tuple[str, str]]:
    """Source and certainty of everything that has a source."""
    if isinstance(table, dict):
        if isinstance(table.get("source"), str):
            yield table["source"], str(table.get("certainty", ""))
        for value in table.values():
            yield from _certainties(value)


def test_fewer_and_fewer_sources_name_no_place() -> None:
    found = [
        certainty
        for path in DATA.rglob("*.toml")
        for source, certainty in _certainties(tomllib.loads(path.read_text(encoding="utf-8")))
        if not has_place(source)
    ]
    remembered = sum(certainty in ("recall", "estimate") for certainty in found)
    assert remembered <= RECALLED
    assert len(found) - remembered <= READ


@pytest.mark.parametrize(
    ("source", "known"),
    [
        ("PXA-UM T11-3; mispredicted", True),
        ("INTEL-OPT; L1 load (MACHINES 7.1)", True),
        ("JUDGEMENT; a guess", True),
        ("INTEL-OPT", False),
        ("INTEL-OPT; L1 load", False),
        ("SMP; no section", False),
    ],
)
def test_a_place_stands_before_the_remark_or_in_the_facts(source: str, known: bool) -> None:
    assert has_place(source) is known


@pytest.mark.parametrize(
    "source", ["hearsay", "SMP", "SMP; no place", "SMP 9.9", "JUDGEMENT; as MACHINES 8.9", "SMP 22"]
)
def test_a_source_that_leads_nowhere_is_seen(source: str) -> None:
    assert wrong(source)


def test_files_of_the_table_are_there() -> None:
    named = set(re.findall(r"data/([\w./-]*\w)", (DATA / "SOURCES.md").read_text(encoding="utf-8")))
    assert named
    assert [name for name in sorted(named) if not (DATA / name).exists()] == []


def test_every_file_of_facts_has_a_key() -> None:
    known = {path for key in KNOWN if (path := facts(key))}
    assert known == set((DATA / "facts").glob("*.md"))


def test_a_section_ends_where_the_next_begins() -> None:
    text = {place: "\n".join(sections("SMP")[place].lines) for place in ("2.1", "2.2")}
    assert "Barrelfish" in text["2.1"]
    assert "Barrelfish" not in text["2.2"]
    assert "dcache_lock" in text["2.2"]
    assert "dcache_lock" not in text["2.1"]
    assert set(sections("MACHINES")["8.4"].lines) <= set(sections("MACHINES")["8"].lines)
    assert list(sections("WL")) == ["1.3"]
    assert sections("TALK") == {}


def test_show_source_prints_the_section() -> None:
    shown = CliRunner().invoke(cli, ["show", "source", "machines 7.2; L1 load"]).output
    assert shown.startswith("MACHINES: ")
    assert "\n".join(sections("MACHINES")["7.2"].lines) in shown
    assert "Itanium" not in shown


def test_show_source_names_the_sections_there_are() -> None:
    assert "SMP 2.2  " in CliRunner().invoke(cli, ["show", "source", "SMP"]).output
    found = CliRunner().invoke(cli, ["show", "source", "SMP 9.9"])
    assert isinstance(found.exception, UsageError)
    assert "9.9" in str(found.exception)
    everything = CliRunner().invoke(cli, ["show", "source"]).output
    assert all(f"{key}: " in everything for key in KNOWN)
    found = CliRunner().invoke(cli, ["show", "source", "zip"])
    assert str(found.exception) == "no source 'zip'; `mkbench show source` lists them"


def test_sections_fit_the_terminal() -> None:
    table = ["| part | ns |", "| --- | --- |", "| L1 | 2 |"]
    assert list(section_lines(table, 80)) == ["part  ns", "L1    2"]
    wide = ["| part | ns | note |", "| --- | --- | --- |", f"| L1 |  | {'word ' * 20}|"]
    lines = list(section_lines(wide, 40))
    assert lines[0] == "L1"
    assert lines[1].startswith("  note: word")
    assert max(map(len, lines)) <= 40
    assert list(section_lines(wide, None)) == wide
