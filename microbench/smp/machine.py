"""Multiprocessor descriptions: TOML to a checked record and the engine's cost vector.

Knows: clock, topology, line-transfer costs by distance, sleep and interrupt costs. Refuses to
know: operations and systems.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from microbench.datafiles import data_dir, data_names
from microbench.errors import InputError, UsageError
from microbench.quantity import Quantity, quantity, read_toml

TOPOLOGIES = {"flat": 0, "ring": 1, "cube": 2, "tree": 3}
MEMORIES = ("bus", "node")
LINE_COSTS = (
    "hit",
    "atomic",
    "core",
    "cluster",
    "socket",
    "other",
    "hop",
    "third",
    "read_core",
    "read_cluster",
    "read_socket",
    "read_other",
    "read_busy",
    "memory_busy",
)
NUMBERS: dict[str, set[str]] = {
    "core.clock_hz": {"Hz"},
    "topology.cpus": {"cpus"},
    "topology.threads_per_core": {"cpus"},
    "topology.cpus_per_cluster": {"cpus"},
    "topology.cpus_per_socket": {"cpus"},
    "topology.smt_slowdown": {"ratio"},
    **{f"line.{name}": {"cycles", "ns"} for name in LINE_COSTS},
    "page.lines": {"lines"},
    "page.clear_line": {"cycles", "ns"},
    **{f"sleep.{name}": {"cycles", "ns", "us"} for name in ("sleep", "wake", "resume")},
    **{f"interrupt.{name}": {"cycles", "ns", "us"} for name in ("first", "each", "handle")},
}
"""Every number a machine must state, with the units it may be written in."""

WORDS = {"title", "from", "memory", "idle", "socket_copies"}


@dataclass(frozen=True)
class SmpMachine:
    """One multiprocessor.

    Attributes
    ----------
    name, title : str
    topology : str
        "flat" (any two nodes one hop apart), "ring", "cube" or "tree".
    memory : str
        "bus" (one memory path for all) or "node" (one per socket or node).
    numbers : dict of str to Quantity
        Keys of `NUMBERS`.
    idle : tuple of (Quantity, Quantity)
        Idle states: shortest stay and time to leave [us].
    socket_copies : bool
        Whether one CPU's clean copy serves the other CPUs of its socket.
    digest : str
        Hash of everything above.
    """

    name: str
    title: str
    topology: str
    memory: str
    numbers: dict[str, Quantity]
    idle: tuple[tuple[Quantity, Quantity], ...] = ()
    socket_copies: bool = True
    digest: str = field(default="", compare=False)

    def count(self, key: str) -> int:
        """A whole number such as `topology.cpus`."""
        return int(self.numbers[key].value)

    @property
    def clock_hz(self) -> float:
        """Core clock [Hz]."""
        return self.numbers["core.clock_hz"].value

    def cycles(self, number: Quantity) -> int:
        """A time of this machine in whole core cycles."""
        scale = {"cycles": 1.0, "ns": self.clock_hz * 1e-9, "us": self.clock_hz * 1e-6}
        return round(number.value * scale[number.unit])

    def cost(self, key: str) -> int:
        """The number `key` in whole core cycles."""
        return self.cycles(self.numbers[key])

    def seconds(self, cycles: float) -> float:
        """Core cycles as seconds."""
        return cycles / self.clock_hz


def machine_names() -> list[str]:
    """Names of the packaged multiprocessors."""
    return data_names("smp/machines", ".toml")


def load_machine(name: str, settings: Sequence[str] = ()) -> SmpMachine:
    """Load a packaged machine by name, or a TOML file by path.

    Parameters
    ----------
    name : str
    settings : sequence of str
        `key=value`, e.g. "line.other=500", in the unit the file gives the number in.

    Raises
    ------
    UsageError
        If there is no such machine.
    InputError
        If the description is wrong; names file, key and value.
    """
    path = Path(name)
    if path.suffix != ".toml":
        if name not in machine_names():
            raise UsageError(f"--machine {name}: no such machine; {', '.join(machine_names())}")
        path = data_dir() / "smp" / "machines" / f"{name}.toml"
    tables = _tables(path, 0)
    for setting in settings:
        _set(tables, setting)
    return _checked(tables, path)


def _set(tables: dict[str, Any], setting: str) -> None:
    key, equals, text = setting.partition("=")
    key = key.strip()
    section, _, name = key.partition(".")
    if not equals or key not in NUMBERS or name not in tables.get(section, {}):
        raise UsageError(f"--set {setting}: keys are {', '.join(NUMBERS)}")
    try:
        value = float(text)
    except ValueError:
        raise UsageError(f"--set {setting}: {text!r} is no number") from None
    own = dict(tables[section][name])
    own.update(value=value, source=f"--set {setting}", certainty="choice")
    own.pop("low", None)
    own.pop("high", None)
    tables[section] = {**tables[section], name: own}


def _tables(path: Path, depth: int) -> dict[str, Any]:
    """The file's tables, on top of those of the machine it starts `from`."""
    own = read_toml(path)
    base = own.pop("from", None)
    if base is None:
        return own
    if not isinstance(base, str) or base not in machine_names() or depth > 4:
        raise InputError(path, "from", base, "no such machine to start from")
    merged = _tables(data_dir() / "smp" / "machines" / f"{base}.toml", depth + 1)
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = {**merged[key], **value}
        else:
            merged[key] = value
    return merged


def _checked(tables: dict[str, Any], path: Path) -> SmpMachine:
    sections = {key.partition(".")[0] for key in NUMBERS}
    for key in tables:
        if key not in sections | WORDS:
            raise InputError(path, key, tables[key], "unknown key")
    numbers = {key: _number(tables, path, key) for key in NUMBERS}
    _no_strangers(tables, path, sections)
    word = _words(tables, path)
    _counts(numbers, path)
    idle = tuple(_idle(state, path, i) for i, state in enumerate(tables.get("idle", [])))
    if len(idle) > 4:
        raise InputError(path, "idle", len(idle), "at most four idle states")
    copies = tables.get("socket_copies", True)
    if not isinstance(copies, bool):
        raise InputError(path, "socket_copies", copies, "must be true or false")
    digest = hashlib.sha256(repr((numbers, idle, word, copies)).encode()).hexdigest()[:12]
    return SmpMachine(path.stem, word[0], word[1], word[2], numbers, idle, copies, digest)


def _number(tables: dict[str, Any], path: Path, key: str) -> Quantity:
    section, _, name = key.partition(".")
    table = tables.get(section)
    if not isinstance(table, dict) or name not in table:
        raise InputError(path, key, None, "missing")
    number = quantity(table[name], path, key, NUMBERS[key])
    if not 0 <= number.value <= 1e12:
        raise InputError(path, f"{key}.value", number.value, "out of range")
    return number


def _no_strangers(tables: dict[str, Any], path: Path, sections: set[str]) -> None:
    for section in sections:
        for name in tables[section]:
            if f"{section}.{name}" not in NUMBERS and (section, name) != ("topology", "kind"):
                raise InputError(path, f"{section}.{name}", tables[section][name], "unknown key")


def _words(tables: dict[str, Any], path: Path) -> tuple[str, str, str]:
    kind = tables["topology"].get("kind")
    if kind not in TOPOLOGIES:
        raise InputError(path, "topology.kind", kind, "one of " + ", ".join(TOPOLOGIES))
    if tables.get("memory") not in MEMORIES:
        raise InputError(path, "memory", tables.get("memory"), "one of " + ", ".join(MEMORIES))
    return str(tables.get("title", path.stem)), kind, tables["memory"]


def _counts(numbers: dict[str, Quantity], path: Path) -> None:
    for key in ("cpus", "threads_per_core", "cpus_per_cluster", "cpus_per_socket"):
        number = numbers[f"topology.{key}"]
        if number.value < 1 or number.value != int(number.value) or number.value > 65536:
            raise InputError(path, f"topology.{key}", number.value, "must be 1 to 65536, whole")
    if numbers["core.clock_hz"].value < 1e6:
        raise InputError(path, "core.clock_hz", numbers["core.clock_hz"].value, "below 1 MHz")


def _idle(state: object, path: Path, i: int) -> tuple[Quantity, Quantity]:
    if not isinstance(state, dict) or set(state) != {"stay", "leave"}:
        raise InputError(path, f"idle[{i}]", state, "needs stay and leave")
    return (
        quantity(state["stay"], path, f"idle[{i}].stay", {"us"}),
        quantity(state["leave"], path, f"idle[{i}].leave", {"us"}),
    )
