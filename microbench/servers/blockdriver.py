"""The block driver: transfers between a device and memory its client shared with it."""

from __future__ import annotations

from microbench.l4.calls import Ipc, receive
from microbench.l4.model import ANY, Message, Result
from microbench.linux.disk import BLOCK, Disk
from microbench.servers.device import wait_for
from microbench.servers.messages import Label, done, failed, unpacked
from microbench.servers.tasks import Load, Run, Store, Task

SHARED = 0x0100_0000
"""Where a client's memory appears in the driver [address]."""


def block_driver(disk: Disk, irq: int, reset_ns: int) -> Task:
    """Reset the device, then serve.

    Parameters
    ----------
    disk : Disk
        The device, which outlives the driver.
    irq : int
        Its interrupt line.
    reset_ns : int
        What a reset takes [ns]; nothing at the first start, when firmware has done it.
    """
    yield from wait_for(irq, reset_ns)
    got: Result = yield receive()
    while True:
        label, words = got.message.label, got.message.words
        reply = failed("EIO")
        if label in (Label.READ_BLOCKS, Label.WRITE_BLOCKS):
            yield Run("driver_start")
            first, count = words[:2]
            yield from wait_for(irq, disk.time_ns(first, count))
            for i, slot in enumerate(unpacked(words[2:], count)):
                address = SHARED + slot * BLOCK
                if label == Label.READ_BLOCKS:
                    yield Store(address, disk.load(first + i))
                else:
                    disk.store(first + i, (yield Load(address, BLOCK)))
            yield Run("driver_done")
            reply = done()
        elif label == Label.SESSION:
            reply = done()
        elif label == Label.PING:
            reply = Message(Label.PONG)
        got = yield Ipc(got.sender, ANY, reply, send_waits=False)
