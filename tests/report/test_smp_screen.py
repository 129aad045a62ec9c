"""The many-CPU validation on one screen: errors as in the rows, marks where a promise is broken."""

from __future__ import annotations

from microbench.report.smp_screen import is_statement, screen
from microbench.row import Row
from microbench.study.smp.validate import MODELS


def row(metric: str, unit: str, value: float, published: float, args: str = "open-x") -> Row:
    return Row(
        "smp_open", args, "m", "linux", metric, unit, "larger", value,
        published=published, error=value / published - 1, role="predict",
    )  # fmt: skip


def three(metric: str, unit: str, values: tuple[float, ...], published: float) -> list[Row]:
    pairs = zip(values, MODELS.values(), strict=True)
    return [row(metric + suffix, unit, value, published) for value, suffix in pairs]


ROWS = [
    *three("rate", "1/s", (90.0, 150.0, 100.0), 100.0),
    *three("direction saturates", "right", (1.0, 0.0, 1.0), 1.0),
    *three("onset", "cpus", (12.0, 16.0, 7.0), 10.0),
    *three("end", "1/s", (130.0, 150.0, 55.0), 100.0),
    *three("faster at the end", "right", (1.0, 1.0, 0.0), 1.0),
    row("loss_at_56", "ratio", 0.33, 0.1, "layout-56"),
]


def test_a_series_is_one_line_with_three_models_side_by_side() -> None:
    (line,) = [line for line in screen(ROWS).splitlines() if line.startswith("open-x ")]
    assert " ".join(line.split()) == "open-x 1.20 1.60! 0.70 1.30 1.50! 0.55! 10% 50% 0%"


def test_orders_directions_and_statements_follow() -> None:
    text = screen(ROWS)
    assert "the faster system at the end, of 1: engine 1, queue 1, USL 0" in text
    assert "as published, of 1: engine 1, queue 0, USL 1" in text
    assert "layout-56, loss at 56: 0.33, published 0.1 !" in text
    assert [r.metric for r in ROWS if is_statement(r)] == ["loss_at_56"]
    assert max(map(len, text.splitlines())) <= 80
