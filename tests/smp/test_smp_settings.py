"""Settings of an operation: each number by its key, counts whole, own work beside parts."""

import pytest
from smp_toys import write

from microbench.errors import UsageError
from microbench.smp.build import Setup
from microbench.smp.machine import load_machine
from microbench.smp.operation import load_operation
from microbench.smp.settings import TABLES, changed, split_settings, with_work
from microbench.study.smp.hangs import hang_rows

TEXT = """title = "Mine"
[system.a]
title = "A"
source = "me"
path = ["work", "every some:", "hold", "end", "repeat times:", "hold", "end", "shoot few"]
[system.a.parts]
work = { value = 1000, unit = "cycles", source = "me", certainty = "measured" }
hold = { value = 100, unit = "cycles", source = "me", certainty = "measured" }
[system.a.every]
some = { value = 3, unit = "operations", source = "me", certainty = "measured" }
[system.a.repeat]
times = { value = 2, unit = "times", source = "me", certainty = "measured" }
[system.a.lines]
hold = { value = 3, unit = "lines", source = "me", certainty = "measured" }
[system.a.targets]
few = { value = 1, unit = "cpus", source = "me", certainty = "measured" }
[system.a.moves]
sent = { value = 2, unit = "moves", source = "me", certainty = "measured" }
"""
WHOLE = ("lines.hold", "every.some", "repeat.times", "targets.few")


@pytest.fixture
def op(tmp_path):
    return load_operation(str(write(tmp_path / "mine.toml", TEXT)), "a")


def test_every_table_of_numbers_can_be_set(op):
    for area in TABLES:
        name = next(iter(getattr(op, area)))
        setting = f"{area}.{name}=7"
        assert split_settings([setting]) == ([setting], [])
        assert getattr(changed(op, [setting]), area)[name].value == 7


@pytest.mark.parametrize("key", WHOLE)
@pytest.mark.parametrize("value", ["2.5", "0", "1e10", "nan", "inf", "", "x", "\uff12"])
def test_a_count_is_whole_and_within_bounds(op, key, value):
    with pytest.raises(UsageError, match="1 to 1000000000"):
        changed(op, [f"{key}={value}"])


def test_work_before_a_call_is_no_part_of_the_same_name(op):
    more = with_work(op, 50)
    assert more.parts["work"].value == 1000
    assert more.path == ("--work", *op.path)


def test_what_a_slowdown_hangs_on_moves_counts_by_whole_steps(op, monkeypatch):
    """By the step they made, not the one they should have made."""
    seen = {}

    def slowdown(op, machine, n, setup):
        for key in WHOLE:
            area, name = key.split(".")
            number = getattr(op, area)[name].value
            assert number == int(number)
            seen.setdefault(key, set()).add(number)
        return op.targets["few"].value

    monkeypatch.setattr("microbench.study.smp.hangs._slowdown", slowdown)
    rows = hang_rows(with_work(op, 50), load_machine("numachine"), 4, Setup())
    by = {r.metric.removeprefix("slowdown hangs on "): r.value for r in rows}
    assert all(len(numbers) == 2 for numbers in seen.values())
    assert by["targets.few"] == pytest.approx(1)
    assert "--work" in by
