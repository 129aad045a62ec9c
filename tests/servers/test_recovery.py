"""What dies and comes back: by the policies' own rules, and without a wrong byte."""

from __future__ import annotations

import random
from functools import partial

import pytest

from microbench.l4.kernel import Kernel
from microbench.linux.disk import Disk, disk_model
from microbench.servers import monolith
from microbench.servers.campaign import OUTCOMES, SMALL, Campaign, Plan
from microbench.servers.checked import Ledger, doubt, program, wrong_bytes
from microbench.servers.fuse_death import daemon_death
from microbench.servers.l4files import FRAMES, build
from microbench.servers.policies import POLICIES, SECOND_NS, policy
from microbench.workloads.programs import filecalls as fc

MIX = {"exit": 65.0, "exception": 31.0, "hang": 4.0}


def campaign(name: str, mix: dict[str, float], seed: int, faults: int, *components: str):
    return Campaign(Plan(policy(name), components or ("disk", "fs"), mix, seed)).run(faults)


@pytest.mark.parametrize("name", POLICIES)
def test_every_fault_is_classified_and_no_byte_is_wrong(name: str) -> None:
    found = campaign(name, MIX, 7, 60)
    assert sum(found.outcomes.values()) == 60
    assert {key[2] for key in found.outcomes} <= set(OUTCOMES)
    assert found.wrong == 0
    assert found.total("transparent") > 0


def test_the_same_seed_has_the_same_outcome() -> None:
    first, second = (campaign("minix", MIX, 3, 40) for _ in range(2))
    assert first == second
    assert campaign("minix", MIX, 4, 40) != first


def test_a_driver_is_replaced_without_its_clients_noticing() -> None:
    assert campaign("minix", {"exception": 1.0}, 1, 20, "disk").total("transparent") == 20


def test_a_file_server_s_state_is_lost_unless_clients_keep_it() -> None:
    assert campaign("minix", {"exit": 1.0}, 1, 10, "fs").total("client error") == 10
    assert campaign("ham", {"exit": 1.0}, 1, 10, "fs").total("transparent") == 10


def test_nobody_restarts_the_manager() -> None:
    found = campaign("direct", {"exception": 1.0}, 1, 3, "manager")
    assert found.total("system lost") == 3
    assert found.wrong == 0


def waits(name: str, kind: str, faults: int) -> list[float]:
    """Seconds from each fault of a driver to the next call that is served."""
    found = campaign(name, {kind: 1.0}, 5, faults, "disk")
    return [t / SECOND_NS for times in found.downtime_ns.values() for t in times]


def test_the_first_crash_is_restarted_at_once_and_later_ones_on_a_tick() -> None:
    """Half a tick later on average: faults fall anywhere between two."""
    first, *later = waits("minix", "exit", 40)
    assert first < 0.1
    assert max(later) < 1.1
    assert min(later) < 0.2
    assert 0.35 < sum(later) / len(later) < 0.65


def test_a_direct_restart_never_waits() -> None:
    assert max(waits("direct", "exit", 10)) < 0.1


def test_a_hang_is_found_after_one_to_two_periods_and_a_tick() -> None:
    """At a period of 5 s between 5 and 11 s, and a tick of waiting behind it."""
    first, *later = waits("minix", "hang", 12)
    assert 5 <= first <= 11
    assert all(5 <= t <= 12.1 for t in later)
    assert 7 < sum(later) / len(later) < 10


def test_back_off_doubles_where_no_copy_is_kept() -> None:
    from dataclasses import replace

    disk_less = replace(policy("minix"), keeps_copy=False)
    assert [disk_less.wait_ticks(n) for n in range(1, 8)] == [0, 2, 4, 8, 16, 30, 30]
    assert [policy("minix").wait_ticks(n) for n in (1, 2, 9)] == [0, 1, 1]
    assert disk_less.wait_ticks(5, script=True) == 0


def test_a_fault_in_the_kernel_kills_a_process_wedges_or_takes_all() -> None:
    outcomes, wrong, lost = monolith.campaign(40, MIX, 1)
    assert sum(outcomes.values()) == 40
    assert wrong == 0
    assert lost > 0
    assert {o for _, o in outcomes} == set(monolith.OUTCOMES)


def test_a_dead_daemon_is_not_recovered() -> None:
    counted = {name: n for name, _, n in daemon_death("ram")}
    assert counted == {
        "failed with ENOTCONN": 3,
        "old descriptors still dead": 1,
        "bytes there after a new mount": 4,
    }


@pytest.mark.parametrize("name", ["minix", "ham"])
def test_pages_of_a_server_that_died_or_took_them_back_are_missed_not_invented(name: str) -> None:
    """Reads are answered with pages of a cache smaller than the files."""
    found = Campaign(Plan(policy(name), ("disk", "fs"), MIX, 2, mapped=True)).run(25)
    assert sum(found.outcomes.values()) == 25
    assert found.wrong == 0


def test_two_clients_do_not_see_each_other_s_pages() -> None:
    """Each evicts what the other has just been given, and not yet read."""
    ledgers = [Ledger(random.Random(seed)) for seed in (1, 2)]
    programs = [partial(_renamed, program(ledger), f"{n} ") for n, ledger in enumerate(ledgers)]
    kernel, disk = Kernel(FRAMES), Disk(disk_model("flash"))
    system = build(
        programs, disk, policy("ham"), kernel, write_through=True, mapped=True, shape=SMALL
    )
    for _ in range(8000):
        system.machine.step()
    assert all(ledger.done > 40 for ledger in ledgers)
    assert not any(ledger.wrong or ledger.errors for ledger in ledgers)


def _renamed(calls: fc.FileProgram, prefix: str) -> fc.FileProgram:
    """The same program on files of its own."""
    answer = None
    while True:
        asked = calls.send(answer)
        if isinstance(asked, fc.Open):
            asked = asked._replace(path=prefix + asked.path)
        answer = yield asked


def test_a_byte_is_wrong_unless_it_was_acknowledged_or_is_in_doubt() -> None:
    ledger = Ledger(random.Random(1), trying=(0, 10, b"abc"))
    doubt(ledger)
    held = bytes(ledger.held[0])
    assert wrong_bytes(ledger, 0, held) == 0
    assert wrong_bytes(ledger, 0, held[:11] + b"b" + held[12:]) == 0
    assert wrong_bytes(ledger, 0, held[:11] + b"a" + held[12:]) == 1
    assert wrong_bytes(ledger, 0, held[:-5]) == 5
