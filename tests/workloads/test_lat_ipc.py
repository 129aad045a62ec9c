"""The arguments of lat_ipc."""

from __future__ import annotations

import pytest

from microbench.errors import UsageError
from microbench.run.runner import player
from microbench.workloads.lat_ipc import LatIpc, parse
from microbench.workloads.registry import workloads


@pytest.mark.parametrize(("call", "args"), [
    ("", ""),
    ("--words 0", ""),
    ("--same-space --words=8", "--words 8 --same-space"),
    ("--slow --kernel sel4", "--kernel sel4 --slow"),
    ("--kind queued", "--kind queued"),
    ("--kind=sync", ""),
])  # fmt: skip
def test_arguments_have_one_order(call: str, args: str) -> None:
    (found,) = parse(call.split())
    assert found.args == args
    assert parse(args.split()) == [found]


@pytest.mark.parametrize("call", [
    "--words", "--words -1", "--words 129", "--words \u0663", "--words 1.5", "--same-space=yes",
    "--kind post", "--kind queued --slow", "--kind queued --kernel sel4", "x", "--wrods 3",
])  # fmt: skip
def test_mistakes_are_refused(call: str) -> None:
    with pytest.raises(UsageError, match="lat_ipc"):
        parse(call.split())


def test_without_arguments_both_cases_run() -> None:
    assert [w.args for w in workloads("lat_ipc", [])] == ["", "--same-space"]


def test_one_way_is_half_a_round_trip() -> None:
    metrics = {m.name: m.value for m in LatIpc().metrics({"call": 30, "reply": 20}, 1e6)}
    assert metrics == {"latency": 25, "call": 30, "reply": 20}


def test_only_systems_that_play_messages_run_it() -> None:
    with pytest.raises(UsageError, match="native plays linux and files, not the message"):
        player("native", LatIpc().parts()[0])
    assert player("sel4", LatIpc().parts()[0]).function == "ipc.players:play_messages"


def test_a_system_that_was_asked_for_has_one_name() -> None:
    assert LatIpc().on("l4", "armv5").args == LatIpc().args == ""
    assert LatIpc().on("sel4", "x86-64").args == "--kernel sel4"
    assert LatIpc().on("sel4", "armv8").args == ""
    assert LatIpc(words=8, kernel="sel4").on("mach", "armv8").args == "--words 8 --kind queued"
