"""The engine counts the misses that callgrind counts of the same loads, run as a program."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from traces import compiler, path_of, walked

from microbench.machine.pricing import Pricer
from microbench.run.setup import prepare

LOADS = 100_000
ENDS = 100
"""Misses by which a program's end may differ from one that loaded nothing before."""


def misses(program: Path, loads: int) -> int:
    """What callgrind counts of a run: the fifth event, `D1mr`."""
    out = program.with_suffix(".out")
    words = ["valgrind", "--tool=callgrind", "--cache-sim=yes", "--D1=32768,32,32"]
    run = [*words, f"--callgrind-out-file={out}", str(program), str(loads)]
    subprocess.run(run, check=False, capture_output=True)
    (line,) = [x for x in out.read_text().splitlines() if x.startswith("totals:")]
    return int(line.split()[5])


@pytest.mark.skipif(compiler() is None or not shutil.which("valgrind"), reason="no valgrind")
def test_callgrind_counts_the_same_misses(tmp_path: Path) -> None:
    program = tmp_path / "walk"
    source = Path(__file__).with_name("walk.c")
    subprocess.run([str(compiler()), "-O2", "-o", str(program), str(source)], check=True)
    theirs = misses(program, LOADS) - misses(program, 0)
    spec = prepare("pxa255", ["l1d.replacement=lru"]).spec  # callgrind knows no other
    (ledger,) = Pricer(spec, path_of(walked(LOADS))).iterations()
    assert 0 <= theirs - ledger.count("d_misses") <= ENDS
