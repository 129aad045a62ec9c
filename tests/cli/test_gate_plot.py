"""`mkbench plot` from outside: files, refusals before work, lmbench's own arguments."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import gate_fake
import pytest
from gate_fake import Run

from microbench.row import Row

pytest.importorskip("matplotlib")


def test_ratios(run: Run, fake: gate_fake.Fake) -> None:
    assert run("plot", "ratios", "context", "-o", "r.pdf") == 0
    assert Path("r.pdf").read_bytes()[:4] == b"%PDF"
    assert fake.calls == [("table", "context", "pxa255", None, ())]


def test_breakdown_takes_lmbench_arguments(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def breakdown(*what: Any) -> dict[str, dict[str, float]]:
        asked.append(what)
        return {"native": {"flush": 9.0}, "l4": {"ipc": 1.0}}

    module: Any = types.ModuleType("microbench.run.explain")
    module.breakdown = breakdown
    monkeypatch.setitem(sys.modules, "microbench.run.explain", module)
    words = ["-s", "0", "2", "--set", "l1d.ways=8", "-o", "b.svg"]
    assert run("plot", "breakdown", "lat_ctx", *words) == 0
    assert asked == [("lat_ctx", "-s 0 2", "pxa255", None, ("l1d.ways=8",))]
    assert b"<svg" in Path("b.svg").read_bytes()


def test_ctx_asks_for_each_point(
    run: Run, fake: gate_fake.Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows(name: str, args: str, machine: str, systems: Any, settings: Any) -> list[Row]:
        fake.calls.append(args)  # type: ignore[arg-type]
        return [Row(name, args, machine, "l4", "latency", "us", "smaller", 5.0)]

    monkeypatch.setattr(sys.modules["microbench.run.rows"], "benchmark_rows", rows)
    assert run("plot", "ctx", "--sizes", "4,0", "--processes", "2,8", "-o", "c.png", "-q") == 0
    assert fake.calls == ["-s 0 2", "-s 0 8", "-s 4 2", "-s 4 8"]
    assert Path("c.png").read_bytes()[1:4] == b"PNG"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["ratios", "-o", "x.gif"], "x.gif"),
        (["ctx", "--sizes", "many"], "--sizes = 'many'"),
        (["ctx", "--processes", "0"], "--processes = '0'"),
        (["ratios", "--system", "l4"], "native and l4"),
        (["ratios", "-o", "no/where.svg"], "no/where.svg"),
        (["pie"], "no command 'pie'; there are breakdown"),
    ],
)
def test_mistakes_are_one_line(
    run: Run,
    fake: gate_fake.Fake,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    says: str,
) -> None:
    only_l4 = [row for row in fake.rows() if row.system == "l4"]
    if "l4" in words:
        tables = sys.modules["microbench.study.tables"]
        monkeypatch.setattr(tables, "table_rows", lambda *a: only_l4)
    assert run("plot", *words) == 2
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1
    assert list(Path().iterdir()) == []


def test_without_matplotlib_it_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert run("plot", "ratios") == 2
    assert "pip install 'mkbench[plot]'" in capsys.readouterr().err
