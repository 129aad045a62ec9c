"""A kept trace is worth keeping: pricing it is many times quicker than playing it again."""

from __future__ import annotations

import time
from pathlib import Path

from microbench.run.runner import measure, source_of
from microbench.run.setup import prepare
from microbench.run.stored import price, record_runs
from microbench.trace.store import read, to_bytes
from microbench.workloads.registry import workloads


def test_pricing_a_file_is_several_times_faster_than_running_again(tmp_path: Path) -> None:
    file = tmp_path / "t.npz"
    file.write_bytes(to_bytes(record_runs("lat_proc", ["fork"], ["l4"])))
    setup, stored = prepare("pxa255"), read(file)
    price(stored, setup)
    start = time.process_time()
    price(stored, setup)
    priced = time.process_time() - start
    workload = workloads("lat_proc", ["fork"])[0]
    sources = [source_of(workload, part, "l4", setup) for part in workload.parts()]
    start = time.process_time()
    for source in sources:
        measure(source.play(source.part, source.seen), source.part, setup)
    ran = time.process_time() - start
    assert ran > 4 * priced, "8 when this was written, 20 before programs were played faster"
