"""Somebody's scaling data: serial time found again, columns of will-it-scale, mistakes by line."""

import pytest

from microbench.errors import InputError, UsageError
from microbench.reference.scaling import Scaling, load_scaling
from microbench.smp.machine import load_machine
from microbench.smp.queue import repairman
from microbench.study.smp.fit import fit, fit_rows

CPUS = (1, 2, 4, 8, 16, 32, 64, 128)


@pytest.fixture
def machine():
    return load_machine("icelake128")


def test_the_serial_part_of_a_closed_queue_is_found_again(machine):
    one = machine.clock_hz / 3000
    rates = tuple(one * repairman(n, 0.9, 0.1) for n in CPUS)
    got = fit(Scaling("made", CPUS, rates), machine)
    assert got.one_cycles == pytest.approx(3000)
    assert got.serial_cycles == pytest.approx(300, rel=0.05)
    assert got.error < 0.01


def test_data_beyond_the_machine_are_refused_with_its_bound():
    data = Scaling("made", (1, 2, 64), (1.0, 2.0, 3.0))
    with pytest.raises(UsageError, match="1 to 16"):
        fit(data, load_machine("numachine"))


def test_words_name_transfers_holds_and_the_law(machine):
    data = Scaling("made", (1, 4, 16), (9e5, 3e6, 5e6))
    rows, text = fit_rows(data, "icelake128", "anonfault", "linux-5.8", "region")
    assert [r.published for r in rows] == [9e5, 3e6, 5e6]
    for word in ("serial", "line transfers", "queued lock", "mmap_sem", "USL"):
        assert word in text


def test_will_it_scale_is_read_and_its_empty_row_left_out(tmp_path):
    path = tmp_path / "wis.csv"
    path.write_text(
        "tasks,processes,processes_idle,threads,threads_idle,linear\n"
        "0,0,100,0,100,0\n1,10,99,9,99,10\n2,19,98,12,98,20\n4,36,96,13,96,40\n"
    )
    assert load_scaling(path).rates == (9.0, 12.0, 13.0)
    assert load_scaling(path, "processes").rates == (10.0, 19.0, 36.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "heading"),
        ("a,b\n1,2\n", "heading"),
        ("cpus,throughput\n1,x\n", "line 2.throughput"),
        ("cpus,throughput\n1,1\n2,-3\n", "line 3.throughput"),
        ("cpus,throughput\n1.5,1\n", "whole"),
        ("cpus,throughput\n1,1\n2,2\n", "three points"),
        ("cpus,throughput\n2,1\n4,2\n8,3\n", "1 CPU"),
        ("cpus,throughput\n1,nan\n", "finite"),
    ],
)
def test_a_mistake_names_its_line(tmp_path, text, said):
    path = tmp_path / "data.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_scaling(path)
    assert said in str(caught.value)
