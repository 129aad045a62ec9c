"""What runs here: versions, and which engine for what reason."""

from __future__ import annotations

import importlib
import platform
from importlib import metadata

from microbench.ahead.choose import AHEAD, NUMBA, Choice
from microbench.ahead.modules import ENGINES

WORDS = {AHEAD: "compiled ahead of time", NUMBA: "compiled by numba at the first run"}


def describe() -> list[str]:
    """One line per library and per engine."""
    lines = [f"python {platform.python_version()} on {platform.machine()}"]
    for name in ("numpy", "numba"):
        try:
            lines.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            lines.append(f"{name} not installed")
    for engine in ENGINES:
        choice: Choice = importlib.import_module(engine.module).CHOICE
        why = f" ({choice.why})" if choice.why else ""
        lines.append(f"{engine.module}: {WORDS.get(choice.kind, 'plain Python')}{why}")
    return lines
