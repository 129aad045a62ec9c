"""Questions are never lost: who works answers late, and only who hangs is silent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from microbench.l4.kernel import Kernel
from microbench.linux.disk import Disk, disk_model
from microbench.servers.busy import SHAPE
from microbench.servers.l4files import FRAMES, L4Files, L4Net, build, build_stream
from microbench.servers.machine import NOMINAL_NS
from microbench.servers.network import load_link
from microbench.servers.policies import POLICIES, SECOND_NS, policy
from microbench.servers.tasks import Spin
from microbench.workloads.programs import filecalls as fc

BUSY_S = 30
STEP_NS = 100 * NOMINAL_NS
"""Fewer and longer steps: whoever works is busy for longer between two questions."""
PIECE = 65_536


def reads_for_ever() -> fc.FileProgram:
    """A stream from the device: the driver and the file server are busy all the time."""
    fd = -1
    while True:
        try:
            if fd < 0:
                fd = yield fc.Open("file", create=True)
                yield fc.Write(fd, bytes(PIECE))
            yield fc.Drop()
            yield fc.Read(fd, PIECE, 0)
        except fc.FileError:
            fd = -1


def streaming(what: str, rules: str) -> L4Files | L4Net:
    if what == "net":
        return build_stream(load_link(), policy(rules), Kernel(FRAMES), step_ns=STEP_NS)
    return stream_from(Disk(disk_model(what)), rules)


def stream_from(disk: Disk, rules: str) -> L4Files:
    return build(
        [reads_for_ever],
        disk,
        policy(rules),
        Kernel(FRAMES),
        write_through=True,
        shape=SHAPE,
        step_ns=STEP_NS,
    )


def run(system: L4Files | L4Net, until_s: float) -> None:
    while system.machine.now_ns < until_s * SECOND_NS:
        system.machine.step()


def detected(system: L4Files | L4Net) -> list[float]:
    return [at / SECOND_NS for name, at in system.machine.notes if name == "detect"]


@pytest.mark.parametrize("rules", POLICIES)
@pytest.mark.parametrize("what", ["flash", "net"])
def test_nobody_healthy_is_killed(what: str, rules: str) -> None:
    """Driver, file server and name server under a stream, by every policy."""
    system = streaming(what, rules)
    run(system, BUSY_S)
    assert detected(system) == []
    watched = [c for c in system.components.values() if c.watched]
    oldest = system.machine.now_ns - 2 * policy(rules).heartbeat_ns
    assert len(watched) >= 2
    assert all(c.ready and not c.deaths and c.answered_ns > oldest for c in watched)


@pytest.mark.parametrize("rules", POLICIES)
@pytest.mark.parametrize("component", ["disk", "fs", "net"])
@pytest.mark.parametrize("at_s", [3.3, 7.9])
def test_a_hang_under_a_stream_is_found_in_the_policy_s_time(
    component: str, rules: str, at_s: float
) -> None:
    """From `silent_periods` less one period to `silent_periods` and a tick; alone, and once."""
    one = policy(rules)
    system = streaming("net" if component == "net" else "flash", rules)
    run(system, at_s)
    system.machine.faults = {system.components[component].tid: Spin()}
    run(system, at_s + 14)
    hit = system.machine.hits[0] / SECOND_NS
    (found,) = detected(system)
    period, tick = one.heartbeat_ns / SECOND_NS, one.tick_ns / SECOND_NS
    least = (one.silent_periods - 1) * period
    assert least <= found - hit <= least + period + tick + 0.01
    assert system.components[component].deaths == 1


def test_a_driver_that_resets_for_long_is_not_silent() -> None:
    """Longer than two periods of silence, and shorter than what it is given to start."""
    ata = disk_model("ata")
    reset = replace(ata.numbers["reset"], value=7000.0)
    disk = Disk(replace(ata, numbers={**ata.numbers, "reset": reset}))
    system = stream_from(disk, "direct")
    run(system, 1)
    system.machine.faults = {system.components["disk"].tid: Spin()}
    run(system, 15)
    assert len(detected(system)) == 1
    assert system.components["disk"].ready
