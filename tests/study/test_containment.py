"""What a request costs beside what survives: each outcome by name, the rule beside what ran."""

from __future__ import annotations

import pytest

from microbench.row import Row
from microbench.run.failure import NOT_RECOVERED
from microbench.run.restart import PREDICTION
from microbench.run.setup import prepare
from microbench.servers import monolith
from microbench.servers.policies import POLICIES
from microbench.study.containment import RULE, containment_rows, what_survives
from microbench.study.structures import structures


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return containment_rows(prepare("pxa255", []))


def test_every_price_has_a_range_and_is_a_prediction(rows: list[Row]) -> None:
    for row in rows:
        assert row.low is not None
        assert row.high is not None
        assert row.low <= row.value <= row.high
        assert row.note.startswith(PREDICTION)


def test_every_outcome_and_what_is_not_recovered_is_said(rows: list[Row]) -> None:
    text = what_survives(rows)
    for word in (*monolith.OUTCOMES, *POLICIES, *NOT_RECOVERED, PREDICTION):
        assert word in text, word
    assert "0 bytes wrong" in text
    assert {row.system for row in rows} >= {"native", "l4-server", "native-fuse", RULE}


def test_the_rule_is_two_ipcs_more_than_the_kernel_s_own_request(rows: list[Row]) -> None:
    (rule,) = (one for one in structures("pxa255") if one.name == "l4")
    by_call = {(row.args, row.system): row for row in rows}
    for (args, system), row in by_call.items():
        if system == RULE:
            extra = row.value - by_call[args, "native"].value
            assert extra == pytest.approx(rule.seconds() * 1e6)
            assert row.cycles == pytest.approx(
                (by_call[args, "native"].cycles or 0) + rule.value, abs=1
            )


def test_pages_that_are_mapped_cost_less_than_a_copy(rows: list[Row]) -> None:
    costs = {row.args: row.value for row in rows if row.system == "l4-server"}
    (mapped,) = (us for args, us in costs.items() if "mapped" in args)
    assert mapped < costs["read 4k --cache cold"]
