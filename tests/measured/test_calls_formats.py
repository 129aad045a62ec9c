"""Tracers' formats in their small forms: every order of columns, maps, halves of calls, damage."""

from __future__ import annotations

import pytest

from microbench.errors import InputError
from microbench.measured.calls.counts import Counts
from microbench.measured.calls.registry import read_counts
from microbench.measured.source import Source


def read(text: str, architecture: str = "x86-64") -> Counts:
    return read_counts(Source("f", text), architecture)


def calls(text: str) -> dict[str, int]:
    return {call.name: call.calls for call in read(text).calls}


SUMMARY = """\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 90.00    0.009000           3      3000           read
 10.00    0.001000           5       200         7 openat
------ ----------- ----------- --------- --------- ----------------
100.00    0.010000                  3200         7 total
"""


def test_summary_with_a_blank_mean_in_the_total() -> None:
    counts = read(SUMMARY)
    assert counts.kind == "strace -c"
    assert [(c.name, c.calls, c.errors, c.seconds) for c in counts.calls] == [
        ("read", 3000, 0, 0.009),
        ("openat", 200, 7, 0.001),
    ]


def test_summary_in_another_order_of_columns() -> None:
    text = (
        "   errors     calls syscall          longest\n"
        "--------- --------- ---------------- --------\n"
        "        2        12 fstat            0.000269\n"
        "                 30 getppid          0.000269\n"
        "--------- --------- ---------------- --------\n"
        "        2        42 total            0.000269\n"
    )
    assert calls(text) == {"getppid": 30, "fstat": 12}


def test_summaries_of_two_personalities_are_added_and_output_between_is_named() -> None:
    text = f"hello\nSystem call usage summary for 64 bit mode:\n{SUMMARY}" + SUMMARY
    counts = read(text)
    assert counts.total == 6400
    assert counts.unread == ("line 1: hello",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("3200", "3201", "line 6"),
        ("      3000  ", "      30x0  ", "line 3"),
        ("0.009000           3      3000           read", "0.009000 read", "line 3"),
        ("openat", "open-at", "line 4"),
    ],
)
def test_a_damaged_summary_names_file_and_line(old: str, new: str, said: str) -> None:
    with pytest.raises(InputError, match=f"f: {said}"):
        read(SUMMARY.replace(old, new))


def test_a_summary_without_total_is_read_and_doubted() -> None:
    counts = read("".join(SUMMARY.splitlines(keepends=True)[:4]))
    assert counts.total == 3200
    assert "no total" in counts.notes[0]


TRACE = """\
[pid    12] 10:11:12.345678 read(0,  <unfinished ...>
[pid    13] 10:11:12.345700 write(1, "a) = 3 <0.5>", 12) = 12 <0.000003>
[pid    12] 10:11:12.345800 <... read resumed>"x", 1) = 1 <0.000200>
[pid    13] 10:11:12.345900 openat(AT_FDCWD, "no", O_RDONLY) = -1 ENOENT (No such file) <0.000001>
strace: Process 14 attached
[pid    13] 10:11:12.346000 --- SIGCHLD {si_signo=SIGCHLD} ---
[pid    13] 10:11:12.346100 futex(0x1, FUTEX_WAIT, 1, NULL <unfinished ...>
[pid    12] 10:11:12.346200 exit_group(0)     = ?
[pid    12] 10:11:12.346300 +++ exited with 0 +++
"""


def test_trace_counts_halves_once_and_failures() -> None:
    counts = read(TRACE)
    found = {c.name: (c.calls, c.errors) for c in counts.calls}
    assert found == {
        "read": (1, 0),
        "write": (1, 0),
        "openat": (1, 1),
        "futex": (1, 0),
        "exit_group": (1, 0),
    }
    seconds = {c.name: c.seconds for c in counts.calls}
    assert seconds["read"] == pytest.approx(0.0002)
    assert "futex" in counts.notes[0]


def test_trace_cut_in_its_last_call_is_damaged() -> None:
    with pytest.raises(InputError, match="line 2"):
        read('read(0, "x", 1) = 1\nread(0, "x')


PERF_S = """\
 a (1), 4 events, 50.0%

   syscall            calls    total       min       avg       max      stddev
                               (msec)    (msec)    (msec)    (msec)        (%)
   --------------- -------- --------- --------- --------- ---------     ------
   read                   2     1.000     0.100     0.500     0.900      1.00%

 b (2), 4 events, 50.0%

   syscall            calls    total       min       avg       max      stddev
                               (msec)    (msec)    (msec)    (msec)        (%)
   --------------- -------- --------- --------- --------- ---------     ------
   read                   3     2.000     0.100     0.500     0.900      1.00%
"""


def test_perf_summary_without_errors_adds_threads() -> None:
    (call,) = read(PERF_S).calls
    assert (call.calls, call.errors, call.seconds) == (5, None, pytest.approx(0.003))


def test_perf_trace_counts_a_continued_call_once() -> None:
    text = (
        "     0.000 (         ): cat/7 read(fd: 0, count: 1) ...\n"
        "     0.100 ( 0.002 ms): dog/8 write(fd: 1, count: 1) = 1\n"
        "     0.000 ( 5.000 ms): cat/7  ... [continued]: read()) = -1 EAGAIN (later)\n"
        "     9.000 ( 0.001 ms): close(fd: 3) = 0\n"
    )
    found = {c.name: (c.calls, c.errors) for c in read(text).calls}
    assert found == {"read": (1, 1), "write": (1, 0), "close": (1, 0)}


@pytest.mark.parametrize(
    "text",
    [
        "# started\n\n12,,syscalls:sys_enter_read,10,100.00,,\n3,,syscalls:sys_exit_read,1,1,,\n",
        "12;;syscalls:sys_enter_read:u;10;100.00;;\n",
        "12:::syscalls:sys_enter_read:10:100.00::\n".replace(":::", "::"),
        '{"counter-value" : "12.000000", "unit" : "", "event" : "syscalls:sys_enter_read"}\n',
        " Performance counter stats for 'x':\n\n     12      syscalls:sys_enter_read\n",
    ],
    ids=["comma", "semicolon", "colon", "json", "plain"],
)
def test_perf_stat_with_any_separator(text: str) -> None:
    assert calls(text) == {"read": 12}


def test_perf_stat_tells_times_and_what_was_not_counted() -> None:
    text = (
        "1,234      syscalls:sys_enter_write\n"
        "<not counted>      syscalls:sys_enter_read\n"
        "       5      context-switches\n"
        "       1.500000 seconds time elapsed\n"
        "       0.250000 seconds user\n"
        "       0.750000 seconds sys\n"
    )
    counts = read(text)
    assert (counts.total, counts.wall_s, counts.cpu_s) == (1234, 1.5, 1.0)
    assert any("sys_enter_read" in note for note in counts.notes)
    assert any("context-switches" in note for note in counts.notes)


def test_maps_by_number_name_and_two_keys() -> None:
    assert calls("@[0]: 3\n@[1]: 4\n") == {"write": 4, "read": 3}
    assert calls("@[tracepoint:syscalls:sys_enter_read]: 3\n") == {"read": 3}
    assert calls("@[cat, 0]: 3\n@[dog, 0]: 4\n") == {"read": 7}
    assert {c.name for c in read("@[63]: 3\n", "aarch64").calls} == {"read"}


def test_a_histogram_is_counted_and_stats_go_first() -> None:
    hist = "@h[0]: \n[256, 512)            12 |@@@@   |\n[512, 1K)              3 |@      |\n\n"
    assert calls(hist) == {"read": 15}
    stats = "@t[0]: count 15, average 323, total 4845\n"
    counts = read(hist + stats)
    assert (counts.total, counts.calls[0].seconds) == (15, pytest.approx(4.845e-6))
    assert any("@h left out" in note for note in counts.notes)


def test_maps_as_json() -> None:
    text = (
        '{"type": "attached_probes", "data": {"probes": 2}}\n'
        '{"type": "hist", "data": {"@h": {"0": [{"min": 256, "max": 511, "count": 2}]}}}\n'
        '{"type": "stats", "data": {"@t": {"0": {"count": 2, "average": 3, "total": 6}}}}\n'
    )
    assert calls(text) == {"read": 2}
    with pytest.raises(InputError, match="line 2"):
        read(text.replace('"count": 2}]', '"count": "x"}]'))


def test_two_maps_of_counts_are_not_guessed_between() -> None:
    with pytest.raises(InputError, match="@a and @b"):
        read("@a[0]: 3\n@b[0]: 300\n")


def test_a_number_without_a_name_is_kept_as_unknown() -> None:
    assert calls("@[0]: 3\n@[-1]: 2\n@[9999]: 1\n") == {"read": 3, "call -1": 2, "call 9999": 1}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("% time     seconds  usecs/call     calls      function\n 1 1 1 1 puts\n", "ltrace"),
        ("cat 12 [000] 1.234: syscalls:sys_enter_read: fd\n", "perf script"),
        ("# Overhead  Command\n", "perf report"),
        ("syscall  seconds  calls  errors\nread 0.1 2 0\n", "truss"),
        ("nothing at all\n", "no format"),
    ],
)
def test_other_formats_are_refused_by_name(text: str, name: str) -> None:
    with pytest.raises(InputError, match=name):
        read(text)
