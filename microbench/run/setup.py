"""A machine ready to price on: the description, the calibrated numbers, the global scales."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.machine.load import load_machine, parse_settings
from microbench.machine.naming import machine_label, machine_name
from microbench.machine.spec import MachineSpec
from microbench.quantity import Quantity, quantity, read_toml

MOST_CALIBRATED = 6
UNITS = {"Hz", "bus_clocks", "sdram_clocks", "ratio", "ns", "us", "s", "cycles"}


@dataclass(frozen=True)
class Calibration:
    """The calibrated numbers, each with the row it was set on.

    Attributes
    ----------
    machine : mapping of str to mapping of str to Quantity
        Machine name to key to number.
    scales : mapping of str to float
        Scale class to factor on instruction cycles.
    workload : mapping of str to float
        Numbers of workloads, e.g. a device's latency.
    rows : mapping of str to str
        Number to the row it was set on.
    """

    machine: Mapping[str, Mapping[str, Quantity]] = field(default_factory=dict)
    scales: Mapping[str, float] = field(default_factory=dict)
    workload: Mapping[str, float] = field(default_factory=dict)
    rows: Mapping[str, str] = field(default_factory=dict)


NONE = Calibration()


@dataclass(frozen=True)
class Setup:
    """One machine and what multiplies the paths on it.

    Attributes
    ----------
    changes : tuple of str
        `key=value` changes a user made; they are part of the machine's name.
    """

    spec: MachineSpec
    scales: Mapping[str, float] = field(default_factory=dict)
    workload: Mapping[str, float] = field(default_factory=dict)
    changes: tuple[str, ...] = ()

    @property
    def machine(self) -> str:
        """What the machine is called in a row."""
        return machine_name(self.spec, self.changes)

    @property
    def label(self) -> str:
        """What the machine is called in a heading."""
        return machine_label(self.spec, self.machine)


def calibration_file() -> Path:
    """The one file that holds all calibrated numbers."""
    return data_dir() / "calibration.toml"


@cache
def load_calibration() -> Calibration:
    """What `mkbench calibrate` wrote; nothing where it never ran.

    Raises
    ------
    InputError
        For a number without provenance, or more than six of them.
    """
    path = calibration_file()
    return read_calibration(path) if path.exists() else NONE


def read_calibration(path: Path) -> Calibration:
    """Read and check a calibration file.

    Raises
    ------
    InputError
        Naming file, key and value.
    """
    raw = read_toml(path)
    numbers: dict[str, Quantity] = {}
    rows: dict[str, str] = {}
    counted: set[str] = set()
    for key, table in raw.get("number", {}).items():
        if not isinstance(table, dict) or not isinstance(table.get("row"), str):
            raise InputError(path, f"number.{key}", table, "needs the row it was set on")
        row, group = table["row"], table.get("counts_as", key)
        plain = {k: v for k, v in table.items() if k not in ("row", "counts_as")}
        numbers[key] = quantity(plain, path, f"number.{key}", UNITS)
        rows[key] = row
        counted.add(str(group))
    if len(counted) > MOST_CALIBRATED:
        raise InputError(path, "number", len(counted), f"more than {MOST_CALIBRATED} numbers")
    machine: dict[str, dict[str, Quantity]] = {}
    scales, workload = {}, {}
    for key, number in numbers.items():
        kind, _, rest = key.partition(":")
        name, _, inner = rest.partition(":")
        if kind == "machine":
            machine.setdefault(name, {})[inner] = number
        elif kind == "scale":
            scales[rest] = number.value
        elif kind == "workload":
            workload[rest] = number.value
        else:
            raise InputError(path, f"number.{key}", number.value, "unknown kind of number")
    return Calibration(machine, scales, workload, rows)


def prepare(
    machine: str, settings: Iterable[str] = (), calibration: Calibration | None = None
) -> Setup:
    """A machine by name or file, with its calibrated numbers, then the settings on top.

    Raises
    ------
    InputError, UsageError
        For anything wrong in the machine or a setting.
    """
    chosen = load_calibration() if calibration is None else calibration
    base = load_machine(machine)
    base = base.with_(chosen.machine.get(base.name, {}), "calibration")
    changes = tuple(settings)
    spec = base.with_(parse_settings(changes))
    return Setup(spec, chosen.scales, chosen.workload, changes)
