"""The gate from outside: save, check and compare, with every exit code from both sides."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import gate_fake
import pytest
from gate_fake import Run

from microbench.row import MODEL_VERSION


@pytest.fixture
def saved(run: Run) -> Path:
    assert run("baseline", "save") == 0
    return Path("results/talk.csv")


def test_save_is_sorted_and_says_where_it_comes_from(saved: Path, fake: gate_fake.Fake) -> None:
    text = saved.read_text()
    header = [line for line in text.splitlines() if line.startswith("# ")]
    assert {"# schema: 1", "# seed: 0", "# machine.pxa255: 0123abcd"} <= set(header)
    assert "# command: mkbench baseline save" in header
    assert any(line.startswith("# calibration: ") for line in header)
    body = [line for line in text.splitlines() if not line.startswith("#")]
    assert body[0].endswith(",machine_hash,model_version,low,high,note,tolerance")
    assert body[1:] == sorted(body[1:])
    assert len(body) == 10


def test_check_reruns_what_was_saved_and_agrees(
    run: Run, saved: Path, fake: gate_fake.Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.calls.clear()
    assert run("check") == 0
    assert fake.calls == [("table", "all", "pxa255", None, ())]
    out = capsys.readouterr().out
    assert "matched 9: 9 as allowed, 0 not" in out
    assert "latency: geometric mean speed new/old 1.0000 over 6 rows" in out
    assert "bandwidth: geometric mean speed new/old 1.0000 over 3 rows" in out


def test_one_cycle_more_is_a_regression(
    run: Run, saved: Path, fake: gate_fake.Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.factor["lat_pipe"] = 1 + 1 / 200_000
    assert run("check") == 1
    out, err = capsys.readouterr()
    assert "200001" in out
    assert "WORSE" in out
    assert err.splitlines()[-1].startswith("mkbench: 1 rows differ")


@pytest.mark.parametrize(
    ("factor", "words", "code"),
    [
        (1.019, ["--tolerance", "2%"], 0),
        (1.021, ["--tolerance", "2%"], 1),
        (1.021, ["--tolerance", "0.03"], 0),
        (0.9, [], 1),
        (0.9, ["--only-worse"], 0),
        (1.1, ["--only-worse"], 1),
    ],
)
def test_tolerance_from_both_sides(
    run: Run, saved: Path, fake: gate_fake.Fake, factor: float, words: list[str], code: int
) -> None:
    fake.factor["lat_unix"] = factor
    assert run("check", *words) == code


def test_a_rows_own_tolerance_goes_first(run: Run, fake: gate_fake.Fake) -> None:
    assert run("baseline", "save", "loose", "--tolerance", "5%", "-q") == 0
    fake.factor["lat_unix"] = 1.04
    assert run("check", "--baseline", "results/loose.csv") == 0
    assert run("check", "--baseline", "results/loose.csv", "--tolerance", "1%") == 0
    fake.factor["lat_unix"] = 1.06
    assert run("check", "--baseline", "results/loose.csv") == 1


def test_removed_rows_fail_and_added_rows_do_not(
    run: Run, saved: Path, fake: gate_fake.Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.missing.add("bw_pipe")
    assert run("check") == 1
    assert "removed 3: bw_pipe pxa255 l4 bandwidth;" in capsys.readouterr().out
    assert run("baseline", "save", "small", "-q") == 0
    fake.missing.clear()
    assert run("check", "--baseline", "results/small.csv") == 0
    assert "added 3: bw_pipe" in capsys.readouterr().out


def test_other_machine_is_not_the_same_thing(
    run: Run, saved: Path, fake: gate_fake.Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.machine_hash = "ffff0000"
    assert run("check") == 3
    err = capsys.readouterr().err
    assert "machine.pxa255: 0123abcd / ffff0000" in err
    assert err.count("\n") == 1
    assert run("check", "--force") == 0
    assert "forced: machine.pxa255" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("# calibration: none", "# calibration: 77", 3, "calibration: 77 / "),
        ("# seed: 0", "# seed: 1", 0, ""),
        ("# schema: 1", "# schema: 9", 3, "schema = '9'"),
        (f"# model: {MODEL_VERSION}", "# model: 0", 3, f"model: 0 / {MODEL_VERSION}"),
        ("# seed: 0", "# kernel.gone.toml: 12\n# seed: 0", 3, "kernel.gone.toml: 12 / gone"),
        (",us,smaller,", ",ms,smaller,", 3, "unit: ms"),
        (",us,smaller,", ",us,nicer,", 2, "nicer"),
        ("lat_unix,,pxa255,l4", "lat_unix,,pxa255,native", 2, "there twice"),
        ("# run.0: table all", "# run.0: fable all", 2, "run.0"),
        ("benchmark,args", "benchmark,arms", 2, "unknown column"),
        (",50000,", ",5e4,", 2, "not a whole number"),
    ],
)
def test_other_headers_and_damaged_files(
    run: Run,
    saved: Path,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    code: int,
    says: str,
) -> None:
    text = saved.read_text()
    assert old in text
    saved.write_text(text.replace(old, new, 1))
    capsys.readouterr()
    assert run("check") == code
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == (code != 0)


def test_a_bare_csv_is_checked_row_by_row(run: Run, saved: Path, fake: gate_fake.Fake) -> None:
    lines = [line for line in saved.read_text().splitlines() if not line.startswith("#")]
    kept = [line for line in lines if "bw_pipe" not in line and "fass" not in line]
    Path("bare.csv").write_text("\n".join(kept) + "\n")
    fake.calls.clear()
    assert run("check", "--baseline", "bare.csv") == 0
    assert fake.calls == [
        ("bench", "lat_pipe", "", "pxa255", ["l4", "native"], ()),
        ("bench", "lat_unix", "", "pxa255", ["l4", "native"], ()),
    ]


def test_compare_files_and_stdin(
    run: Run, saved: Path, fake: gate_fake.Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.factor["lat_pipe"] = 1.5
    assert run("baseline", "save", "other", "-q") == 0
    assert run("compare", "results/talk.csv", "results/talk.csv") == 0
    assert run("compare", "results/talk.csv", "results/other.csv") == 1
    assert run("compare", "results/talk.csv", "nowhere.csv") == 2
    assert run("compare", "-", "-") == 2
    stdin = io.TextIOWrapper(io.BytesIO(saved.read_bytes()))
    monkeypatch.setattr("sys.stdin", stdin)
    assert run("compare", "-", "results/talk.csv") == 0


def test_nothing_in_common_is_not_the_same_thing(run: Run, saved: Path) -> None:
    text = saved.read_text()
    Path("other.csv").write_text(text.replace("lat_", "x_").replace("bw_", "y_"))
    assert run("compare", "results/talk.csv", "other.csv", "--force") == 3


def test_another_machine_is_shown_and_judged_only_by_force(run: Run, saved: Path) -> None:
    text = saved.read_text()
    Path("other.csv").write_text(text.replace(",pxa255,", ",k8,").replace("machine.pxa", "m."))
    assert run("compare", "results/talk.csv", "other.csv") == 3
    assert run("compare", "results/talk.csv", "other.csv", "--force") == 0


def test_every_output_form(
    run: Run, saved: Path, fake: gate_fake.Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.factor["lat_pipe"] = 1.5
    fake.missing.add("bw_pipe")
    capsys.readouterr()

    def out(form: str) -> str:
        assert run("check", "--format", form) == 1
        return capsys.readouterr().out

    rows = list(csv.DictReader(io.StringIO(out("csv"))))
    assert [r["verdict"] for r in rows].count("removed") == 3
    assert [r["verdict"] for r in rows].count("worse") == 3
    body = json.loads(out("json"))
    assert body["summary"]["differ"] == 3
    assert body["summary"]["geometric_means"]["latency"]["speed"] == pytest.approx(1.5**-0.5)
    tree = ElementTree.fromstring(out("junit"))
    assert tree[0].attrib["failures"] == "6"
    assert len(tree.findall(".//failure")) == 6
    assert "| lat\\_pipe" in out("markdown")
    assert r"\begin{tabular}" in out("latex")
    assert run("check", "-o", "report.md", "--format", "markdown") == 1
    assert "removed 3" in Path("report.md").read_text()


def test_saving_is_refused_whole(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("baseline", "save", "../evil") == 2
    assert run("baseline", "save", "-o", "no/such/dir/x.csv") == 2
    assert run("baseline", "save", "--tolerance", "many") == 2
    assert run("baseline", "save", "--system", "plan9") == 2
    assert run("check") == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 5
    assert "results/talk.csv: no such file" in err


def test_save_runs_what_was_asked(run: Run, fake: gate_fake.Fake) -> None:
    words = ["--run", "lat_pipe", "--machine", "pxa255", "--set", "l1d.ways=8", "-q"]
    assert run("baseline", "save", "one", *words, "--system", "native,l4") == 0
    assert fake.calls == [("bench", "lat_pipe", "", "pxa255", ["native", "l4"], ("l1d.ways=8",))]
    fake.calls.clear()
    assert run("check", "--baseline", "results/one.csv") == 0
    assert fake.calls == [("bench", "lat_pipe", "", "pxa255", ["native", "l4"], ("l1d.ways=8",))]
