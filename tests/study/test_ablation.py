"""Taking a mechanism away flips the rows it is the cause of, and no others."""

from __future__ import annotations

from microbench.run.setup import prepare
from microbench.study.ablation import ABLATIONS, ratio_rows

NAMES = [a.name for a in ABLATIONS]


def flips(benchmark: str, args: str) -> dict[str, bool]:
    rows = ratio_rows(benchmark, args, prepare("pxa255"))
    return dict(zip(NAMES, ("flips" in row.note for row in rows), strict=True))


def test_tagged_switching_takes_the_switch_rows_from_l4() -> None:
    assert flips("lat_pipe", "")["tagged"]
    assert flips("lat_ctx", "-s 0 2")["tagged"]


def test_flushing_takes_the_pipe_row_from_l4() -> None:
    assert flips("lat_pipe", "")["flush"]


def test_a_large_pipe_takes_only_bulk_transfer_from_l4() -> None:
    assert flips("bw_pipe", "")["64K pipe"]
    assert not flips("lat_pipe", "")["64K pipe"]


def test_no_machine_change_makes_a_null_call_cheaper_on_l4() -> None:
    assert not any(flips("lat_syscall", "null").values())
