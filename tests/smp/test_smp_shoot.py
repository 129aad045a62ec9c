"""Shoot-downs on the toy: what sending and answering cost, near and far."""

from dataclasses import replace

import pytest
from smp_toys import each_cycles, number, path_of, run, toy, write

from microbench.errors import InputError
from microbench.smp import engine as e
from microbench.smp.build import Setup, build
from microbench.smp.operation import load_operation

SHOOT = path_of("work", "shoot", objects={"x": ("cpu", "line")})


def costs(n, op=SHOOT):
    mach = build(op, toy(), n, Setup()).mach
    return int(mach[e.M_IPI_EACH]), int(mach[e.M_IPI_HANDLE])


def test_targets_of_the_own_socket_cost_what_the_sheet_says():
    assert costs(4) == (100, 50)


def test_targets_afar_cost_two_moves_more_and_a_third_socket_more():
    assert costs(8) == (100, 50 + 2 * 150)  # half are 300 dearer
    assert costs(16) == (100, 50 + 2 * 300)  # three quarters are 400 dearer: 300 + half of 200


def test_a_system_says_how_many_moves_its_shoot_down_takes():
    own = replace(SHOOT, moves={"sent": number(1, "moves"), "answered": number(3, "moves")})
    assert costs(8, own) == (100 + 150, 50 + 3 * 150)


def test_everybody_shooting_waits_for_what_the_others_send_and_take():
    """Of n CPUs each handles n - 1 interrupts an operation and sends as many."""
    arrays = run(SHOOT, 4, 400)
    assert each_cycles(arrays, 4, 400) >= 3 * (100 + 50)


def test_moves_of_another_name_are_refused(tmp_path):
    text = '[system.a]\ntitle="t"\nsource="s"\npath=["shoot"]\n[system.a.moves]\nlost = {}\n'
    path = write(tmp_path / "a.toml", text.replace("{}", _NUMBER))
    with pytest.raises(InputError, match=r"system\.a\.moves\.lost"):
        load_operation(str(path), "a")


_NUMBER = '{ value = 1, unit = "moves", source = "JUDGEMENT; x", certainty = "choice" }'
