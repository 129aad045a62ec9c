"""The built wheel carries its data: installed in a fresh environment, it runs elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(*command: object, cwd: Path) -> str:
    """Output of a command that must succeed."""
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_runs_a_row_from_another_directory(tmp_path: Path) -> None:
    wheels, home, elsewhere = (tmp_path / name for name in ("wheels", "env", "elsewhere"))
    elsewhere.mkdir()
    run(sys.executable, "-m", "build", "--wheel", "--outdir", wheels, ROOT, cwd=tmp_path)
    wheel = next(wheels.glob("*.whl"))
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", wheel, cwd=tmp_path)
    text = run(
        home / "bin" / "mkbench", "run", "lat_syscall", "null", "--format", "json", cwd=elsewhere
    )
    rows = json.loads(text)["rows"]
    assert {row["system"] for row in rows} == {"native", "l4"}
    assert all(row["published"] for row in rows)
    where = run(python, "-c", "import microbench; print(microbench.__file__)", cwd=elsewhere)
    assert str(home) in where
