"""The engine's own source run as plain Python: the oracle of the compiled engine."""

from __future__ import annotations

import importlib.util
import os
from functools import cache
from types import ModuleType
from unittest import mock

from microbench.ahead.choose import VARIABLE
from microbench.machine import conserve, engine, pricing
from microbench.machine.pricing import Ledger
from microbench.machine.spec import MachineSpec
from microbench.trace import Trace


@cache
def plain_engine() -> ModuleType:
    """The same file, imported a second time with nothing compiled."""
    module = imported_plainly(engine)
    assert type(module.replay).__name__ == "function"
    return module


def imported_plainly(compiled: ModuleType) -> ModuleType:
    """A second copy of an engine, as plain Python."""
    return imported_as(compiled, "plain")


def imported_as(compiled: ModuleType, kind: str) -> ModuleType:
    """A second copy of an engine, run in one of the ways it can.

    Raises
    ------
    InputError
        If it cannot be run that way here.
    """
    spec = importlib.util.spec_from_file_location(compiled.__name__, compiled.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with mock.patch.dict(os.environ, {VARIABLE: kind}):
        spec.loader.exec_module(module)
    assert module.CHOICE.kind == kind
    return module


class Table(list):
    """Rows of Python integers, indexed like a two-dimensional array."""

    def __getitem__(self, key):
        if type(key) is tuple:
            return list.__getitem__(self, key[0])[key[1]]
        return list.__getitem__(self, key)


def plain_replay(operations, first, last, *arrays) -> None:
    """`engine.replay` on Python integers, which neither overflow nor wrap."""
    plain = [Table(a.tolist()) for a in arrays]
    plain_engine().replay(Table(operations.tolist()), first, last, *plain)
    for array, values in zip(arrays[-3:], plain[-3:], strict=True):
        array[:] = values


def priced_plainly(spec: MachineSpec, trace: Trace, scales: dict[str, float]) -> list[Ledger]:
    """What `Pricer.iterations` gives, without anything compiled."""
    with mock.patch.object(pricing.engine, "replay", plain_replay):
        return pricing.Pricer(spec, trace, scales).iterations()


def priced_and_checked(spec: MachineSpec, trace: Trace, scales: dict[str, float]) -> list[Ledger]:
    """The compiled engine with all conservation checks after each iteration."""
    with mock.patch.object(conserve, "DEBUG", True):
        return pricing.Pricer(spec, trace, scales).iterations()
