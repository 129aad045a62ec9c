"""A provider of rows that stands for the engine: a few rows, a knob to make them differ."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from microbench.cli import main
from microbench.reference.compare import annotate
from microbench.row import Row

Run = Callable[..., int]
"""`mkbench WORDS`, called with the words; its exit code."""
TABLES = ("context", "lmbench", "reaim")


@dataclass
class Fake:
    """What the fake tables return, and what they were asked."""

    factor: dict[str, float] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    machine_hash: str = "0123abcd"
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def rows(self) -> list[Row]:
        """Three benchmarks on three systems."""
        found = []
        for name, unit, better, cycles in (
            ("lat_pipe", "us", "smaller", 200_000),
            ("lat_unix", "us", "smaller", 400_000),
            ("bw_pipe", "MB/s", "larger", 50_000),
        ):
            if name in self.missing:
                continue
            for system, share in (("native", 1.0), ("native-fass", 0.5), ("l4", 0.1)):
                spent = round(cycles * share * self.factor.get(name, 1.0))
                value = spent / 400 if unit == "us" else 1e6 / spent
                metric = "latency" if unit == "us" else "bandwidth"
                what = (name, "", "pxa255", system, metric, unit, better)
                found.append(Row(*what, value, spent, machine_hash=self.machine_hash))
        return annotate(found)

    def table_rows(
        self, name: str, machine: str = "pxa255", systems: Any = None, settings: Any = ()
    ) -> list[Row]:
        self.calls.append(("table", name, machine, systems, settings))
        return self.rows()

    def benchmark_rows(
        self, benchmark: str, args: str, machine: str, systems: Any, settings: Any
    ) -> list[Row]:
        self.calls.append(("bench", benchmark, args, machine, systems, settings))
        return [
            row
            for row in self.rows()
            if row.benchmark == benchmark and (systems is None or row.system in systems)
        ]


@dataclass(frozen=True)
class FakeTable:
    """A table of the registry whose rows are a fake's."""

    fake: Fake
    name: str
    title: str
    rows: str = ""
    columns: str = "systems"
    machine: str = "pxa255"
    one_cpu: bool = True
    usual: bool = True

    def own(self, ask: Any) -> Any:
        """All that is asked."""
        return ask

    def steps(self, ask: Any) -> list[Any]:
        """One step."""
        return [(self.name, lambda: self.fake.table_rows(self.name))]

    def said(self, rows: Any) -> str:
        """Nothing below it."""
        return ""


def install(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Put a `Fake` in the place of the modules that make rows, and fixed file hashes."""
    hashes = {"kernel.real.toml": "34", "calibration": "none"}
    monkeypatch.setattr("microbench.store.provenance._file_hashes", lambda data: hashes)
    fake = Fake()
    monkeypatch.setattr("microbench.run.rows.benchmark_rows", fake.benchmark_rows)
    monkeypatch.setattr("microbench.study.tables.table_rows", fake.table_rows)
    listed = {name: FakeTable(fake, name, f"table {name}") for name in TABLES}
    monkeypatch.setattr("microbench.study.tables.TABLES", listed)
    compiled: Any = types.ModuleType("microbench.run.compiled")
    compiled.announce = lambda say: None
    monkeypatch.setitem(sys.modules, "microbench.run.compiled", compiled)
    return fake


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Run `mkbench WORDS` in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["mkbench", *words])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0
