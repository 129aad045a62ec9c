"""A machine ready to price on: what is calibrated, what is refused, what goes over what."""

from __future__ import annotations

from pathlib import Path

import pytest

from microbench.errors import InputError
from microbench.machine.load import load_machine
from microbench.quantity import Quantity
from microbench.run.setup import (
    MOST_CALIBRATED,
    NONE,
    Calibration,
    load_calibration,
    prepare,
    read_calibration,
)

KEY = "sdram.overhead_clocks"
NUMBER = """[number."{key}"]
value = {value}
unit = "ratio"
source = "CAL"
certainty = "calibrated"
low = {value}
high = {value}
row = "lat_x"
"""


def written(folder: Path, *numbers: tuple[str, float], more: str = "") -> Path:
    path = folder / "calibration.toml"
    path.write_text("\n".join(NUMBER.format(key=k, value=v) + more for k, v in numbers))
    return path


def test_each_kind_of_number_goes_to_its_place(tmp_path: Path) -> None:
    found = read_calibration(
        written(
            tmp_path, ("machine:toy:a.b", 3.0), ("machine:toy:c.d", 4.0),
            ("machine:other:a.b", 5.0),
            ("scale:l4", 1.5), ("workload:disk_ns", 7.0),
        )
    )  # fmt: skip
    machines = {m: {k: q.value for k, q in keys.items()} for m, keys in found.machine.items()}
    assert machines == {"toy": {"a.b": 3.0, "c.d": 4.0}, "other": {"a.b": 5.0}}
    assert found.scales == {"l4": 1.5}
    assert found.workload == {"disk_ns": 7.0}
    assert set(found.rows.values()) == {"lat_x"}
    assert len(found.rows) == 5


def test_a_number_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"number\.guess:x = 1\.0: unknown kind"):
        read_calibration(written(tmp_path, ("guess:x", 1.0)))


def test_a_number_says_which_row_it_was_set_on(tmp_path: Path) -> None:
    path = written(tmp_path, ("scale:l4", 1.0))
    path.write_text(path.read_text().replace('row = "lat_x"\n', ""))
    with pytest.raises(InputError, match=r"number\.scale:l4.*needs the row"):
        read_calibration(path)


def test_at_most_six_numbers_are_calibrated(tmp_path: Path) -> None:
    names = [(f"scale:s{i}", 1.0) for i in range(MOST_CALIBRATED + 1)]
    assert MOST_CALIBRATED == 6
    assert len(read_calibration(written(tmp_path, *names[:-1])).scales) == 6
    with pytest.raises(InputError, match="number = 7: more than 6"):
        read_calibration(written(tmp_path, *names))


def test_numbers_set_together_count_once(tmp_path: Path) -> None:
    names = [(f"scale:s{i}", 1.0) for i in range(9)]
    found = read_calibration(written(tmp_path, *names, more='counts_as = "one"\n'))
    assert len(found.scales) == 9


def test_the_packaged_file_keeps_the_rule() -> None:
    assert load_calibration().rows


def of(value: float) -> Quantity:
    return Quantity(value, "sdram_clocks", "CAL", "calibrated", value, value)


def test_calibrated_numbers_go_over_the_sheet_and_settings_over_both() -> None:
    sheet = load_machine("pxa255").value(KEY)
    calibration = Calibration({"pxa255": {KEY: of(sheet + 1)}}, {"l4": 2.0}, {"n": 3.0})
    assert prepare("pxa255", calibration=NONE).spec.value(KEY) == sheet
    found = prepare("pxa255", calibration=calibration)
    assert found.spec.value(KEY) == sheet + 1
    assert (found.scales, found.workload) == ({"l4": 2.0}, {"n": 3.0})
    assert prepare("pxa255", [f"{KEY}={sheet + 2:g}"], calibration).spec.value(KEY) == sheet + 2


def test_another_machine_s_numbers_are_not_taken() -> None:
    sheet = load_machine("pxa255").value(KEY)
    calibration = Calibration({"cortex-a72": {KEY: of(sheet + 1)}})
    assert prepare("pxa255", calibration=calibration).spec.value(KEY) == sheet


def test_without_a_calibration_the_packaged_one_is_taken() -> None:
    assert prepare("pxa255").scales == load_calibration().scales
