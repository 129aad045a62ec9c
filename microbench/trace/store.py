"""Traces as a file: recorded once, priced anywhere, or refused.

One file holds the traces of one or more runs, each a part of a benchmark on a system, with
the hashes of the kernel files they were made from. The file is a NumPy archive without
pickles; the same traces give the same bytes. A schema version, a digest over all arrays and
a check of every index stand between a damaged or foreign file and the engine.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from microbench.errors import InputError
from microbench.trace.check import WIDTHS, MalformedError, check
from microbench.trace.recorder import Trace

SCHEMA = "mkbench-trace-1"
MOST_BYTES = 1 << 30
_TEXTS = ("places", "scales", "names")
_KEYS = ("benchmark", "args", "part", "system", "counted")


@dataclass(frozen=True, eq=False)
class Recorded:
    """One part of one benchmark on one system.

    Attributes
    ----------
    benchmark, args, part, system : str
    counted : int
        How many iterations at the end count.
    trace : Trace
    """

    benchmark: str
    args: str
    part: str
    system: str
    counted: int
    trace: Trace


@dataclass(frozen=True, eq=False)
class Stored:
    """What a trace file holds.

    Attributes
    ----------
    runs : sequence of Recorded
    hashes : mapping of str to str
        Versions and hashes of what decided the traces, by key.
    """

    runs: Sequence[Recorded]
    hashes: Mapping[str, str]


def to_bytes(stored: Stored) -> bytes:
    """The content of a trace file."""
    arrays = {
        f"{i}.{name}": getattr(run.trace, name)
        for i, run in enumerate(stored.runs)
        for name in WIDTHS
    }
    meta = {
        "schema": SCHEMA,
        "hashes": dict(stored.hashes),
        "runs": [
            {key: getattr(run, key) for key in _KEYS}
            | {name: list(getattr(run.trace, name)) for name in _TEXTS}
            for run in stored.runs
        ],
    }
    meta["digest"] = _digest(arrays, meta)
    text = np.frombuffer(json.dumps(meta, sort_keys=True).encode(), np.uint8)
    out = io.BytesIO()
    np.savez_compressed(out, meta=text, **arrays)
    return out.getvalue()


def _digest(arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> str:
    """SHA-256 over everything but the digest itself."""
    plain = {key: value for key, value in meta.items() if key != "digest"}
    found = hashlib.sha256(json.dumps(plain, sort_keys=True).encode())
    for name in sorted(arrays):
        found.update(f"{name} {arrays[name].shape}".encode())
        found.update(np.ascontiguousarray(arrays[name], "<i8").tobytes())
    return found.hexdigest()


def read(path: str | Path) -> Stored:
    """Read and check a trace file.

    Raises
    ------
    InputError
        If it cannot be read, is no trace file, is of another schema, or is damaged.
    """
    try:
        arrays = _arrays(Path(path))
        meta = json.loads(arrays.pop("meta").tobytes())
        if meta.get("schema") != SCHEMA:
            raise InputError(path, "schema", meta.get("schema"), f"this version reads {SCHEMA}")
        if meta.get("digest") != _digest(arrays, meta):
            raise InputError(path, "", "", "damaged: its content is not what its digest says")
        return Stored([_run(i, one, arrays) for i, one in enumerate(meta["runs"])], meta["hashes"])
    except InputError:
        raise
    except MalformedError as error:
        raise InputError(path, "", "", f"not a trace that can be replayed: {error}") from None
    except OSError as error:
        raise InputError(path, "", "", f"cannot read: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
        raise InputError(path, "", "", f"not a trace file ({type(error).__name__})") from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        raise InputError(path, "", "", "not a trace file, or damaged") from None


def _arrays(path: Path) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
        if size > MOST_BYTES:
            raise InputError(path, "", "", f"{size} bytes unpacked, more than {MOST_BYTES}")
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _run(number: int, meta: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Recorded:
    tables: dict[str, Any] = {name: arrays[f"{number}.{name}"] for name in WIDTHS}
    texts: dict[str, Any] = {name: tuple(str(text) for text in meta[name]) for name in _TEXTS}
    known: dict[str, Any] = {key: str(meta[key]) for key in _KEYS[:4]}
    run = Recorded(**known, counted=int(meta["counted"]), trace=Trace(**tables, **texts))
    check(run.trace)
    if not 1 <= run.counted <= len(run.trace.marks):
        raise MalformedError(f"{run.counted} counted of {len(run.trace.marks)} iterations")
    return run
