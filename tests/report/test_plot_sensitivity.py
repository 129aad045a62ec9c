"""The heat map: every elasticity in its cell, said twice, the same bytes each time."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

from microbench.report.plot import save
from microbench.report.plot_sensitivity import heat_map, matrix
from microbench.study.sensitivity import Elasticity

VALUES = {"a": {"x": -1.0, "y": 0.3}, "b": {"x": 0.04, "z": 0.7}}


def found() -> list[Elasticity]:
    return [
        Elasticity("lat", row, "native", "latency", number, 1.0, value)
        for row, values in VALUES.items()
        for number, value in values.items()
    ]


def test_cells() -> None:
    rows, numbers, values = matrix(found(), 9)
    assert rows == ["lat a native", "lat b native"]
    assert numbers == ["x", "z", "y"], "strongest first"
    assert values.tolist() == [[-1.0, 0.0, 0.3], [0.04, 0.7, 0.0]]


def test_numbers_say_what_colours_say() -> None:
    axes = heat_map(found(), "t").axes[0]
    assert {text.get_text() for text in axes.texts} == {"-1.00", ".30", ".70"}
    assert len(axes.images) == 1


def test_the_same_bytes_without_a_warning(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            save(heat_map(found(), "t"), str(tmp_path / name))
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(ValueError, match="hangs on"):
        heat_map([], "t")
