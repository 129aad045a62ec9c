"""One block device: bytes by block, and how long a transfer takes where the arm stands.

A transfer that begins where the last one ended costs its bytes only; any other one costs a
seek that grows with the distance, and half a turn. Flash and memory have neither.

What a transfer brings is not made missing in the data cache, as it would be where devices write
past it: every structure then paid the same fills for each page, and shares came nearer to 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from microbench.datafiles import data_dir, data_names
from microbench.errors import UsageError
from microbench.quantity import Quantity, numbers

BLOCK = 4096
UNITS = {
    "transfer": {"MB/s"},
    "track_seek": {"ms"},
    "full_seek": {"ms"},
    "half_turn": {"ms"},
    "command": {"us"},
    "blocks": {"blocks"},
    "reset": {"ms"},
}


@dataclass(frozen=True)
class DiskModel:
    """A kind of device, as `data/devices/NAME.toml` describes it."""

    name: str
    numbers: dict[str, Quantity]

    def value(self, key: str, level: str = "value") -> float:
        """One number [its unit], at one end of its range."""
        return float(getattr(self.numbers[key], level))

    def at_cost(self, level: str) -> DiskModel:
        """The device where its times are shortest ("low") or longest ("high")."""
        numbers = {k: replace(q, value=q.at_cost(level)) for k, q in self.numbers.items()}
        return DiskModel(self.name, numbers)


@cache
def disk_model(name: str) -> DiskModel:
    """A packaged device.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    if name not in disk_names():
        raise UsageError(f"no device {name!r}; there are {', '.join(disk_names())}")
    path = data_dir() / "devices" / f"disk-{name}.toml"
    return DiskModel(name, numbers(path, UNITS, {"blocks"}))


def disk_names() -> list[str]:
    """The packaged block devices."""
    names = data_names("devices", ".toml")
    return [name.removeprefix("disk-") for name in names if name.startswith("disk-")]


class Disk:
    """A device with what is on it.

    Parameters
    ----------
    model : DiskModel
    """

    def __init__(self, model: DiskModel) -> None:
        self.model = model
        self._data: dict[int, bytes] = {}
        self._head = 0
        value = model.value
        self._still_us = (value("half_turn") + value("track_seek")) * 1e3
        self._stroke_us = (value("full_seek") - value("track_seek")) * 1e3
        self._command_us, self._blocks = value("command"), value("blocks")
        self._block_us = BLOCK / value("transfer") if value("transfer") else 0.0

    def load(self, block: int) -> bytes:
        """The bytes of a block; zeros where nothing was written."""
        return self._data.get(block, bytes(BLOCK))

    def store(self, block: int, data: bytes) -> None:
        """Replace a block."""
        assert len(data) == BLOCK, len(data)
        self._data[block] = data

    def time_ns(self, first: int, count: int) -> int:
        """How long a transfer takes now [ns]; the arm stays behind it."""
        distance = abs(first - self._head) / self._blocks
        seek_us = self._still_us + self._stroke_us * min(1.0, distance) ** 0.5 if distance else 0.0
        self._head = first + count
        return round((seek_us + self._command_us + count * self._block_us) * 1e3)


def block_us(name: str) -> float:
    """What a device takes for one block a third of the way across [us]: the mean of far ones."""
    model = disk_model(name)
    return Disk(model).time_ns(int(model.value("blocks") / 3), 1) / 1e3
