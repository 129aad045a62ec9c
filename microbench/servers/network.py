"""A network driver and a stream over it: frames that are lost with the driver are sent again.

A window of the stream is one transfer of the device, with one interrupt, into memory its reader
has: what each frame costs the driver, and copies, are left out, so a rate is that of the link.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from microbench.datafiles import data_dir
from microbench.l4.calls import Ipc, call, receive
from microbench.l4.model import ANY, NIL, Message, Result
from microbench.quantity import numbers
from microbench.servers.device import wait_for
from microbench.servers.messages import Label, done, failed
from microbench.servers.names import find
from microbench.servers.tasks import Note, Run, Task

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


def load_link(name: str = "100m", level: str = "value") -> Link:
    """A packaged link, `data/devices/link-NAME.toml`, at an end of its ranges.

    Parameters
    ----------
    level : str
        "low" is the end that costs least, "high" the other one.
    """
    path = data_dir() / "devices" / f"link-{name}.toml"
    found = numbers(path, UNITS, {"rate", "window"})
    value = {k: q.at_cost(level) for k, q in found.items()}
    window_us = 2 * value["latency"] + value["window"] / value["rate"]
    return Link(
        int(value["window"]),
        round(window_us * 1e3),
        round(value["reset"] * 1e6),
        round(value["retransmit"] * 1e6),
    )


def network_driver(link: Link, irq: int, reset_ns: int) -> Task:
    """Reset the chip if that takes time, then fetch a window of a stream for whoever asks."""
    yield from wait_for(irq, reset_ns)
    yield Note("init")
    got: Result = yield receive()
    while True:
        reply = failed("EIO")
        if got.message.label == Label.FETCH:
            yield Run("driver_start")
            yield from wait_for(irq, link.window_ns)
            yield Run("driver_done")
            reply = done(got.message.words[0], link.window)
        elif got.message.label == Label.PING:
            reply = Message(Label.PONG)
        got = yield Ipc(got.sender, ANY, reply, send_waits=False)


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
            yield Run("client_stub")
            answer: Result = yield call(self._driver, Message(Label.FETCH, (number,)))
            if answer.error is None:
                self.got.append(answer.message.words[0])
                return
            self.again += 1
            yield from self._bind()
            yield Note("rebind")
            yield from wait_for(self.irq, self.link.retransmit_ns)
