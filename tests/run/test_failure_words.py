"""Words of a call to what dies: numbers of ASCII, within bounds, none that changes nothing."""

from __future__ import annotations

import pytest

from microbench.errors import UsageError
from microbench.run.failure import failure_rows
from microbench.run.failure_words import mix_of, options_of, time_ns
from microbench.run.setup import prepare

LONG = "9" * 5000


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("faults", "--n ²"),
        ("faults", "--n 0"),
        ("faults", f"--n {LONG}"),
        ("faults", "--seed -1"),
        ("faults", "--mix exit ²"),
        ("faults", f"--mix exit {LONG}"),
        ("faults", "--structure native --policy ham"),
        ("availability", "--mttf ²h"),
        ("availability", f"--mttf {LONG}h"),
        ("availability", "--seed ١"),
        ("restart", "--deaths ٣"),
        ("restart", "--heartbeat 900ms"),
        ("restart", "--component fuse --policy direct"),
        ("bw_kill", "--every 99999h"),
        ("bw_kill", "--every 0s"),
        ("bw_kill", "--disk ram --component net"),
        ("restart", "--component fuse --fault hang"),
        ("faults", "--n 10 --n"),
        ("restart", "--disk floppy"),
        ("bw_kill", "--disk floppy"),
    ],
)
def test_a_number_that_is_none_is_refused_in_one_line(name: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        failure_rows(name, words.split(" "), prepare("pxa255", []))
    assert words.split()[-1][:5] in str(caught.value) or "--policy" in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("faults", "--mix exit 1,exit 2", "--mix exit: is given twice"),
        ("faults", "--components disk,fs,disk", "--components disk: is given twice"),
        ("bw_kill", "--every 1s,1000ms", "--every 1s: is given twice"),
    ],
)
def test_a_list_names_nothing_twice(name: str, words: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        failure_rows(name, words.split(" "), prepare("pxa255", []))


def test_times_and_weights_are_what_was_typed() -> None:
    assert time_ns("restart", "heartbeat", "2500ms") == 2_500_000_000
    assert time_ns("availability", "mttf", "1.5h") == 5_400_000_000_000
    assert mix_of("exit 1,hang 0.5") == {"exit": 1.0, "hang": 0.5}
    assert options_of("faults", ["--mix", "exit", "65,hang", "4"]) == {"mix": "exit 65,hang 4"}
