"""A multiprocessor whose costs have no room in the engine's integers is refused."""

from __future__ import annotations

import pytest
from smp_toys import path_of, toy

from microbench.errors import InputError, UsageError
from microbench.smp.build import Setup
from microbench.smp.operation import load_operation
from microbench.smp.simulate import simulate

OP = path_of("work", "take lock", "hold", "drop lock", objects={"lock": ("process", "ticket")})


def test_the_dearest_number_is_named() -> None:
    assert simulate(OP, toy(), 4, Setup(), 100).cycles > 0
    with pytest.raises(UsageError, match=r"line\.other = 1e\+16 cycles"):
        simulate(OP, toy(line__other=1e16), 4, Setup(), 100)


def test_a_repeat_that_would_fill_the_memory_is_refused(tmp_path) -> None:
    path = tmp_path / "op.toml"
    number = '{{value={}, unit="{}", source="s", certainty="choice"}}'.format
    path.write_text(
        '[system.a]\ntitle="t"\nsource="s"\npath=["repeat n:", "w", "end"]\n'
        f"parts.w={number(1, 'cycles')}\nrepeat.n={number('1e9', 'times')}\n"
    )
    with pytest.raises(InputError, match="unrolls to more than"):
        load_operation(str(path), "a")
    path.write_text('[system.a]\ntitle="t"\nsource="s"\npath=["shoot"]\nparts=5\n')
    with pytest.raises(InputError, match=r"system\.a\.parts = 5"):
        load_operation(str(path), "a")
