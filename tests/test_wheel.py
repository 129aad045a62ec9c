"""The built wheel carries its data and engines: with what it asks for, it runs elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from microbench.ahead.build import in_place
from microbench.ahead.choose import AHEAD
from microbench.ahead.describe import WORDS
from microbench.ahead.modules import ENGINES

ROOT = Path(__file__).parent.parent
OURS = ("PYTHONPATH", "MKBENCH_ENGINE")
"""Variables that would lead back to this checkout, or away from the compiled engines."""


def run(*command: object, cwd: Path, **more: str) -> str:
    """Output of a command that must succeed."""
    environment = {key: value for key, value in os.environ.items() if key not in OURS}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd, env=environment | more, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def wheel(place: Path) -> Path:
    """A wheel built there, with the engines that were compiled in place where they fit."""
    words = ("--wheel", "--no-isolation", "--skip-dependency-check", "--outdir", place, ROOT)
    run(sys.executable, "-m", "build", *words, cwd=place, MKBENCH_REUSE="1")
    (found,) = place.glob("*.whl")
    return found


def needed(requirements: Iterable[str]) -> Iterator[Distribution]:
    """What pip would install, found here: without extras, and what that needs in turn."""
    for requirement in map(Requirement, requirements):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            found = distribution(requirement.name)
            assert found.version in requirement.specifier
            yield found
            yield from needed(found.requires or ())


def link(found: Distribution, site: Path) -> None:
    """A link to everything a distribution put into this environment, but its commands."""
    for name in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
        if not (site / name).exists():
            (site / name).symlink_to(Path(str(found.locate_file(name))))


def installed(wheel: Path, home: Path) -> Path:
    """The commands of an environment that has the wheel, and what it asks for by link."""
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", wheel, cwd=home)
    site = Path(run(python, "-c", "import site; print(*site.getsitepackages())", cwd=home).strip())
    (about,) = site.glob("mkbench-*.dist-info")
    for found in needed(Distribution.at(about).requires or ()):
        link(found, site)
    return home / "bin"


def test_the_wheel_runs_a_row_from_another_directory(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "env", tmp_path / "elsewhere"
    elsewhere.mkdir()
    commands = installed(wheel(tmp_path), home)
    words = ("run", "lat_syscall", "null", "--format", "json")
    rows = json.loads(run(commands / "mkbench", *words, cwd=elsewhere))["rows"]
    assert {row["system"] for row in rows} == {"native", "l4"}
    assert all(row["published"] for row in rows)
    where = "import microbench; print(microbench.__file__)"
    assert str(home) in run(commands / "python", "-c", where, cwd=elsewhere)
    if in_place():
        said = run(commands / "mkbench", "--version", "--verbose", cwd=elsewhere)
        assert said.count(WORDS[AHEAD]) == len(ENGINES)
