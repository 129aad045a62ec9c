"""Today's table: who is judged, by what, and that a calibrated number sits on its row."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from microbench.errors import InputError, UsageError
from microbench.machine.core_keys import CORE_NUMBERS
from microbench.machine.load import load_machine
from microbench.reference.today import COLUMNS, measured_boards
from microbench.row import Row
from microbench.run.setup import prepare
from microbench.study.kernels import kernel_lines
from microbench.study.today import ordered_pairs, scores, today_lines, today_rows

CALIBRATED = {
    ("cortex-a53", "lat_syscall", "null"): "TI AM62x SK, Linux 6.1",
    ("cortex-a53", "lat_pipe", ""): "TI AM62x SK, Linux 6.1",
    ("cortex-a72", "lat_syscall", "null"): "TI J721E EVM, Linux 6.1",
    ("cortex-a72", "lat_pipe", ""): "TI J721E EVM, Linux 6.1",
    ("zen3", "lat_pipe", ""): "AMD EPYC guest, Linux 6.18",
    ("ftc862", "lat_syscall", "null"): "Phytium D3000M, Linux 6.6",
    ("ftc862", "lat_pipe", ""): "Phytium D3000M, Linux 6.6",
}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return today_rows()


def test_at_most_two_numbers_a_core_are_calibrated() -> None:
    for machine in {value.board.machine for value in measured_boards()}:
        numbers = load_machine(machine).numbers
        mine = [k for k, q in numbers.items() if q.certainty == "calibrated"]
        assert len(mine) <= 2, mine


def test_a_calibrated_number_sits_on_its_row(rows: list[Row]) -> None:
    found = {(row.machine, row.benchmark, row.args): row for row in rows if row.role == "calibrate"}
    assert {key: row.published_source for key, row in found.items()} == CALIBRATED
    for row in found.values():
        assert abs(row.error or 0.0) < 0.01, row


def test_how_far_it_is_to_be_trusted(rows: list[Row]) -> None:
    by_machine = {score.machine: score for score in scores(rows)}
    for machine in ("cortex-a53", "cortex-a72", "zen3"):
        assert by_machine[machine].median_error < 0.25
    assert by_machine["all"].median_error < 0.20
    assert by_machine["all"].inside > 0.80


def test_a_board_is_modelled_at_its_clock(rows: list[Row]) -> None:
    null = {
        row.published_source: row.value
        for row in rows
        if (row.machine, row.benchmark, row.args) == ("cortex-a53", "lat_syscall", "null")
    }
    slow, fast = null["TI AM62x LP SK, Linux 6.1"], null["TI AM62x SK, Linux 6.1"]
    assert slow / fast == pytest.approx(1.4 / 1.25)


def test_calibrated_and_checked_rows_are_not_judged(rows: list[Row]) -> None:
    predicted = [row for row in rows if row.role == "predict"]
    assert scores(rows)[-1].values == len(predicted)
    changed = [replace(row, error=9.0) if row.role != "predict" else row for row in rows]
    assert scores(changed) == scores(rows)


def row(value: float, published: float) -> Row:
    return Row("b", str(value), "m", "s", "latency", "us", "smaller", value, None, published, "x")


def test_pairs_that_hardly_differ_have_no_order() -> None:
    assert ordered_pairs([row(1, 10), row(2, 10.5)]) == []
    assert ordered_pairs([row(1, 10), row(2, 20), row(3, 15)]) == [True, True, False]


def test_lines_gather_boards(rows: list[Row]) -> None:
    lines = {(x.row.machine, x.row.benchmark, x.row.args): x for x in today_lines(rows)}
    assert lines["cortex-a53", "lat_syscall", "null"].boards > 10
    assert lines["cortex-a53", "lat_syscall", "null"].role == "calibrate"
    assert lines["zen3", "lat_pipe", ""].row.published_source.startswith("AMD EPYC")


def test_another_file_of_boards(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    cells = "B,cortex-a53,6.1,1e9,lat_syscall,null,us,0.6,predict,,me"
    path.write_text(",".join(COLUMNS) + "\n" + cells + "\n")
    (found,) = today_rows(path=path)
    assert found.published == 0.6
    path.write_text(",".join(COLUMNS) + "\n" + cells.replace("0.6", "-1") + "\n")
    with pytest.raises(InputError, match=r"line 2.value"):
        today_rows(path=path)
    with pytest.raises(UsageError, match="no board of 'pxa255'"):
        today_rows("pxa255")


def test_every_key_of_a_core_is_stated_by_some_machine() -> None:
    stated = {
        k for m in ("skylake", "zen3", "cortex-a53", "cortex-a72") for k in load_machine(m).numbers
    }
    assert set(CORE_NUMBERS) - stated <= {"itlb.ways", "dtlb.ways", "mitigation.exit_cycles"}


def test_paths_grew() -> None:
    lines = {line.name: line for line in kernel_lines(prepare("skylake"))}
    null = lines["getppid"]
    assert null.then.instructions == 60
    assert null.now.instructions > 5 * null.then.instructions
    assert null.causes()[0][0] == "entry_exit"
    assert len(lines) > 30
    with pytest.raises(UsageError, match="no kernel of today"):
        kernel_lines(prepare("pxa255"))
