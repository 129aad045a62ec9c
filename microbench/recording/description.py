"""What a recording's description says: what its events are called and which cost each carries.

Knows `data/kernels/recordings/*.toml`. Refuses to know what anything costs: a privileged
operation, a mitigation and a way into the kernel carry the name of a cost, no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from microbench.datafiles import data_dir, data_names
from microbench.errors import InputError
from microbench.quantity import read_toml

ENTERED = {2: "", 3: "trap.fault", 4: "trap.fault", 5: "trap.interrupt", 6: "trap.fault"}
"""Way into the kernel to what the processor does for it beyond an instruction of its own. A
recording without privileged operations names the costs of a call (2) and of a return itself."""
_FORMS: dict[str, tuple[type, bool]] = {
    **dict.fromkeys(("title", "architecture", "source"), (str, True)),
    "large_page_bytes": (int, True),
    "large": (list, True),
    "variants": (dict, True),
    **dict.fromkeys(("configurations", "costs", "calls", "flush"), (dict, False)),
    **dict.fromkeys(("enter", "leave"), (str, False)),
    **dict.fromkeys(("mitigates", "functional"), (bool, False)),
    "kernel_base": (int, False),
}
"""Key of a description to what it holds and whether it must be there."""
_CALLED = {
    str: "a word",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}
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
        raw = _checked(read_toml(path), path)
        self.title, self.architecture = raw["title"], raw["architecture"]
        self.source = raw["source"]
        self.large = frozenset(raw["large"])
        self.large_shift = raw["large_page_bytes"].bit_length() - 1
        self.variants: dict[str, str] = raw["variants"]
        self.configurations: dict[str, str] = raw.get("configurations", {})
        self.entered = {**ENTERED, 2: raw.get("enter", "")}
        self.leave: str = raw.get("leave", "")
        self._costs: dict[str, str] = raw.get("costs", {})
        self.calls: dict[str, str] = raw.get("calls", {})
        self.flushes: dict[str, str] = raw.get("flush", {})
        self.mitigates: bool = raw.get("mitigates", False)
        self.functional: bool = raw.get("functional", False)
        self.kernel_base: int = raw.get("kernel_base", 0)
        named = [*self._costs.values(), *self.calls.values(), *self.entered.values(), self.leave]
        self.costs = tuple(dict.fromkeys([ENTRY, EXIT, SWITCH, STRING, *filter(None, named)]))

    def cost_of(self, name: str) -> str:
        """Name of the cost of a privileged operation; the longest pattern decides."""
        found = [pattern for pattern in self._costs if fnmatchcase(name, pattern)]
        return self._costs[max(found, key=len)] if found else ""


def _checked(raw: dict[str, Any], path: Path) -> dict[str, Any]:
    for key in raw.keys() - _FORMS.keys():
        raise InputError(path, key, raw[key], "unknown key")
    for key, (form, needed) in _FORMS.items():
        value = raw.get(key)
        if value is None and not needed:
            continue
        if value is None:
            raise InputError(path, key, None, "missing")
        if not isinstance(value, form) or isinstance(value, bool) != (form is bool):
            raise InputError(path, key, value, f"not {_CALLED[form]}")
        if isinstance(value, dict | list):
            places = value if isinstance(value, dict) else dict(enumerate(value))
            _words(places, path, key)
    size = raw["large_page_bytes"]
    if size <= 0 or size & (size - 1):
        raise InputError(path, "large_page_bytes", size, "must be a power of two")
    if "plain" not in raw["variants"]:
        raise InputError(path, "variants.plain", None, "missing")
    for name, file in raw["variants"].items():
        if not (path.parent / f"{file}.npz").exists():
            raise InputError(path, f"variants.{name}", file, f"no recording {file}.npz beside it")
    return raw


def _words(found: Mapping[Any, object], path: Path, key: str) -> None:
    for place, word in found.items():
        if not isinstance(word, str):
            raise InputError(path, f"{key}.{place}", word, "not a word")
