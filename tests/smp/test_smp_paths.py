"""Long random paths: everybody gets on, exclusion holds, plain and jitted agree."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smp_toys import path_of, run, toy

from microbench.errors import UsageError
from microbench.smp import engine as e
from microbench.smp.build import LOCKS
from microbench.smp.operation import load_operation
from microbench.smp.settings import changed

KINDS = sorted(LOCKS)


@st.composite
def paths(draw):
    """Nested visits in one order, so that no path can deadlock."""
    kinds = [draw(st.sampled_from(KINDS)) for _ in range(3)]
    scopes = [
        draw(st.sampled_from(["system", "process", "group", "node", "cpu"])) for _ in range(3)
    ]
    objects = {f"lock{i}": (scopes[i], kinds[i]) for i in range(3)} | {"x": ("system", "line")}
    words = []
    for _ in range(draw(st.integers(1, 3))):
        held = sorted(draw(st.sets(st.integers(0, 2))))
        modes = [draw(st.sampled_from(["take", "share", "swap"])) for _ in held]
        words += [f"{mode} lock{i}" for mode, i in zip(modes, held, strict=True)]
        words += draw(
            st.lists(
                st.sampled_from(
                    ["work", "hold", "add x", "cas x", "read x", "write x", "prefetch x"]
                )
            )
        )
        words += [f"drop lock{i}" for i in reversed(held)]
    return path_of("work", *words, objects=objects)


@settings(max_examples=150, deadline=None)
@given(
    op=paths(),
    n=st.integers(1, 16),
    size=st.sampled_from([2, 4, 16]),
    shared=st.sampled_from(["process", "none"]),
    spread=st.sampled_from(["none", "even", "exponential"]),
    served=st.sampled_from([0.5, 0.7, 1.0]),
    lost=st.sampled_from([0, 0.5, 1]),
    seed=st.integers(0, 2**31 - 1),
)
def test_every_path_goes_on_and_its_counts_add_up(op, n, size, shared, spread, served, lost, seed):
    machine = toy(served=served, line__lost=lost, topology__cpus_per_socket=size)
    arrays = run(op, n, 120, machine, shared=shared, spread=spread, seed=seed)
    assert arrays.out[e.O_OPS] == 120
    assert arrays.cpu[:, e.C_OPS].sum() == 120
    assert (arrays.line[:, e.L_READERS] >= 0).all()
    assert (arrays.line[:, e.L_RSUM] >= 0).all()
    assert (arrays.line[:, e.L_WSUM] >= 0).all()
    assert (arrays.line[:, e.L_WAITING] >= 0).all()
    assert not ((arrays.line[:, e.L_WRITER] > 0) & (arrays.line[:, e.L_READERS] > 0)).any()
    assert arrays.out[e.O_END] >= arrays.out[e.O_START]
    empty = arrays.line[:, e.L_WAITING] == 0
    assert not arrays.line[empty][:, [e.L_RSUM, e.L_WSUM]].any()
    assert arrays.out[e.O_ASLEEP] >= 0


def test_repeats_and_moves_are_settings_too():
    op = load_operation("fork", "linux-3.5")
    more = changed(op, ["repeat.file_vmas=6"])
    assert more.path.count("take i_mmap") == 12
    assert op.path.count("take i_mmap") == 8
    shared = load_operation("map", "radixvm-shared")
    assert changed(shared, ["moves.sent=9"]).moves["sent"].value == 9
    with pytest.raises(UsageError, match=r"repeat.shared_pages"):
        changed(op, ["repeat.shared_pages=9999"])
