"""A FUSE daemon that dies on stock Linux: what fails then, and what stays dead."""

from __future__ import annotations

from collections import Counter

from microbench.linux.devices import Devices
from microbench.linux.fuse import Connection
from microbench.linux.fusefs import FuseFs, era
from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.linux.vfs import FsError, Vfs
from microbench.servers.structures import Mount, Structure, mount, spawn_daemons
from microbench.systems.players import boot

NATIVE = "systems.native:Native"
Counted = tuple[str, str, int]


def daemon_death(disk: str) -> list[Counted]:
    """Kill the daemon while a request waits, mount again, and count what works: name, unit, n."""
    how = Mount(disk=disk)
    mounted = mount(Structure(NATIVE, True), how, boot(NATIVE).host)
    connection = mounted.connection
    assert connection is not None
    found: Counter[str] = Counter()

    def client(linux: Linux, process: Process) -> Program:
        user = linux.host.user_memory(process, "buffer", 0x0040_0000, 8192)
        fd = yield from mounted.files.open(process, "file", create=True)
        yield from mounted.files.write(process, fd, b"kept", 0, user)
        found["in flight"] = connection.abort(process)
        for call in (
            lambda: mounted.files.null(process, fd),
            lambda: mounted.files.stat(process, "other"),
            lambda: mounted.files.open(process, "another", create=True),
        ):
            yield from _try(call, found, "failed with ENOTCONN")
        fresh = Connection(linux, Devices(linux.scheduler), mounted.tally)
        again = Vfs(linux, mounted.files.devices, FuseFs(fresh, era(how.era)), mounted.tally)
        mounted.connection = fresh
        spawn_daemons(mounted, how)
        new = yield from again.open(process, "file")
        data = yield from again.read(process, new, 4, 0, user)
        found["bytes there after a new mount"] = len(data) if data == b"kept" else 0
        yield from _try(
            lambda: mounted.files.null(process, fd), found, "old descriptors still dead"
        )

    mounted.linux.spawn("client", client)
    spawn_daemons(mounted, how)
    mounted.linux.run()
    return [
        ("failed with ENOTCONN", "calls", found["failed with ENOTCONN"]),
        ("old descriptors still dead", "descriptors", found["old descriptors still dead"]),
        ("bytes there after a new mount", "bytes", found["bytes there after a new mount"]),
    ]


def _try(call: object, found: Counter[str], name: str) -> Program:
    """A call that is to fail because nobody is connected."""
    assert callable(call)
    try:
        yield from call()
    except FsError as error:
        found[name] += error.code == "ENOTCONN"
