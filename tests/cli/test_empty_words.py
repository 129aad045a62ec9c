"""An empty word is no way to ask for the default: refused, in whatever takes names."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from microbench.cli._group import cli
from microbench.errors import UsageError


@pytest.mark.parametrize(
    "words",
    [
        ["report", "--machine", ""],
        ["report", "--machine", ",", "lat_pipe"],
        ["app", "nothing.txt", "--machine", "skylake,"],
        ["smp", "run", "fault", "--system", "", "--cpus", "1"],
        ["smp", "run", "fault", "--machine", " ", "--cpus", "1"],
        ["smp", "scale", "--machine", ""],
        ["show", "kernel", ""],
    ],
)
def test_an_empty_name_is_refused(words: list[str]) -> None:
    done = CliRunner().invoke(cli, words)
    assert isinstance(done.exception, UsageError)
    assert done.stdout == ""


@pytest.mark.parametrize("text", ["²", "١", "1_0", "", "9" * 5000])
def test_counts_of_a_figure_are_digits_of_ascii(text: str) -> None:
    from microbench.cli.plot import _counts

    with pytest.raises(UsageError, match="whole numbers"):
        _counts(text)
    assert _counts("4, 2,2") == [2, 4]
