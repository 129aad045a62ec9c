"""Where a result comes from: versions and hashes of everything that decides its integers.

Knows the data files of this installation. Refuses to know the clock, the user and the
machine it runs on: the same input gives the same provenance anywhere.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from microbench import __version__
from microbench.datafiles import data_dir
from microbench.row import MODEL_VERSION, Row

SCHEMA_VERSION = "1"
IDENTITY = ("schema", "model", "calibration", "seed")
"""Keys that must agree before two results are compared; so must `machine.*` and the rest
of `IDENTITY_FAMILIES`."""
FAMILIES = {"kernel": "kernels", "workload": "workloads", "device": "devices", "smp": "smp"}
"""Family of keys to the folder whose files decide integers."""
PUBLISHED = "reference"
"""A folder within, of what is compared with; it decides nothing."""
WORDS = ".md"
"""Files for readers; they decide nothing either."""
IDENTITY_FAMILIES = ("machine.", *(f"{family}." for family in FAMILIES))


def provenance(rows: Iterable[Row], command: Sequence[str] = (), seed: int = 0) -> dict[str, str]:
    """Everything needed to make the rows again, as text by key.

    Parameters
    ----------
    rows : iterable of Row
        Their machines and machine hashes are listed.
    command : sequence of str
        Arguments of mkbench, without the program's name.
    seed : int
        Seed of whatever was drawn; 0 where nothing was.
    """
    found = {"schema": SCHEMA_VERSION, "mkbench": __version__, "model": MODEL_VERSION}
    machines: dict[str, set[str]] = {}
    for row in rows:
        machines.setdefault(row.machine, set()).add(row.machine_hash or "unknown")
    for name in sorted(machines):
        found[f"machine.{name}"] = "+".join(sorted(machines[name]))
    found |= _file_hashes(data_dir())
    found["command"] = shlex.join(["mkbench", *command])
    found["seed"] = str(seed)
    return found


def is_identity(key: str) -> bool:
    """Whether a difference in this key means that two results are about different things."""
    return key in IDENTITY or key.startswith(IDENTITY_FAMILIES)


def file_hash(path: Path) -> str:
    """The first 16 hexadecimal digits of a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _file_hashes(data: Path) -> dict[str, str]:
    found = {}
    for family, folder in FAMILIES.items():
        for path in sorted((data / folder).rglob("*")):
            if path.parent.name == PUBLISHED or path.suffix == WORDS:
                continue
            if path.is_file() and not path.name.startswith("."):
                found[f"{family}.{path.name}"] = file_hash(path)
    calibrations = sorted(data.rglob("calibrat*.toml"))
    found["calibration"] = "+".join(map(file_hash, calibrations)) or "none"
    return found
