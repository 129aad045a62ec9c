"""AF_UNIX stream sockets: message buffers on a queue, and wake-ups that are not always needed.

A reader that frees a message buffer tells the sender's socket that it has room again, and
that wakes everybody asleep on that socket: also a sender that went on to read. The recorded
kernel does this too; whether the woken process then takes the CPU is the scheduler's choice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from microbench.linux.process import Process, Program, WaitQueue
from microbench.linux.scheduler import Scheduler
from microbench.trace import Region

PAGE = 4096
SEND_BUFFER = 65_536
MESSAGE_BYTES = 16_384
POOL = 6


@dataclass
class Message:
    """One message buffer: data not yet read, and where it lies."""

    data: bytearray
    memory: Region
    offset: int = 0


@dataclass
class Endpoint:
    """One end: what was sent to it and who sleeps on it."""

    queue: list[Message] = field(default_factory=list)
    sleepers: WaitQueue = field(default_factory=WaitQueue)
    unread: int = 0


class SocketPair:
    """Two connected stream sockets.

    Parameters
    ----------
    send_buffer, message_bytes : int
        Most bytes on the way, and most bytes in one message buffer.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        send_buffer: int = SEND_BUFFER,
        message_bytes: int = MESSAGE_BYTES,
    ) -> None:
        self._scheduler = scheduler
        self._host = scheduler.host
        self.send_buffer, self.message_bytes = send_buffer, message_bytes
        self.ends = (Endpoint(), Endpoint())
        self._objects = tuple(self._host.kernel_memory("socket", 2048) for _ in self.ends)
        self._pool = [
            self._host.kernel_memory("message", message_bytes, align=PAGE) for _ in range(POOL)
        ]

    def _path(self, name: str, process: Process, end: int, **roles: Region) -> None:
        with self._host.recorder.place("socket"):
            self._host.path(name, process, object=self._objects[end], **roles)

    def _wake(self, process: Process, end: int) -> None:
        for other in list(self.ends[end].sleepers.sleepers):
            if self._scheduler.wake(other):
                with self._host.recorder.place("wake-up"):
                    self._host.path(
                        "unix_wake_writer",
                        process,
                        object=self._objects[end],
                        other_task=other.kernel_regions["task"],
                        other_stack=other.kernel_regions["stack"],
                    )

    def _sleep(self, process: Process, end: int) -> Program:
        self._path("unix_wait", process, end)
        yield from self._scheduler.sleep(process, self.ends[end].sleepers)
        self._path("unix_waited", process, end)

    def send(self, process: Process, end: int, user: Region, data: bytes) -> Program:
        """Send all of `data` from one end, nothing if it is empty; the number of bytes."""
        peer = self.ends[1 - end]
        done = 0
        if not data:
            return done
        while done < len(data):
            size = min(len(data) - done, self.message_bytes, max(1, self.send_buffer // 2 - 64))
            while peer.unread + size > self.send_buffer or not self._pool:
                yield from self._sleep(process, end)
            memory = self._pool.pop()  # freed last, as in the recording: one buffer, both ways
            self._path("unix_send_begin", process, 1 - end, buffer=memory)
            self._host.copy_in(process, user.at(done, size), memory.at(0, size), size)
            self._path("unix_send_filled", process, 1 - end, buffer=memory)
            peer.queue.append(Message(bytearray(data[done : done + size]), memory))
            peer.unread += size
            done += size
            self._path("unix_readable", process, 1 - end, buffer=memory)
            self._wake(process, 1 - end)
        self._path("unix_send_end", process, 1 - end, buffer=memory)
        return done

    def receive(self, process: Process, end: int, user: Region, size: int) -> Program:
        """Receive up to `size` bytes at one end, at least one; the bytes."""
        mine = self.ends[end]
        got = bytearray()
        self._path("unix_receive_begin", process, end)
        while len(got) < size:
            if not mine.queue:
                if got:
                    break
                yield from self._sleep(process, end)
                continue
            message = mine.queue[0]
            part = min(len(message.data), size - len(got))
            self._path("unix_receive_found", process, end, buffer=message.memory)
            source = message.memory.at(message.offset, part)
            self._host.copy_out(process, source, user.at(len(got), part), part)
            self._path("unix_receive_emptied", process, end, buffer=message.memory)
            got += message.data[:part]
            del message.data[:part]
            message.offset += part
            mine.unread -= part
            if not message.data:
                mine.queue.pop(0)
                self._pool.append(message.memory)
                self._wake(process, 1 - end)
        self._path("unix_free", process, end, buffer=self._pool[-1] if self._pool else user)
        return bytes(got)
