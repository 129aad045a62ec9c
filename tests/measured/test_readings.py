"""Result files of other tools: values, units, what was not understood, damage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from microbench.errors import InputError
from microbench.measured.reading import Reading
from microbench.measured.registry import read_measured
from microbench.row import Row


@pytest.fixture
def read(tmp_path: Path):  # type: ignore[no-untyped-def]
    def reading(content: object) -> Reading:
        path = tmp_path / "board.txt"
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return read_measured(str(path))

    return reading


def values(found: Reading) -> dict[str, float]:
    return {f"{r.benchmark} {r.args}".strip() + f" {r.metric}": r.value for r in found.rows}


def one(found: Reading) -> Row:
    (row,) = found.rows
    assert (row.role, row.system) == ("measured", "measured")
    return row


LMBENCH = """\
[lmbench3.0 results for Linux box 6.1 #1 SMP aarch64]
[MHZ: 2000 MHz, 0.5 nanosec clock]
Simple syscall: 0.4000 microseconds
Select on 100 tcp fd's: 2000 nanoseconds
Pipe bandwidth: 2000.00 MB/sec
"size=16k ovr=1.20
2 3.10
"mappings
0.524288 7
"Memory partial read bandwidth
0.001024 9000.00
8.39 4000.00
Memory load latency
"stride=64
0.00049 1.500
8.00000 9.000
tlb: 40 pages
"""


def test_lmbench(read) -> None:  # type: ignore[no-untyped-def]
    found = read(LMBENCH)
    assert values(found) == {
        "lat_syscall null latency": 0.4,
        "lat_select -n 100 tcp latency": 2.0,
        "bw_pipe bandwidth": 2000,
        "lat_ctx -s 16 1 latency": 1.2,
        "lat_ctx -s 16 2 latency": 3.1,
        "lat_mmap 512k latency": 7,
        "bw_mem 1024 rd bandwidth": 9000,
        "bw_mem 8m rd bandwidth": 4000,
        "lat_mem_rd 64 latency at 512 bytes": 1.5,
        "lat_mem_rd 64 latency at 8388608 bytes": 9,
    }
    assert found.unread == ("line 17: tlb: 40 pages",)
    assert found.rows[0].cycles == 800
    assert {row.machine for row in found.rows} == {"board"}


def test_a_damaged_result_of_lmbench_names_its_line(read) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=r"board\.txt: line 3"):
        read(LMBENCH.replace("0.4000 micro", "0.4x00 micro"))


SUMMARY = """\
                 L M B E N C H  3 . 0   S U M M A R Y

Processor, Processes - times in microseconds - smaller is better
------------------------------------------------------------------------------
Host                 OS  Mhz null null      open slct sig  sig  fork exec sh
                             call  I/O stat clos TCP  inst hndl proc proc proc
--------- ------------- ---- ---- ---- ---- ---- ---- ---- ---- ---- ---- ----
box       Linux 6.1     2000 0.41 0.78 4.36 9.00      0.66 2.10 701. 1500 4.2K

*Local* Communication latencies in microseconds - smaller is better
---------------------------------------------------------------------
Host                 OS 2p/0K  Pipe AF     UDP  RPC/   TCP  RPC/ TCP
                        ctxsw       UNIX         UDP         TCP conn
--------- ------------- ----- ----- ---- ----- ----- ----- ----- ----
box       Linux 6.1     3.100 25.2  30.1        40.1         50.5 60.
"""


def test_summary_of_lmbench_with_blank_cells(read) -> None:  # type: ignore[no-untyped-def]
    found = values(read(SUMMARY))
    assert found["lat_syscall null latency"] == 0.41
    assert "lat_select -n 100 tcp latency" not in found
    assert found["lat_proc shell latency"] == 4200
    assert (found["lat_pipe latency"], found["lat_ctx -s 0 2 latency"]) == (25.2, 3.1)
    assert found["lat_connect latency"] == 60


def test_sel4bench_rows_are_named_as_lat_ipc_names_them(read) -> None:  # type: ignore[no-untyped-def]
    plain = {
        "Function": "seL4_ReplyRecv",
        "Direction": "server->client",
        "Client Prio": 254,
        "Server Prio": 254,
        "Same vspace?": True,
        "IPC length": 10,
        "Mean": 390.2,
        "Min": 381,
        "Max": 401,
    }
    row = one(read([{"Benchmark": "One way IPC microbenchmarks", "Results": [plain]}]))
    assert (row.benchmark, row.args) == ("lat_ipc", "--words 10 --same-space --kernel sel4")
    assert (row.metric, row.value, row.low, row.high) == ("reply", 390.2, 381, 401)
    other = read([{"Benchmark": "Signal", "Results": [{**plain, "Server Prio": 1}]}]).rows[0]
    assert other.benchmark == "Signal"
    with pytest.raises(InputError, match=r"\[0\].Results\[0\].Mean"):
        read([{"Benchmark": "x", "Results": [{"Mean": "fast"}]}])


def test_hyperfine_names_commands(read) -> None:  # type: ignore[no-untyped-def]
    result = {"command": "lat_pipe | tee x", "mean": 0.0123, "min": 0.012, "max": 0.013}
    row = one(read({"results": [result]}))
    assert (row.benchmark, row.args, row.unit) == ("command", "lat_pipe | tee x", "us")
    assert row.value == pytest.approx(12300)
    with pytest.raises(InputError, match=r"results\[0\].max"):
        read({"results": [{**result, "max": None}]})


def test_pyperf_reads_all_runs_and_skips_calibration(read) -> None:  # type: ignore[no-untyped-def]
    runs = [{"warmups": [[1, 0.1]]}, {"values": [1e-5, 3e-5]}, {"values": [2e-5]}]
    body = {"metadata": {"name": "lat_ctx -s 0 2"}, "benchmarks": [{"runs": runs}]}
    row = one(read(body))
    assert (row.benchmark, row.args) == ("lat_ctx", "-s 0 2")
    assert (row.value, row.low, row.high) == (
        pytest.approx(20),
        pytest.approx(10),
        pytest.approx(30),
    )


def test_google_takes_the_median_and_names_errors(read) -> None:  # type: ignore[no-untyped-def]
    def entry(name: str, time: float, **more: object) -> dict[str, object]:
        return {"name": name, "real_time": time, "cpu_time": 1, "time_unit": "ms", **more}

    body = {
        "context": {},
        "benchmarks": [
            entry("BM_x/8", 3, run_name="BM_x/8", run_type="iteration"),
            entry("BM_x/8", 1, run_name="BM_x/8", run_type="iteration"),
            entry("BM_x/8_mean", 9, run_name="BM_x/8", run_type="aggregate", aggregate_name="mean"),
            entry("BM_y", 0, error_occurred=True, error_message="no"),
        ],
    }
    found = read(body)
    assert values(found)["BM_x/8 latency"] == 2000
    assert found.unread == ("benchmarks[3] BM_y: no",)


def test_github_action_lists_and_history(read) -> None:  # type: ignore[no-untyped-def]
    entry = {"name": "lat_pipe", "unit": "ns", "value": 2500}
    assert one(read([entry])).value == 2.5
    history = {"s": [{"tool": "customBiggerIsBetter", "benches": [{**entry, "unit": "ops/s"}]}]}
    row = one(read("window.BENCHMARK_DATA = " + json.dumps({"entries": history}) + ";"))
    assert (row.better, row.unit, row.value) == ("larger", "ops/s", 2500)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"results": [{"command": "x", "mean": 0.1, ', "not JSON"),
        ("[]", "no result file"),
        ('{"jmhVersion": "1"}', "JMH"),
        ("# Running 'syscall/basic' benchmark:\n", "perf bench"),
        ("@[0]: 3\n", "mkbench app"),
        ("words\n", "no result file"),
        ("", "empty"),
        ("a\0b", "NUL"),
    ],
)
def test_what_is_not_read_is_said_in_one_line(read, text: str, said: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=said) as caught:
        read(text)
    assert "\n" not in str(caught.value)
