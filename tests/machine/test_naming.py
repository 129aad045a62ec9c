"""A changed or foreign machine is never called like the one it is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from microbench.cli._group import cli
from microbench.datafiles import data_dir
from microbench.machine.naming import packaged_name
from microbench.run.rows import setup_rows
from microbench.run.setup import NONE, prepare

CHANGED = ("run", "lat_pipe", "--set", "l1d.ways=4")


def shown(*words: str) -> str:
    result = CliRunner().invoke(cli, list(words), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_names_and_labels() -> None:
    assert prepare("pxa255").machine == "pxa255"
    changed = prepare("pxa255", ["l1d.ways=4"])
    assert changed.machine == "pxa255, l1d.ways=4"
    assert changed.label == "pxa255, l1d.ways=4, 199.1 MHz, calibrated"
    assert prepare("pxa255", (), NONE).label.endswith("not calibrated")
    assert packaged_name(changed.machine) == "pxa255"


def test_a_file_that_calls_itself_like_a_packaged_machine_is_not_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text((data_dir() / "machines" / "pxa255.toml").read_text())
    setup = prepare(str(path))
    assert setup.machine == "pxa255 of mine.toml"
    rows = setup_rows("lat_syscall", ["null"], ("native",), setup)
    assert [row.published for row in rows] == [None]
    assert packaged_name(setup.machine) == "pxa255"


@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown", "latex"])
def test_every_form_names_the_change_and_shows_nothing_published(form: str) -> None:
    text = shown(*CHANGED, "--format", form)
    assert "pxa255, l1d.ways=4" in text
    assert "predict" not in text
    if form in ("table", "markdown", "latex"):
        assert "199.1 MHz, calibrated" in text
    if form != "table":
        assert "nothing was published about pxa255, l1d.ways=4" in " ".join(text.split())


def test_published_values_on_request_only_and_without_a_role() -> None:
    text = shown(*CHANGED, "--against", "talk", "--format", "csv")
    body = [line for line in text.splitlines() if not line.startswith("#")]
    assert "about pxa255" in body[1]
    assert "predict" not in text
    assert "# command: mkbench" in text
