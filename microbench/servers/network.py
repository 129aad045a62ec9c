"""A network driver and a stream over it: frames that are lost with the driver are sent again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from microbench.datafiles import data_dir
from microbench.l4.calls import Ipc, call, receive
from microbench.l4.model import ANY, NIL, Message, Result, irq_partner
from microbench.quantity import quantity, read_toml
from microbench.servers.messages import Label, done, failed
from microbench.servers.names import find
from microbench.servers.tasks import Note, Run, Start, Task

UNITS = {
    "rate": {"MB/s"},
    "latency": {"us"},
    "window": {"bytes"},
    "reset": {"ms"},
    "retransmit": {"ms"},
}


@dataclass(frozen=True)
class Link:
    """A link and the far end of a stream, times in nanoseconds."""

    window: int
    window_ns: int
    reset_ns: int
    retransmit_ns: int


def load_link(name: str = "100m") -> Link:
    """A packaged link, `data/devices/link-NAME.toml`."""
    path = data_dir() / "devices" / f"link-{name}.toml"
    raw = read_toml(path)
    value = {k: quantity(raw.get(k), path, k, units).value for k, units in UNITS.items()}
    window_us = 2 * value["latency"] + value["window"] / value["rate"]
    return Link(
        int(value["window"]),
        round(window_us * 1e3),
        round(value["reset"] * 1e6),
        round(value["retransmit"] * 1e6),
    )


def network_driver(link: Link, irq: int, reset: bool) -> Task:
    """Reset the chip, then fetch a window of a stream for whoever asks."""
    if reset:
        yield from _wait(irq, link.reset_ns)
    yield Note("init")
    got: Result = yield receive()
    while True:
        reply = failed("EIO")
        if got.message.label == Label.FETCH:
            yield Run("driver_start")
            yield from _wait(irq, link.window_ns)
            yield Run("driver_done")
            reply = done(got.message.words[0], link.window)
        elif got.message.label == Label.PING:
            reply = Message(Label.PONG)
        got = yield Ipc(got.sender, ANY, reply, send_waits=False)


def _wait(irq: int, nanoseconds: int) -> Task:
    """Until the device is done; its interrupt is acknowledged."""
    yield Start(irq, nanoseconds)
    yield receive(irq_partner(irq))
    yield Ipc(irq_partner(irq), send_waits=False)


@dataclass
class Stream:
    """The near end: asks for one window after the other, and again when one was lost.

    Attributes
    ----------
    got : list of int
        Windows received, by number, in order.
    again : int
        How many had to be asked for again.
    """

    link: Link
    names: Callable[[], int]
    irq: int
    got: list[int] = field(default_factory=list)
    again: int = 0
    finished: bool = False
    _driver: int = NIL

    def task(self) -> Task:
        """Receive for ever."""
        yield from self._bind()
        while True:
            yield from self._window(len(self.got))

    def _bind(self) -> Any:
        self._driver = yield from find(self.names(), "net", self._driver)

    def _window(self, number: int) -> Any:
        """One window; the far end sends a lost one again when its time is over."""
        while True:
            answer: Result = yield call(self._driver, Message(Label.FETCH, (number,)))
            if answer.error is None:
                self.got.append(answer.message.words[0])
                return
            self.again += 1
            yield from self._bind()
            yield Note("rebind")
            yield from _wait(self.irq, self.link.retransmit_ns)
