"""Exports: what is read back equals what was printed; LaTeX compiles or at least balances."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import gate_fake
import pytest
from gate_fake import TABLES, Run

from microbench.report.frames import read_frame, rows_of
from microbench.store.rows import parse_results


def test_default_is_every_table_in_three_forms_with_provenance(
    run: Run, fake: gate_fake.Fake
) -> None:
    assert run("export", "--out", "paper") == 0
    names = {f"{table}.{suffix}" for table in TABLES for suffix in ("csv", "md", "tex")}
    assert {path.name for path in Path("paper").iterdir()} == names | {"provenance.json"}
    manifest = json.loads(Path("paper/provenance.json").read_text())
    assert manifest["provenance"]["command"] == "mkbench export --out paper"
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256(Path("paper", name).read_bytes()).hexdigest() == digest
    assert [call[1] for call in fake.calls] == list(manifest["tables"])


def test_csv_reads_back_as_what_was_computed(run: Run, fake: gate_fake.Fake) -> None:
    assert run("export", "--out", "paper", "context") == 0
    path = Path("paper/context.csv")
    assert rows_of(read_frame(path)) == fake.rows()
    assert list(parse_results(path.read_text(), path).rows) == fake.rows()


def test_markdown_shows_the_csv_to_its_decimals(run: Run) -> None:
    assert run("export", "--out", "paper", "context") == 0
    lines = Path("paper/context.md").read_text().splitlines()
    shown = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if "|" in line]
    head, body = shown[0], shown[2:]
    frame = read_frame(Path("paper/context.csv"))
    for line in body:
        name = line[0].replace("\\", "")
        for system in ("native", "native-fass", "l4"):
            chosen = frame[(frame["benchmark"] == name) & (frame["system"] == system)]
            printed = float(line[head.index(f"modelled {system}")])
            assert printed == pytest.approx(float(chosen["value"].iloc[0]), rel=0.000501)
    assert len(body) == 3


def test_latex_compiles_or_balances(run: Run, tmp_path: Path) -> None:
    assert run("export", "--out", "paper") == 0
    inputs = "\n".join(rf"\input{{{t}}}" for t in TABLES)
    document = (
        r"\documentclass{article}\usepackage{booktabs}\begin{document}"
        + inputs
        + r"\ref{tab:mkbench-context}\end{document}"
    )
    Path("paper/main.tex").write_text(document)
    compiler = shutil.which("pdflatex")
    if compiler:
        words = [compiler, "-halt-on-error", "-interaction=batchmode", "main.tex"]
        subprocess.run(words, cwd="paper", check=True, capture_output=True)
        assert Path("paper/main.pdf").stat().st_size > 1000
    for table in TABLES:
        check_latex(Path(f"paper/{table}.tex").read_text())


def check_latex(text: str) -> None:
    """Environments nest, braces balance, each line has as many cells as the heading says."""
    opened: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{([^}]*)\}", text):
        if kind == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    assert not opened
    body = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    bare = re.sub(r"\\[{}%&#_$]", "", body).replace("{%\n", "{\n")
    assert bare.count("{") == bare.count("}")
    assert "%" not in bare
    assert bare.count("$") % 2 == 0
    assert "_" not in bare.replace(r"\_", "")
    spec = re.search(r"\\begin\{tabular\}\{@\{\}([lr]+)@\{\}\}", text)
    assert spec is not None
    for line in bare.splitlines():
        if line.endswith(r"\\"):
            spans = [int(n) for n in re.findall(r"\\multicolumn\{(\d+)\}", line)]
            assert line.count("&") + 1 + sum(spans) - len(spans) == len(spec[1])
    assert r"\caption{" in text
    assert r"\label{tab:mkbench-" in text


def test_dashboards(run: Run) -> None:
    forms = ["--format", "github-action-benchmark", "--format", "junit"]
    assert run("export", "--out", "ci", *forms, "context") == 0
    smaller = json.loads(Path("ci/benchmark-smaller.json").read_text())
    larger = json.loads(Path("ci/benchmark-larger.json").read_text())
    assert [len(smaller), len(larger)] == [6, 3]
    assert set(smaller[0]) == {"name", "unit", "value", "extra"}
    assert len({entry["name"] for entry in smaller + larger}) == 9
    cases = ElementTree.parse("ci/junit.xml").findall(".//testcase")
    assert len(cases) == 9
    assert float(cases[0].attrib["time"]) == pytest.approx(500e-6)


def test_a_file_in_the_way_is_refused_before_anything_runs(
    run: Run, fake: gate_fake.Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("paper").write_text("mine")
    assert run("export", "--out", "paper") == 2
    assert fake.calls == []
    assert "paper: not a directory" in capsys.readouterr().err
    assert Path("paper").read_text() == "mine"


def test_a_directory_that_cannot_be_made_is_one_line(
    run: Run, fake: gate_fake.Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").write_text("mine")
    assert run("export", "--out", "file/below") == 2
    assert "file/below: cannot make: " in capsys.readouterr().err
