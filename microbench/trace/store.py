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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from microbench.errors import InputError
from microbench.reading import check_name, parse_json, read_bytes
from microbench.trace.check import WIDTHS, MalformedError, check
from microbench.trace.npz import read_arrays
from microbench.trace.recorder import Trace

SCHEMA = "mkbench-trace-1"
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
    arrays = read_arrays(read_bytes(path), path)
    try:
        meta = parse_json(arrays.pop("meta").tobytes().decode(), path)
        if meta.get("schema") != SCHEMA:
            raise InputError(path, "schema", meta.get("schema"), f"this version reads {SCHEMA}")
        if meta.get("digest") != _digest(arrays, meta):
            raise InputError(path, "", "", "damaged: its content is not what its digest says")
        runs = [_run(i, one, arrays, path) for i, one in enumerate(meta["runs"])]
        return Stored(runs, {str(k): str(v) for k, v in meta["hashes"].items()})
    except MalformedError as error:
        raise InputError(path, "", "", f"not a trace that can be replayed: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(path, "", "", f"not a trace file ({type(error).__name__})") from None


def _run(
    number: int, meta: Mapping[str, Any], arrays: Mapping[str, np.ndarray], path: object
) -> Recorded:
    tables: dict[str, Any] = {name: arrays[f"{number}.{name}"] for name in WIDTHS}
    texts: dict[str, Any] = {
        field: tuple(_text(text, path, f"runs[{number}].{field}") for text in meta[field])
        for field in _TEXTS
    }
    known: dict[str, Any] = {
        key: _text(meta[key], path, f"runs[{number}].{key}") for key in _KEYS[:4]
    }
    counted = meta["counted"]
    if not isinstance(counted, int):
        raise InputError(path, f"runs[{number}].counted", counted, "not a whole number")
    run = Recorded(**known, counted=counted, trace=Trace(**tables, **texts))
    check(run.trace)
    if not 1 <= run.counted <= len(run.trace.marks):
        raise MalformedError(f"{run.counted} counted of {len(run.trace.marks)} iterations")
    return run


def _text(text: object, path: object, key: str) -> str:
    """A word of the file; it may be empty, or begin with a dash as arguments do."""
    if not isinstance(text, str):
        raise InputError(path, key, text, "must be text")
    return check_name(f"x{text}", path, key)[1:]
