"""What benchmarks of files share: their options, and a program whose marks say what is timed.

Arguments end with `--fs NAME,NAME --cache warm|cold|off --era 2.6|today --daemon
single|threaded --disk NAME`. A mark with a number from 0 on ends a timed stretch; one below 0
ends what is not timed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from microbench.errors import UsageError
from microbench.linux.disk import disk_names
from microbench.workloads.programs import filecalls as fc
from microbench.workloads.programs.filecalls import FileProgram

UNTIMED = -1
WARM_UP, COUNTED = 4, 4
CACHES = ("warm", "cold", "off")
CHOICES = {
    "cache": CACHES,
    "era": ("2.6", "today"),
    "daemon": ("single", "threaded"),
    "data": ("shared", "mapped"),
}


OPTIONS = ("fs", *CHOICES, "disk")


def _listed() -> str:
    return ", ".join(f"--{option}" for option in OPTIONS)


@dataclass(frozen=True)
class FileOptions:
    """Where the files are.

    Attributes
    ----------
    fs : tuple of str
        Structures to run on; empty for those a benchmark shows by itself.
    cache, era, daemon, disk, data : str
        What is believed, the protocol's time, how many daemons, the device, how a server on
        the microkernel hands data over.
    """

    fs: tuple[str, ...] = ()
    cache: str = "warm"
    era: str = "2.6"
    daemon: str = "single"
    disk: str = "ram"
    data: str = "shared"

    def words(self) -> str:
        """The options that are not as by default, as they would be typed."""
        plain = FileOptions()
        named = ((k, getattr(self, k)) for k in (*CHOICES, "disk"))
        return " ".join(f"--{k} {v}" for k, v in named if v != getattr(plain, k))


@dataclass(frozen=True)
class FileBench:
    """One benchmark of files with its arguments.

    Attributes
    ----------
    name, args : str
    options : FileOptions
    program : callable
        From how many iterations to the program.
    metric, unit, better : str
        What is reported.
    size : int
        Bytes, files or operations of one timed stretch, for rates.
    per : str
        What counts are of: an "op", or the whole timed stretch by its name.
    warm_up, counted : int
        Timed stretches before and while counting.
    """

    name: str
    args: str
    options: FileOptions
    program: Callable[[int], FileProgram]
    metric: str = "latency"
    unit: str = "us"
    better: str = "smaller"
    size: int = 1
    warm_up: int = WARM_UP
    counted: int = COUNTED
    per: str = "op"

    @property
    def iterations(self) -> int:
        """Timed stretches to run."""
        return self.warm_up + self.counted

    @property
    def operations(self) -> int:
        """How many of what counts are of are in a timed stretch."""
        return self.size if self.per == "op" else 1

    def value(self, microseconds: float) -> float:
        """What is reported [unit], from the time of a stretch [us]."""
        if self.unit == "MB/s":
            return self.size / microseconds
        if self.unit == "1/s":
            return self.size * 1e6 / microseconds
        return microseconds / self.size


def emptied(options: FileOptions, fd: int) -> FileProgram:
    """Before a stretch that is to begin cold: an open file on its device, every cache empty."""
    if options.cache == "cold":
        yield fc.Sync(fd)
        yield fc.Drop()


def emptied_of(options: FileOptions, names: Iterable[str]) -> FileProgram:
    """The same for closed files: what is dirty no cache forgets."""
    if options.cache != "cold":
        return
    for name in names:
        fd = yield fc.Open(name)
        yield fc.Sync(fd)
        yield fc.Close(fd)
    yield fc.Drop()


def split_options(benchmark: str, args: list[str]) -> tuple[list[str], FileOptions]:
    """The arguments without the options of files, and these.

    Raises
    ------
    UsageError
        For an unknown option, one given twice or without a value, or a value that is none of its.
    """
    rest, found, seen = [], FileOptions(), set[str]()
    known = {**CHOICES, "disk": tuple(disk_names())}
    words = iter(args)
    for word in words:
        key = word.removeprefix("--")
        if not word.startswith("--"):
            rest.append(word)
            continue
        if key not in OPTIONS:
            raise UsageError(f"{benchmark}: no option {word[:40]!r}; there are {_listed()}")
        value = next(words, None)
        if value is None:
            raise UsageError(f"{benchmark}: {word} needs a value")
        if key in seen:
            also = "; --system says the same" if key == "fs" else ""
            raise UsageError(f"{benchmark}: {word} is given twice{also}")
        seen.add(key)
        if key in known and value not in known[key]:
            raise UsageError(f"{benchmark}: {word} {value}: not one of {', '.join(known[key])}")
        if key == "fs":
            found = replace(found, fs=tuple(dict.fromkeys(value.split(","))))
        else:
            changed: dict[str, Any] = {key: value}
            found = replace(found, **changed)
    return rest, found
