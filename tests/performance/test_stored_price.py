"""A kept trace is worth keeping: pricing it is many times quicker than playing it again."""

from __future__ import annotations

import time
from pathlib import Path

from microbench.run.runner import measure
from microbench.run.setup import prepare
from microbench.run.stored import price, record_runs
from microbench.systems.registry import SYSTEMS
from microbench.trace.store import read, to_bytes
from microbench.workloads.registry import workloads


def test_pricing_a_file_is_twenty_times_faster_than_running_again(tmp_path: Path) -> None:
    file = tmp_path / "t.npz"
    file.write_bytes(to_bytes(record_runs("lat_proc", ["fork"], ["l4"])))
    setup, stored = prepare("pxa255"), read(file)
    price(stored, setup)
    start = time.process_time()
    price(stored, setup)
    priced = time.process_time() - start
    stage = {"numbers": setup.workload, "images": {}}
    start = time.process_time()
    for part in workloads("lat_proc", ["fork"])[0].parts():
        measure(SYSTEMS["l4"].play["linux"](part, stage), part, setup)
    ran = time.process_time() - start
    assert ran > 10 * priced, "20 on an idle machine; see results/performance.md"
