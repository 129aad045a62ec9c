"""References per second: the engine, its source as plain Python, C, and pycachesim.

Not part of the default run: `pytest tests/performance --benchmark-only` prints the table,
in millions of references per second as `extra_info`. Rivals that are not installed are
skipped. The engine prices time, translations, causes and counters; the C reference and
pycachesim only count hits.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "machine"))

from plain import priced_plainly
from traces import addresses, c_reference, compiler, path_of, references

from microbench.machine.pricing import Pricer
from microbench.run.runner import record
from microbench.run.setup import Setup, prepare
from microbench.trace import Trace
from microbench.workloads.registry import workloads

KINDS = ("A", "B")
FEW = 100_000
ROUNDS = 5
RECORDED = ("lat_pipe", "lat_proc fork", "lat_ctx -s 4 10", "bw_pipe", "reaim 2")
LEAST_RECORDED = 30.0
"""Millions of references per second on recorded traces."""


@pytest.fixture(scope="module")
def setup() -> Setup:
    return prepare("pxa255")


def rate(benchmark, count: int) -> float:
    """Millions of references per second of the fastest round."""
    found = count / benchmark.stats.stats.min / 1e6
    benchmark.extra_info["M references/s"] = round(found, 1)
    return found


def engine(benchmark, trace: Trace, setup: Setup) -> float:
    """Price a trace from an empty machine, several times."""

    def fresh() -> tuple[tuple[Pricer], dict[str, object]]:
        pricer = Pricer(setup.spec, trace, setup.scales)
        pricer.run(0, 0)
        return (pricer,), {}

    benchmark.pedantic(lambda p: p.run(0, len(trace.operations)), setup=fresh, rounds=ROUNDS)
    return rate(benchmark, references(trace))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.benchmark(group="loads over 1 MB", timer=process_time)
def test_engine(benchmark, setup: Setup, kind: str) -> None:
    engine(benchmark, path_of(addresses(kind)), setup)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.skipif(compiler() is None, reason="no C compiler")
@pytest.mark.benchmark(group="loads over 1 MB", timer=process_time)
def test_c_reference(benchmark, setup: Setup, kind: str, tmp_path: Path) -> None:
    simulate, loads = c_reference(tmp_path), addresses(kind)
    hits = benchmark.pedantic(simulate, (loads,), rounds=ROUNDS)
    rate(benchmark, len(loads))
    pricer = Pricer(setup.spec, path_of(loads))
    (ledger,) = pricer.iterations()
    assert ledger.count("d_hits") == hits, "the same cache, or the race is not fair"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.benchmark(group="loads over 1 MB", timer=process_time)
def test_plain_python(benchmark, setup: Setup, kind: str) -> None:
    trace = path_of(addresses(kind, FEW))
    benchmark.pedantic(priced_plainly, (setup.spec, trace, {}), rounds=1)
    rate(benchmark, FEW)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.benchmark(group="loads over 1 MB", timer=process_time)
def test_pycachesim(benchmark, kind: str) -> None:
    cachesim = pytest.importorskip("cachesim")
    loads = addresses(kind, FEW).tolist()

    def simulate() -> None:
        memory = cachesim.MainMemory()
        cache = cachesim.Cache("L1", 32, 32, 32, "FIFO", write_allocate=False, write_back=True)
        memory.load_to(cache)
        memory.store_from(cache)
        simulator = cachesim.CacheSimulator(cache, memory)
        for address in loads:
            simulator.load(address, length=4)

    benchmark.pedantic(simulate, rounds=3)
    rate(benchmark, FEW)


@pytest.mark.parametrize("system", ["native", "l4"])
@pytest.mark.parametrize("row", RECORDED)
@pytest.mark.benchmark(group="recorded", timer=process_time)
def test_recorded(benchmark, setup: Setup, row: str, system: str) -> None:
    name, *args = row.split()
    workload = workloads(name, args)[0]
    trace = record(workload, workload.parts()[0], system, setup)
    assert engine(benchmark, trace, setup) > LEAST_RECORDED


@pytest.mark.skipif(compiler() is None, reason="no C compiler")
@pytest.mark.parametrize("kind", KINDS)
def test_engine_keeps_up_with_c(setup: Setup, kind: str, tmp_path: Path) -> None:
    """CPU time, best of several rounds, side by side; 0.7 leaves room for a busy machine."""
    simulate, loads = c_reference(tmp_path), addresses(kind)
    trace = path_of(loads)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        pricer = Pricer(setup.spec, trace)
        start = process_time()
        pricer.run(0, len(trace.operations))
        ours.append(process_time() - start)
        start = process_time()
        simulate(loads)
        theirs.append(process_time() - start)
    assert min(theirs) / min(ours) > 0.7
