"""A program of file calls as a task of the microkernel: each call is a message to the server.

The library keeps what it needs to go on when the server dies: the names of what is open, as far
as it has not removed them itself. What it does then is a policy; without one the program sees an
error.
"""

from __future__ import annotations

from collections.abc import Callable, MutableSequence
from typing import Any

from microbench.l4.calls import call
from microbench.l4.model import (
    NIL,
    PAGE_BITS,
    READ,
    WRITE,
    Fpage,
    MapItem,
    Message,
    Result,
)
from microbench.servers.fileserver import CLIENT_BYTES, CLIENTS, WINDOW
from microbench.servers.messages import ERRORS, MOST_NAME, Label, unpacked, words_of
from microbench.servers.names import find
from microbench.servers.tasks import PAGE, Load, Note, Run, Store, Task
from microbench.workloads.programs import filecalls as fc

BUFFER, BUFFER_BITS = 0x0040_0000, 18
HALF = CLIENT_BYTES // 2
"""What is read or written with one call of the server [bytes]."""
SERVER = "fs"


END = 1 << 31
"""An offset no file reaches [bytes]; what lies behind it fits no message."""


def _words(path: str) -> tuple[int, ...]:
    """A path, if a message can hold it."""
    if len(path.encode()) > MOST_NAME:
        raise fc.FileError("ENAMETOOLONG")
    return words_of(path)


def _plain(path: str) -> str:
    """A path without the slashes that mean nothing."""
    return "/".join(part for part in path.split("/") if part)


def _place(number: int) -> int:
    """An offset or size, which is never negative."""
    if number < 0:
        raise fc.FileError("EINVAL")
    return number


class FileClient:
    """One client.

    Parameters
    ----------
    program : callable
        A fresh program.
    number : int
        Which of the server's windows is its own.
    mark : callable
        Told the number of each mark.
    recovers : bool
        Whether open files are opened again at a new server.
    mapped : bool
        Whether the server answers reads with pages.
    """

    def __init__(
        self,
        program: Callable[[], fc.FileProgram],
        names: Callable[[], int],
        number: int,
        mark: Callable[[int], None],
        recovers: bool = False,
        mapped: bool = False,
    ) -> None:
        self._program, self._names, self._number = program, names, number
        self._mark, self._recovers, self._mapped = mark, recovers, mapped
        self._server = NIL
        self._open: dict[int, tuple[str, int]] = {}
        self._next = 3
        self.answers: MutableSequence[Any] = []
        self.finished = False

    def task(self) -> Task:
        """Connect, then run the program."""
        for page in range(CLIENT_BYTES // PAGE):
            yield Store(BUFFER + page * PAGE, b"\0")
        yield from self._connect()
        calls, answer, error = self._program(), None, ""
        while True:
            try:
                asked = calls.throw(fc.FileError(error)) if error else calls.send(answer)
            except StopIteration:
                break
            answer, error = None, ""
            if isinstance(asked, fc.Mark):
                self._mark(asked.number)
                continue
            try:
                answer = yield from self._do(asked)
            except fc.FileError as failure:
                error = failure.code
            if not isinstance(asked, fc.Drop):
                self.answers.append(error or answer)
        self.finished = True

    def _connect(self) -> Any:
        """The next server there is, with the buffer shared."""
        while True:
            self._server = yield from find(self._names(), SERVER, self._server)
            at = CLIENTS + self._number * CLIENT_BYTES
            item = MapItem(Fpage(BUFFER, BUFFER_BITS), at, READ | WRITE)
            answer: Result = yield call(self._server, Message(Label.SESSION, (at,), (item,)))
            if answer.error is None:
                return

    def _ask(self, label: Label, make: Callable[[], tuple[int, ...]]) -> Any:
        """A call of the server; the words of its answer."""
        while True:
            yield Run("client_stub")
            answer: Result = yield call(self._server, Message(label, make()))
            if answer.error is None:
                break
            yield Note("rebind")
            yield from self._connect()
            if not self._recovers:
                self._open = {fd: (name, NIL) for fd, (name, _) in self._open.items()}
                raise fc.FileError("EIO")
            yield from self._reopen()
        if answer.message.label != Label.DONE:
            raise fc.FileError(ERRORS[answer.message.words[0]])
        return answer.message.words

    def _reopen(self) -> Any:
        """The same files under the same descriptors at the new server; nameless ones are lost."""
        for fd, (name, _) in list(self._open.items()):
            if not name:
                self._open[fd] = (name, NIL)
                continue
            message = Message(Label.OPEN, (0, *words_of(name)))
            answer: Result = yield call(self._server, message)
            good = answer.error is None and answer.message.label == Label.DONE
            self._open[fd] = (name, answer.message.words[0] if good else NIL)

    def _handle(self, fd: int) -> int:
        if fd not in self._open:
            raise fc.FileError("EBADF")
        return self._open[fd][1]

    def _do(self, asked: fc.Call) -> Any:
        match asked:
            case fc.Open(path, create):
                make = lambda: (int(create), *_words(path))  # noqa: E731
                words = yield from self._ask(Label.OPEN, make)
                self._next += 1
                self._open[self._next] = (path, words[0])
                return self._next
            case fc.Close(fd):
                try:
                    yield from self._ask(Label.CLOSE, lambda: (self._handle(fd),))
                finally:  # gone, whatever the server says
                    self._open.pop(fd, None)
                return None
            case fc.Stat(path) | fc.Access(path):
                words = yield from self._ask(Label.STAT, lambda: _words(path))
                return words[0] if isinstance(asked, fc.Stat) else 0
            case fc.Unlink(path):
                yield from self._unlink(path)
                return None
            case fc.Fstat(fd):
                return (yield from self._ask(Label.FSTAT, lambda: (self._handle(fd),)))[0]
            case fc.Read(fd, size, offset):
                return (yield from self._read(fd, size, offset))
            case fc.Write(fd, data, offset):
                return (yield from self._write(fd, data, offset))
            case fc.Null(fd):
                yield from self._ask(Label.NULL, lambda: (self._handle(fd),))
            case fc.Sync(fd):
                yield from self._ask(Label.SYNC, lambda: (self._handle(fd),))
            case fc.Drop():
                yield from self._ask(Label.DROP, lambda: ())
        return None

    def _unlink(self, path: str) -> Any:
        """A name goes, also from what is open: another file may bear it when the server dies.

        A server that died may have removed it before; asked again, the next one finds nothing.
        Who names a file that never was is then told the same: nobody is left who knows.
        """
        server = self._server
        try:
            yield from self._ask(Label.UNLINK, lambda: _words(path))
        except fc.FileError as failure:
            if failure.code != "ENOENT" or self._server == server:
                raise
        for fd, (name, handle) in self._open.items():
            if _plain(name) == _plain(path):
                self._open[fd] = ("", handle)

    def _write(self, fd: int, data: bytes, offset: int) -> Any:
        """Half the shared buffer at a time."""
        taken = 0
        while True:
            part = data[taken : taken + HALF]
            at = _place(offset + taken)
            yield Store(BUFFER + HALF, part)
            make = lambda: (self._handle(fd), at, len(part))  # noqa: E731, B023
            if at >= END:
                raise fc.FileError("EFBIG")
            taken += (yield from self._ask(Label.WRITE, make))[0]
            if taken == len(data):
                return taken

    def _read(self, fd: int, size: int, offset: int) -> Any:
        """Bytes from the shared buffer, or from the pages the server mapped."""
        got = b""
        while True:
            at, left = min(_place(offset + len(got)), END), _place(size - len(got))
            make = lambda: (self._handle(fd), at, left)  # noqa: E731, B023
            words = yield from self._ask(Label.READ, make)
            if self._mapped:
                part = yield from self._from_window(words, at)
            else:
                part = yield Load(BUFFER, words[0])
            if part is None:  # taken back before it was read
                continue
            got += part
            if len(got) == size or not part or not (self._mapped or len(part) == HALF):
                return got

    def _from_window(self, words: tuple[int, ...], offset: int) -> Any:
        """What the answer's pages hold from `offset` on; None if one is gone again."""
        inside = offset % PAGE
        pages = -(-(inside + words[0]) // PAGE) if words[0] else 0
        raw = b""
        for slot in unpacked(words[1:], pages):
            page = yield Load(WINDOW + (slot << PAGE_BITS), PAGE)
            if page is None:
                return None
            raw += page
        return raw[inside : inside + words[0]]
