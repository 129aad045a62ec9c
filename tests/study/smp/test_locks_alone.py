"""Locks alone: the study keeps its promise on tables of locks, and its file refuses nonsense."""

import pytest

from microbench.errors import InputError
from microbench.reference.locks import load_locks
from microbench.smp.machine import load_machine
from microbench.study.smp.locks import acquisition_ns, locks_rows, verdict


@pytest.fixture(scope="module")
def rows():
    return locks_rows()


def median(rows, kind, role):
    found = sorted(abs(r.error) for r in rows if (r.system, r.role) == (kind, role))
    return found[len(found) // 2]


@pytest.mark.parametrize("kind", ["tas", "ticket", "mcs", "line"])
def test_lock_costs_carry_the_tables_they_were_read_off(rows, kind):
    assert median(rows, kind, "calibrate") < 0.15


@pytest.mark.parametrize(("kind", "most"), [("tas", 0.5), ("ttas", 0.6), ("spin", 0.3)])
def test_locks_not_looked_at_come_out_within_two(rows, kind, most):
    assert median(rows, kind, "predict") < most


def per_acquisition(kind, n):
    table = next(t for t in load_locks() if t.name == f"mesh24 {kind} 200/1000")
    return acquisition_ns(table, load_machine(table.machine, table.settings), n)


def test_who_collapses_and_who_does_not():
    collapse = {k: per_acquisition(k, 48) / per_acquisition(k, 8) for k in ("mcs", "ticket", "tas")}
    assert collapse["mcs"] < 1.1 < 1.5 < collapse["ticket"] < collapse["tas"]


def test_verdict_names_every_kind_and_role(rows):
    text = verdict(rows)
    assert text.count("calibrate") == 5
    assert text.count("predict") == len({r.system for r in rows if r.role == "predict"})


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("threads = [2]\n", "threads"),
        ("threads = [2, -4]\n", "threads"),
        ('role = "guess"\n', "role"),
        ("hold_ns = true\n", "hold_ns"),
        ("colour = 3\n", "colour"),
    ],
)
def test_a_wrong_table_is_refused_by_key(tmp_path, line, key):
    good = {
        "stands_for": '"x"', "machine": '"numachine"', "set": "[]", "order": '"fill"',
        "kind": '"mcs"', "mode": '"take"', "source": '"s"', "certainty": '"published"',
        "role": '"predict"', "hold_ns": "0", "think_ns": "0", "threads": "[2, 4]",
        "values": "[1, 2]",
    }  # fmt: skip
    name, _, value = line.partition(" = ")
    good[name] = value.strip()
    path = tmp_path / "locks.toml"
    path.write_text("[locks.a]\n" + "\n".join(f"{k} = {v}" for k, v in good.items()) + "\n")
    with pytest.raises(InputError) as caught:
        load_locks(path)
    assert key in str(caught.value) or "values" in str(caught.value)
