"""What a machine is called in a row and in a heading: never like one that it is not.

A row is compared with what was published for a machine of its name. So a changed machine and
a file that only calls itself like a packaged one have names of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from microbench.datafiles import data_dir
from microbench.machine.spec import MachineSpec


def machine_name(spec: MachineSpec, settings: Iterable[str] = ()) -> str:
    """Its name, the file where it is not the packaged one, and `key=value` changes.

    Changes come in one order, whatever order they were asked in; of a key the last one counts.
    """
    name = spec.name
    if Path(spec.file) != data_dir() / "machines" / f"{name}.toml":
        name += f" of {_plain(Path(spec.file).name)}"
    pairs = (setting.replace(" ", "").partition("=") for setting in settings)
    changes = {key: f"{key}{equals}{value}" for key, equals, value in pairs}
    return ", ".join((name, *(changes[key] for key in sorted(changes))))


def asked_as(spec: MachineSpec) -> str:
    """The word after `--machine` that finds it again: its name, or its file if not packaged."""
    packaged = Path(spec.file) == data_dir() / "machines" / f"{spec.name}.toml"
    return spec.name if packaged else spec.file


def packaged_name(machine: str) -> str:
    """The name a machine had before it was changed."""
    return machine.partition(",")[0].partition(" of ")[0]


def machine_label(spec: MachineSpec, name: str) -> str:
    """For headings and captions: the name, the clock, and whether numbers were calibrated.

    Examples
    --------
    pxa255, l1d.ways=4, 199.1 MHz, calibrated
    """
    calibrated = any(n.certainty == "calibrated" for n in spec.numbers.values())
    clock = f"{spec.value('core.clock_hz') / 1e6:.1f} MHz"
    return ", ".join((name, clock, "calibrated" if calibrated else "not calibrated"))


def _plain(text: str) -> str:
    return "".join(sign if sign.isprintable() and sign != "," else "?" for sign in text)
