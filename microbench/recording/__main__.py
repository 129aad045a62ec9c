"""Make `data/kernels/linux-2.6.12.npz` from the recording and the list of cuts."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from microbench.datafiles import data_dir
from microbench.recording.cut import Cutter, PageNumbers, locate
from microbench.recording.owners import Owners
from microbench.recording.raw import Operation, Recording


def build(name: str) -> dict[str, np.ndarray]:
    """Arrays of the path file: all references, where each path starts, names and roles."""
    kernels = data_dir() / "kernels"
    recording = Recording(kernels / "recordings" / f"{name}.npz")
    cuts = tomllib.loads((kernels / f"{name}.cuts.toml").read_text(encoding="utf-8"))
    pages = PageNumbers()
    names, starts, roles, pieces = [], [0], [], []
    for family in cuts["family"].values():
        owners = None if family.get("as_recorded") else Owners(recording, family["operations"])
        cutter = Cutter(recording, owners, pages)
        for segment, cut in family["segment"].items():
            operation = recording.operation(cut["operation"])
            drop = set(cut.get("drop", family.get("drop", ())))
            cutter.objects = {role: _place(text) for role, text in cut.get("objects", {}).items()}
            found, refs = cutter.cut(operation, _ranges(recording, operation, cut), drop)
            names.append(segment)
            roles.append(" ".join(found))
            pieces.append(refs)
            starts.append(starts[-1] + len(refs))
    return {
        "names": np.array(names),
        "roles": np.array(roles),
        "starts": np.array(starts, np.int32),
        "refs": np.concatenate(pieces),
        "kernel_pages": np.array(sorted(pages.pages, key=pages.pages.__getitem__), np.int32),
    }


def _ranges(recording: Recording, operation: Operation, cut: dict[str, Any]) -> list[list[int]]:
    """Row ranges of a segment, given as such or found by steps."""
    if "rows" in cut:
        ranges: list[list[int]] = cut["rows"]
        return ranges
    first = locate(recording, operation, cut["start"])
    return [[first, locate(recording, operation, cut["end"], first + 1)]]


def _place(text: str) -> tuple[int, int]:
    """First address and bytes of "ADDRESS+BYTES"."""
    base, _, size = text.partition("+")
    return int(base, 0), int(size, 0)


def main() -> None:
    """Write the path file beside the cuts."""
    name = "linux-2.6.12"
    target = Path(data_dir()) / "kernels" / f"{name}.npz"
    arrays = build(name)
    np.savez_compressed(target, **arrays)  # type: ignore[arg-type]
    print(f"{target.name}: {len(arrays['names'])} paths, {len(arrays['refs'])} references")


if __name__ == "__main__":
    main()
