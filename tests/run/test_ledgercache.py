"""Kept ledgers are those of the same trace on the same machine, and nothing else's."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from microbench import said
from microbench.machine import schema
from microbench.run import ledgercache, runner
from microbench.run.ledgercache import PricedTrace, key_of
from microbench.run.runner import forget_drawn, run, source_of
from microbench.run.setup import Setup, prepare
from microbench.store import kept
from microbench.workloads.programs.images import using
from microbench.workloads.registry import workloads

NAME = "a pipe on native"
PIPE = workloads("lat_pipe", [])[0]


def priced() -> PricedTrace:
    setup = prepare("pxa255")
    trace = source_of(PIPE, PIPE.parts()[0], "native", setup).trace()
    return PricedTrace(runner.price(setup.spec, trace, setup.scales), len(trace.marks))


def same(one: PricedTrace, other: PricedTrace) -> bool:
    return one.marks == other.marks and all(
        np.array_equal(a.ticks, b.ticks)
        and np.array_equal(a.counters, b.counters)
        and a.places == b.places
        for a, b in zip(one.ledgers, other.ledgers, strict=True)
    )


def test_kept_ledgers_come_back_the_same(store: Path) -> None:
    made, setup = priced(), prepare("pxa255")
    ledgercache.keep(NAME, setup, made)
    found = ledgercache.load(NAME, setup)
    assert found is not None
    assert same(found, made)


def changed_setups(setup: Setup) -> Iterator[tuple[str, Setup]]:
    """The machine with each of its numbers and words changed, one at a time."""
    spec = setup.spec
    for key, number in spec.numbers.items():
        nearest = math.nextafter(number.value, math.inf)
        for other in (replace(number, value=nearest), replace(number, unit="?")):
            yield key, replace(setup, spec=replace(spec, numbers={**spec.numbers, key: other}))
    for key in schema.all_numbers().keys() - spec.numbers.keys():
        one = next(iter(spec.numbers.values()))
        yield key, replace(setup, spec=replace(spec, numbers={**spec.numbers, key: one}))
    for key, allowed in schema.all_words().items():
        for word in (*allowed, "?"):
            if word != spec.words.get(key):
                yield key, replace(setup, spec=replace(spec, words={**spec.words, key: word}))
    for name in ("l4", "l4/ipc_slow", "softfloat", "new"):
        yield name, replace(setup, scales={**setup.scales, name: 1.0000001})


def test_any_other_number_word_factor_trace_or_engine_is_another_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    setup = prepare("pxa255")
    keys = {"": key_of(NAME, setup), "trace": key_of(NAME + "2", setup)}
    for name, changed in changed_setups(setup):
        keys[f"{name} {len(keys)}"] = key_of(NAME, changed)
    for kind in ("ahead", "numba", "plain"):
        if kind != ledgercache.engine.CHOICE.kind:
            choice = ledgercache.engine.CHOICE._replace(kind=kind)
            monkeypatch.setattr(ledgercache.engine, "CHOICE", choice)
            keys[kind] = key_of(NAME, setup)
            monkeypatch.undo()
    assert len(keys) > 200
    assert len(set(keys.values())) == len(keys)
    assert key_of(NAME, prepare("pxa255")) == keys[""]


def cut(content: bytes) -> bytes:
    return content[:-8]


def flip(content: bytes) -> bytes:
    return content[:-30] + bytes([content[-30] ^ 1]) + content[-29:]


def foreign(content: bytes) -> bytes:
    return b"PK\x03\x04 something else's"


def short(content: bytes) -> bytes:
    """A right digest over too few numbers."""
    return kept.sealed(content.partition(b"\n")[2][:-8])


def other_sizes(content: bytes) -> bytes:
    """A right digest over sizes that the numbers do not have."""
    head, _, body = content.partition(b"\n")[2].partition(b"\n")
    sizes = {**json.loads(head), "marks": 10**6}
    return kept.sealed(json.dumps(sizes).encode() + b"\n" + body)


@pytest.mark.parametrize("damage", [cut, flip, foreign, short, other_sizes, lambda content: b""])
def test_a_damaged_entry_is_none_said_once_and_made_again(store: Path, damage: Any) -> None:
    heard: list[str] = []
    said.listen(heard.append)
    made, setup = priced(), prepare("pxa255")
    ledgercache.keep(NAME, setup, made)
    path = next(store.rglob("ledgers-*"))
    path.write_bytes(damage(path.read_bytes()))
    assert ledgercache.load(NAME, setup) is None
    assert ledgercache.load(NAME, setup) is None
    assert len(heard) == 1
    assert not path.exists()
    ledgercache.keep(NAME, setup, made)
    found = ledgercache.load(NAME, setup)
    assert found is not None
    assert same(found, made)


def fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_TRACES", {})
    monkeypatch.setattr(runner, "_PRICED", {})


@pytest.fixture
def fresh(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh_process(monkeypatch)


def test_a_warm_run_gives_the_same_and_neither_plays_nor_prices(
    fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = prepare("pxa255")
    cold = run(PIPE, "l4", setup)
    fresh_process(monkeypatch)
    monkeypatch.setattr(runner, "price", None)
    warm = run(PIPE, "l4", setup)
    assert not runner._TRACES
    assert warm.metrics == cold.metrics
    for name, part in cold.parts.items():
        assert np.array_equal(warm.parts[name].ledger.ticks, part.ledger.ticks)
        assert np.array_equal(warm.parts[name].ledger.counters, part.ledger.counters)
        assert (warm.parts[name].spread, warm.parts[name].counted) == (part.spread, part.counted)


def test_another_machine_in_between_changes_nothing(
    fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, plain = prepare("pxa255", ["core.branch_miss_cycles=90"]), prepare("pxa255")
    with kept.anew():
        wanted = {setup.machine: run(PIPE, "l4", setup).metrics for setup in (plain, slow)}
    fresh_process(monkeypatch)
    for setup in (slow, plain, slow):
        assert run(PIPE, "l4", setup).metrics == wanted[setup.machine]
    assert wanted[slow.machine] != wanted[plain.machine]


def test_a_search_keeps_no_more_than_the_first_machines(fresh: None, store: Path) -> None:
    for cycles in range(20, 30):
        run(PIPE, "native", prepare("pxa255", [f"core.branch_miss_cycles={cycles}"]))
    assert len(list(store.rglob("ledgers-*"))) == runner.KEPT_MACHINES


def test_what_a_study_draws_is_neither_kept_nor_held(fresh: None, store: Path) -> None:
    setup, fork = prepare("pxa255"), workloads("lat_proc", ["fork"])[0]
    with using({"object.libc.text_touched": 18}):
        drawn = run(fork, "native", setup).metrics
        assert len(runner._TRACES) == 1
    forget_drawn()
    assert not runner._TRACES
    assert not list(store.rglob("*-*"))
    assert run(fork, "native", setup).metrics != drawn
    assert len(list(store.rglob("trace-*"))) == 1
