"""A driver that is killed again and again, on a clock whose steps cost what the machine says."""

from __future__ import annotations

import pytest

from microbench.linux.disk import disk_model
from microbench.machine.retiming import price
from microbench.run.priced_clock import on_priced_clock
from microbench.run.setup import prepare
from microbench.servers.busy import Scene, busy
from microbench.servers.costing import ServerCosts
from microbench.servers.kills import killed_rate, plain_rate
from microbench.servers.machine import NOMINAL_NS, Machine
from microbench.servers.policies import SECOND_NS, policy
from microbench.servers.recovery import recover


def stream(scene: Scene, costs: ServerCosts) -> Machine:
    return busy(scene, costs).machine


@pytest.mark.parametrize("component", ["disk", "net"])
def test_what_kills_cost_falls_with_their_interval(component: str) -> None:
    """The time lost per kill stays; nobody healthy is restarted besides."""
    scene = Scene(component, policy("minix"), step_ns=40_000)
    plain = plain_rate(scene)
    lost_s = [(1 - killed_rate(scene, n * SECOND_NS) / plain) * n for n in (1, 2, 4, 8)]
    assert all(lost == pytest.approx(lost_s[0], rel=0.1) for lost in lost_s)


def test_a_later_crash_waits_half_a_tick_on_average() -> None:
    """And a driver with a script of its own does not wait."""
    lost = {}
    for component in ("disk", "net"):
        scene = Scene(component, policy("minix"))
        lost[component] = 2 * (1 - killed_rate(scene, 2 * SECOND_NS) / plain_rate(scene))
    assert lost["disk"] == pytest.approx(0.5, abs=0.06)
    assert lost["net"] == pytest.approx(0.21, abs=0.03)


@pytest.mark.parametrize("component", ["disk", "net"])
def test_the_clock_agrees_with_the_priced_trace(component: str) -> None:
    setup = prepare("pxa255", [])
    scene = on_priced_clock(Scene(component, policy("minix")), stream, setup, "value")
    costs = ServerCosts()
    system = busy(scene, costs)
    machine = system.machine
    system.until(
        lambda: machine.now_ns > 1.1 * SECOND_NS
    )  # what the start took is caught up at a tick
    start, first = machine.now_ns, len(machine.notes) + 1
    costs.recorder.mark(-1)
    system.until(lambda: machine.now_ns > start + SECOND_NS)
    costs.recorder.mark(-1)
    (ledger,) = price(setup.spec, costs.recorder.finish(), setup.scales)[first:]
    priced_ns = ledger.cycles * 1e9 / setup.spec.value("core.clock_hz")
    assert machine.now_ns - start == pytest.approx(priced_ns, rel=0.02)
    if component == "disk":
        assert scene.step_ns > 10 * NOMINAL_NS  # a step of it is a copy every few


def test_a_fault_between_two_questions_is_found_as_late_on_both_clocks() -> None:
    """Waits for ticks are in the trace, whatever other devices were started between them."""
    setup = prepare("pxa255", [])
    scene = on_priced_clock(Scene("disk", policy("minix")), stream, setup, "value")
    found = recover(scene, "hang", rest_ns=2_500_000_000)
    assert {"watcher_loop", "manager_serve", "manager_look"} <= set(found.trace.names)
    ledgers = price(setup.spec, found.trace, setup.scales)[found.first :]
    detect = ledgers[found.steps.index("detect")].cycles / setup.spec.value("core.clock_hz")
    costs = ServerCosts()
    system = busy(scene, costs)
    system.rest(2_500_000_000)
    system.kill("hang")
    times = dict(system.machine.notes[-len(found.steps) :])
    assert detect == pytest.approx((times["detect"] - times["fault"]) / 1e9, abs=0.15)


def test_a_device_that_is_reset_forgets_the_last_transfer() -> None:
    """Its old interrupt would end the reset of the next driver at once."""
    scene = Scene("disk", policy("direct"), "ata")
    system = busy(scene)
    system.kill("exit")
    before = system.machine.now_ns
    system.kill("exit")
    assert system.machine.now_ns - before > 0.5 * SECOND_NS


def test_kills_oftener_than_the_tick_leave_what_is_served_before_the_next() -> None:
    """It comes back on a tick and dies at the next kill: a tenth of the time at 200 ms."""
    scene = Scene("disk", policy("minix"))
    left = killed_rate(scene, SECOND_NS // 5) / plain_rate(scene)
    assert 0.03 < left < 0.15


def test_a_rate_costs_least_where_it_is_largest() -> None:
    flash = disk_model("flash")
    low, high = (flash.at_cost(level) for level in ("low", "high"))
    assert low.value("transfer") > flash.value("transfer") > high.value("transfer")
    assert low.value("command") < flash.value("command") < high.value("command")
