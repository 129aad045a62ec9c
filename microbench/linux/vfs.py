"""The virtual file system: calls with paths and descriptors, whoever stands behind the seam.

Names and attributes are believed until their time is over; what is not believed is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from microbench.linux.devices import Devices
from microbench.linux.filesystem import FileSystem
from microbench.linux.inode import FOREVER, ROOT, Dentry, Entry, Inode, SuperBlock
from microbench.linux.kernel import Linux
from microbench.linux.oops import Locks
from microbench.linux.pagecache import PageCache
from microbench.linux.process import Process, Program
from microbench.trace import Region

MOST_NAME = 255
"""Longest name of a file [bytes]."""


class FsError(Exception):
    """A call on files failed; `code` is the name of the error number."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Vfs:
    """One mounted file system and the calls on it.

    Parameters
    ----------
    linux : Linux
    devices : Devices
        Has the clock.
    filesystem : FileSystem
        What stands behind the seam.
    tally : Counter, optional
        Where to count; several mounts may share one.
    """

    def __init__(
        self,
        linux: Linux,
        devices: Devices,
        filesystem: FileSystem,
        tally: Counter[str] | None = None,
    ) -> None:
        self.linux, self.devices, self.filesystem = linux, devices, filesystem
        self.tally: Counter[str] = Counter() if tally is None else tally
        self.super = SuperBlock()
        self.super.root()
        self.locks = Locks()
        self.cache = PageCache(linux.host, filesystem, self.tally)
        self._object = linux.host.kernel_memory("dentry and inode", 512)
        self._files: dict[int, tuple[Inode, bool]] = {}
        self._next = 3

    def path(self, name: str, process: Process) -> None:
        """One of the paths of names and inodes."""
        with self.linux.host.recorder.place("file"):
            self.linux.host.path(name, process, object=self._object, buffer=self._object)

    def _call(self, process: Process, name: str, body: Callable[[], Program]) -> Program:
        """A system call; one that fails returns to its caller all the same."""
        failed: list[FsError] = []

        def guarded() -> Program:
            try:
                return (yield from body())
            except FsError as error:
                failed.append(error)

        answer = yield from self.linux.call(process, name, guarded())
        if failed:
            raise failed[0]
        return answer

    # names

    def _believe(self, parent: int, name: str, entry: Entry | None) -> Inode | None:
        """Remember the answer of a look-up."""
        now = self.devices.now_ns
        if entry is None:
            if self.filesystem.habits.keeps_negative:
                self.super.dentries[parent, name] = Dentry(0, FOREVER)
            return None
        found = entry.attributes
        self.super.dentries[parent, name] = Dentry(found.ino, min(FOREVER, now + entry.name_ns))
        inode = self.super.inodes.get(found.ino)
        if inode is None:
            inode = self.super.inodes[found.ino] = Inode(found.ino, found.size, found.directory)
        self._refresh(inode, entry)
        return inode

    def _refresh(self, inode: Inode, entry: Entry) -> None:
        inode.expires_ns = min(FOREVER, self.devices.now_ns + entry.attributes_ns)
        if not inode.dirty:
            inode.size = entry.attributes.size

    def _look_up(self, process: Process, parent: int, name: str) -> Program:
        """The inode of a name, or None."""
        known = self.super.name(parent, name, self.devices.now_ns)
        if known is not None:
            return self.super.inodes.get(known.ino) if known.ino else None
        with self.locks.hold(f"directory {parent}"):
            self.path("vfs_lookup", process)
            entry = yield from self.filesystem.lookup(process, parent, name)
        return self._believe(parent, name, entry)

    def _directory(self, process: Process, path: str) -> Program:
        """The directory a path ends in, and the last name."""
        *way, name = [part for part in path.split("/") if part] or [""]
        if not name:
            raise FsError("ENOENT")
        if any(len(part.encode()) > MOST_NAME for part in (*way, name)):
            raise FsError("ENAMETOOLONG")
        parent = ROOT
        for part in way:
            inode = yield from self._look_up(process, parent, part)
            if inode is None:
                raise FsError("ENOENT")
            if not inode.directory:
                raise FsError("ENOTDIR")
            parent = inode.ino
        return parent, name

    def _find(self, process: Process, path: str) -> Program:
        """The inode of a path."""
        parent, name = yield from self._directory(process, path)
        inode = yield from self._look_up(process, parent, name)
        if inode is None:
            raise FsError("ENOENT")
        return inode

    def _fresh(self, process: Process, inode: Inode) -> Program:
        """Ask for attributes that are no longer believed."""
        if inode.expires_ns <= self.devices.now_ns:
            self._refresh(inode, (yield from self.filesystem.getattr(process, inode.ino)))

    # calls on names

    def stat(self, process: Process, path: str) -> Program:
        """stat(2): the size [bytes]."""

        def body() -> Program:
            self.path("stat", process)
            inode = yield from self._find(process, path)
            yield from self._fresh(process, inode)
            return inode.size

        return (yield from self._call(process, "stat", body))

    def access(self, process: Process, path: str) -> Program:
        """access(2)."""

        def body() -> Program:
            self.path("stat", process)
            inode = yield from self._find(process, path)
            if self.filesystem.habits.asks_access:
                yield from self.filesystem.access(process, inode.ino)
            return 0

        return (yield from self._call(process, "access", body))

    def open(self, process: Process, path: str, create: bool = False) -> Program:
        """open(2): a descriptor."""

        def body() -> Program:
            self.path("open", process)
            parent, name = yield from self._directory(process, path)
            inode = yield from self._look_up(process, parent, name)
            if inode is not None:
                yield from self.filesystem.open(process, inode.ino)
            elif create:
                with self.locks.hold(f"directory {parent}"):
                    self.path("vfs_create", process)
                    entry = yield from self.filesystem.create(process, parent, name)
                inode = self._believe(parent, name, entry)
            else:
                raise FsError("ENOENT")
            assert inode is not None
            inode.opens += 1
            self._next += 1
            self._files[self._next] = (inode, True)
            return self._next

        return (yield from self._call(process, "open", body))

    def unlink(self, process: Process, path: str) -> Program:
        """unlink(2)."""

        def body() -> Program:
            self.path("stat", process)
            parent, name = yield from self._directory(process, path)
            inode = yield from self._look_up(process, parent, name)
            if inode is None:
                raise FsError("ENOENT")
            with self.locks.hold(f"directory {parent}"):
                self.path("vfs_unlink", process)
                yield from self.filesystem.unlink(process, parent, name)
            self.super.dentries.pop((parent, name), None)
            if self.filesystem.habits.keeps_negative:
                self.super.dentries[parent, name] = Dentry(0, FOREVER)
            inode.unlinked = True
            if not inode.opens:
                yield from self._drop(process, inode)

        return (yield from self._call(process, "unlink", body))

    def _drop(self, process: Process, inode: Inode) -> Program:
        """An inode nobody can reach goes, and its pages."""
        self.cache.forget(inode, clean_only=False)
        self.super.inodes.pop(inode.ino, None)
        yield from self.filesystem.forget(process, inode.ino)

    # calls on descriptors

    def _file(self, fd: int) -> Inode:
        if fd not in self._files:
            raise FsError("EBADF")
        return self._files[fd][0]

    def close(self, process: Process, fd: int) -> Program:
        """close(2)."""

        def body() -> Program:
            inode = self._file(fd)
            self.path("close", process)
            del self._files[fd]
            inode.opens -= 1
            yield from self.filesystem.flush(process, inode.ino)
            yield from self.filesystem.release(process, inode.ino)
            if inode.unlinked and not inode.opens:
                yield from self._drop(process, inode)

        return (yield from self._call(process, "close", body))

    def null(self, process: Process, fd: int) -> Program:
        """A call for which the file system has nothing to do: a descriptor's copy is closed."""

        def body() -> Program:
            self.path("close", process)
            yield from self.filesystem.flush(process, self._file(fd).ino)

        return (yield from self._call(process, "close", body))

    def fstat(self, process: Process, fd: int) -> Program:
        """fstat(2): the size [bytes]."""

        def body() -> Program:
            self.path("fstat", process)
            yield from self._fresh(process, self._file(fd))
            return self._file(fd).size

        return (yield from self._call(process, "fstat", body))

    def read(
        self,
        process: Process,
        fd: int,
        size: int,
        offset: int,
        user: Region,
        unaligned: bool = False,
    ) -> Program:
        """pread(2): the bytes."""

        def body() -> Program:
            inode, habits = self._file(fd), self.filesystem.habits
            if size < 0 or offset < 0:
                raise FsError("EINVAL")
            if not habits.direct:
                return (yield from self.cache.read(process, inode, offset, size, user))
            got = bytearray()
            while len(got) < size:
                most = habits.read_pages * 4096 - (2048 if unaligned else 0)
                piece = min(most, size - len(got))
                target = [user.at(len(got), piece)]
                at = offset + len(got)
                data = yield from self.filesystem.read(process, inode, at, piece, target)
                got += data
                if len(data) < piece:
                    break
            return bytes(got)

        return (yield from self._call(process, "read", body))

    def write(self, process: Process, fd: int, data: bytes, offset: int, user: Region) -> Program:
        """pwrite(2): how many bytes were taken."""

        def body() -> Program:
            inode = self._file(fd)
            if offset < 0:
                raise FsError("EINVAL")
            self.path("file_write_begin", process)
            if self.filesystem.habits.direct:
                yield from self.filesystem.write(process, inode, offset, data, [user])
                inode.size = max(inode.size, offset + len(data))
            else:
                with self.locks.hold(f"inode {inode.ino}"):
                    yield from self.cache.write(process, inode, offset, data, user)
            if not self.filesystem.habits.write_back:
                inode.expires_ns = 0
            return len(data)

        return (yield from self._call(process, "write", body))

    def sync(self, process: Process, fd: int) -> Program:
        """fsync(2)."""

        def body() -> Program:
            self.path("close", process)
            yield from self.cache.write_back(process, self._file(fd))
            yield from self.filesystem.sync(process, self._file(fd).ino)

        return (yield from self._call(process, "fsync", body))

    def drop(self) -> None:
        """What is clean is forgotten, outside the measurement."""
        for inode in reversed(list(self.super.inodes.values())):
            self.cache.forget(inode)
        self.super.drop()
