"""What there is, by kind; what was meant; what a shell offers."""

from __future__ import annotations

import json
import tomllib

import click
import pytest
from click.testing import CliRunner

from microbench.cli import _complete
from microbench.cli.list import KINDS, command
from microbench.cli.show import command as show
from microbench.datafiles import data_dir
from microbench.errors import UsageError, near, unknown
from microbench.machine import schema
from microbench.machine.load import load_machine
from microbench.machine.meaning import meaning, settings
from microbench.study import inventory
from microbench.trace.catalogue import kernel
from microbench.trace.recorded import load_recorded


def listed(*words: str) -> str:
    return CliRunner().invoke(command, words, catch_exceptions=False).output


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_alone_names_all_in_eighty_columns_and_json_has_the_same(kind: str) -> None:
    text = listed(kind)
    items = json.loads(listed(kind, "--format", "json"))
    assert [item["name"] for item in items] == [i.name for i in inventory.KINDS[kind]()]
    first = [line.split()[0] for line in text.splitlines() if line[:3].strip()]
    assert first == [kind, *(item["name"] for item in items)]
    assert all(item["summary"] for item in items)
    assert max(map(len, text.splitlines())) <= 80


def test_without_a_kind_every_kind_is_there() -> None:
    assert set(json.loads(listed("--format", "json"))) == set(KINDS) == set(inventory.KINDS)
    assert {"benchmarks", "machines", "tables"} <= set(listed().splitlines())


def test_a_kernel_is_shown_with_what_was_only_counted_of_it() -> None:
    text = CliRunner().invoke(show, ["kernel", "linux-2.6.12"], catch_exceptions=False).output
    paths = {line.split()[0] for line in text.splitlines()[1:]}
    assert paths == {*kernel("linux-2.6.12", "linux").shapes, *load_recorded("linux-2.6.12").paths}


def test_every_key_has_a_meaning_and_every_meaning_a_key() -> None:
    keys = {setting.key for setting in settings()}
    assert keys == schema.all_numbers().keys() | schema.all_words().keys()
    assert all(setting.meaning and setting.unit for setting in settings())
    with (data_dir() / "settings.toml").open("rb") as file:
        known = tomllib.load(file)["meaning"]
    assert set(known.values()) == {meaning(key) for key in keys}


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("lat_ctxx", ("lat_ctx", "bw_mem"), "did you mean lat_ctx?"),
        ("ways", ("l1d.ways", "core.clock_hz"), "did you mean l1d.ways?"),
        ("zzz", ("lat_ctx",), ""),
        ("x" * 100_000, ("lat_ctx",), ""),
    ],
)
def test_what_was_meant(name: str, known: tuple[str, ...], meant: str) -> None:
    assert near(name, known) == meant


def test_where_nothing_is_near_all_are_named() -> None:
    assert str(unknown("table", "zzz", ["ipc", "fs"])) == "no table 'zzz'; there are ipc, fs"
    with pytest.raises(UsageError, match=r"l1d\.wys.*did you mean l1d\.ways"):
        load_machine("pxa255", ["l1d.wys=4"])
    with pytest.raises(UsageError, match="no kind 'machine'; did you mean machines"):
        listed("machine")


@pytest.mark.parametrize(
    ("completer", "typed", "offered"),
    [
        (_complete.benchmarks, "lat_ct", ["lat_ctx"]),
        (_complete.benchmarks, "smp_an", ["smp_anonfault"]),
        (_complete.keys, "l1d.wa", ["l1d.ways="]),
        (_complete.keys, "space_switch=t", ["space_switch=tagged"]),
        (_complete.tables, "over", ["overhead"]),
        (_complete.kernels, "arch", ["arch-xscale"]),
        (_complete.kernels, "dou", []),
        (_complete.operations, "anon", ["anonfault"]),
        (_complete.machines, "pxa255,pentium3", ["pxa255,pentium3"]),
        (_complete.systems, "native,native-f", ["native,native-fass", "native,native-fuse",
                                               "native,native-fass-fuse"]),
    ],
)  # fmt: skip
def test_what_a_shell_offers(
    completer: _complete.Completer, typed: str, offered: list[str]
) -> None:
    found = completer(click.Context(command), click.Argument(["x"]), typed)
    assert sorted(found) == sorted(offered)
