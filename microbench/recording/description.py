"""What a recording's description says: what its events are called and which cost each carries.

Knows `data/kernels/recordings/*.toml`. Refuses to know what anything costs: a privileged
operation, a mitigation and a way into the kernel carry the name of a cost, no more.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

from microbench.datafiles import data_dir, data_names
from microbench.errors import InputError
from microbench.quantity import read_toml

ENTERED = {2: "", 3: "trap.fault", 4: "trap.fault", 5: "trap.interrupt", 6: "trap.fault"}
"""Way into the kernel to what the processor does for it beyond an instruction of its own. A
recording without privileged operations names the costs of a call (2) and of a return itself."""
ENTRY, EXIT, SWITCH = "mitigation.entry", "mitigation.exit", "mitigation.switch"
STRING = "string.start"


def recorded_names() -> list[str]:
    """Kernels there are recordings of."""
    return data_names("kernels/recordings", ".toml")


class Description:
    """What is said of one recorded kernel.

    Parameters
    ----------
    name : str
        File name in `data/kernels/recordings`, without suffix.
    folder : Path, optional
        Another folder.

    Attributes
    ----------
    variants, configurations : dict of str to str
        Name to recording; what is asked for to the name of what was built.
    large : frozenset of str
        Classes of memory in pages of `1 << large_shift` bytes.
    entered : dict of int to str
        Way into the kernel to its cost; `leave` is that of the way out.
    calls, flushes : dict of str to str
        Functions that are a cost, by how their names begin; operations that drop translations.
    mitigates : bool
        Whether ways in and out and switches have a cost of their own on some machines.
    functional : bool
        Whether there is a functional model of it, which is run in its place.
    costs : tuple of str
        Every cost that may be met; a string refers to them by number.

    Raises
    ------
    InputError
        If it lacks anything.
    """

    def __init__(self, name: str, folder: Path | None = None) -> None:
        self.name = name
        self._folder = folder or data_dir() / "kernels" / "recordings"
        path = self._folder / f"{name}.toml"
        raw = read_toml(path)
        for key in ("title", "architecture", "source", "large_page_bytes", "large", "variants"):
            if key not in raw:
                raise InputError(path, key, None, "missing")
        self.title, self.architecture = str(raw["title"]), str(raw["architecture"])
        self.source = str(raw["source"])
        self.large = frozenset(raw["large"])
        self.large_shift = int(raw["large_page_bytes"]).bit_length() - 1
        self.variants: dict[str, str] = dict(raw["variants"])
        self.configurations: dict[str, str] = dict(raw.get("configurations", {}))
        self.entered = {**ENTERED, 2: str(raw.get("enter", ""))}
        self.leave = str(raw.get("leave", ""))
        self._costs: dict[str, str] = dict(raw.get("costs", {}))
        self.calls: dict[str, str] = dict(raw.get("calls", {}))
        self.flushes: dict[str, str] = dict(raw.get("flush", {}))
        self.mitigates = bool(raw.get("mitigates", False))
        self.functional = bool(raw.get("functional", False))
        self.kernel_base = int(raw.get("kernel_base", 0))
        named = [*self._costs.values(), *self.calls.values(), *self.entered.values(), self.leave]
        self.costs = tuple(dict.fromkeys([ENTRY, EXIT, SWITCH, STRING, *filter(None, named)]))

    def cost_of(self, name: str) -> str:
        """Name of the cost of a privileged operation; the longest pattern decides."""
        found = [pattern for pattern in self._costs if fnmatchcase(name, pattern)]
        return self._costs[max(found, key=len)] if found else ""
