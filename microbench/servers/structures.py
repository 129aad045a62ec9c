"""Where a file system runs: in a kernel, behind a daemon, or behind servers of a microkernel."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from microbench.linux.daemon import PassThrough, Timeouts
from microbench.linux.devices import Devices
from microbench.linux.disk import Disk, disk_model
from microbench.linux.fuse import Connection
from microbench.linux.fusefs import SECOND_NS, FuseFs, era
from microbench.linux.host import Host
from microbench.linux.kernel import Linux
from microbench.linux.localfs import LocalFs
from microbench.linux.vfs import Vfs
from microbench.systems.registry import SYSTEMS, check_systems

DAEMONS = {"single": 1, "threaded": 4}


@dataclass(frozen=True)
class Structure:
    """Where a file system runs.

    Attributes
    ----------
    host : str
        What Linux runs on, as the registry of systems names it; "" where there is no Linux.
    fuse : bool
        Whether a daemon serves the files.
    """

    host: str
    fuse: bool


@dataclass(frozen=True)
class Mount:
    """How files are mounted.

    Attributes
    ----------
    cache : str
        "warm": what was once seen is believed; "cold": every cache is emptied before each
        iteration; "off": nothing is believed, and a daemon's files have no page cache.
    era, daemon, disk : str
        Protocol, one daemon or several, device below. Several have a space each: threads of one
        would find each other's lines and translations, so they cost no more than this.
    """

    cache: str = "warm"
    era: str = "2.6"
    daemon: str = "single"
    disk: str = "ram"
    name_ns: int = SECOND_NS
    attributes_ns: int = SECOND_NS
    asks_access: bool = False
    direct: bool = False


def structure(name: str) -> Structure:
    """Where the files of a system are.

    Raises
    ------
    UsageError
        If there is no such system, or it has no files.
    """
    check_systems([name], "files")
    return Structure(**dict(SYSTEMS[name].play["files"].given))


@dataclass
class Mounted:
    """A Linux with files mounted.

    Attributes
    ----------
    files : Vfs
        What programs call.
    below : LocalFs
        The kernel's file system, with the data.
    tally : Counter
        What was counted since the start.
    """

    linux: Linux
    files: Vfs
    below: Vfs
    local: LocalFs
    tally: Counter[str]
    connection: Connection | None = None
    counts: list[Counter[str]] = field(default_factory=list)

    def mark(self, number: int) -> None:
        """End a stretch: in the trace, and in what is counted."""
        self.linux.host.recorder.mark(number)
        self.counts.append(self.tally + Counter(switches=self.linux.scheduler.switches))

    def drop(self) -> None:
        """Make every cache cold."""
        self.files.drop()
        if self.below is not self.files:
            self.below.drop()


def mount(kind: Structure, how: Mount, host: Host, level: str = "value") -> Mounted:
    """A fresh system with files mounted as a structure has them; daemons are spawned later.

    Parameters
    ----------
    level : str
        End of the device's ranges.
    """
    linux = Linux(host)
    devices, tally = Devices(linux.scheduler), Counter[str]()
    local = LocalFs(linux.host, devices, Disk(disk_model(how.disk).at_cost(level)), tally)
    below = Vfs(linux, devices, local, tally)
    if not kind.fuse:
        return Mounted(linux, below, below, local, tally)
    connection = Connection(linux, devices, tally)
    direct = how.direct or how.cache == "off"
    above = FuseFs(connection, era(how.era), direct, how.asks_access)
    return Mounted(linux, Vfs(linux, devices, above, tally), below, local, tally, connection)


def spawn_daemons(mounted: Mounted, how: Mount) -> None:
    """The daemon, after the programs it serves: it is the better one, as a forked process is."""
    if mounted.connection is None:
        return
    off = how.cache == "off"
    timeouts = Timeouts(0 if off else how.name_ns, 0 if off else how.attributes_ns)
    serves = PassThrough(mounted.connection, mounted.below, timeouts)
    for number in range(DAEMONS[how.daemon]):
        mounted.linux.spawn(f"daemon {number}", serves.program)
