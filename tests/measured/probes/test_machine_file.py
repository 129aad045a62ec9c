"""A machine file from a made-up /sys and /proc: legal, with what was not measured inherited."""

from __future__ import annotations

from pathlib import Path

import pytest

from microbench.machine.load import read_machine
from microbench.measured.probes import doubts, machine_file
from microbench.measured.probes.cpuid import tlbs
from microbench.measured.probes.facts import CacheFacts, System, facts, idle_share, stolen

CACHES = (
    ("1", "Data", "48K", "12"),
    ("1", "Instruction", "32K", "8"),
    ("2", "Unified", "2048K", "16"),
    ("3", "Unified", "33792K", "11"),
)
INFO = {"vendor_id": "GenuineIntel", "cpu family": "6", "model": "85", "flags": "hypervisor"}


@pytest.fixture
def system(tmp_path: Path) -> System:
    cpu = tmp_path / "sys/devices/system/cpu"
    for i, (level, kind, size, ways) in enumerate(CACHES):
        folder = cpu / f"cpu0/cache/index{i}"
        folder.mkdir(parents=True)
        named = {"level": level, "type": kind, "size": size, "ways_of_associativity": ways}
        for name, text in {**named, "coherency_line_size": "64"}.items():
            (folder / name).write_text(text + "\n")
    (cpu / "vulnerabilities").mkdir()
    (cpu / "vulnerabilities/meltdown").write_text("Mitigation: PTI\n")
    (tmp_path / "proc").mkdir()
    info = "".join(f"{key} : {value}\n" for key, value in INFO.items())
    (tmp_path / "proc/cpuinfo").write_text(info)
    (tmp_path / "proc/loadavg").write_text("4.00 1 1 1/1 1\n")
    (tmp_path / "proc/stat").write_text("cpu 1\ncpu0 1 2 3 4 5 6 7 8 9\n")
    return System(tmp_path)


def test_the_file_is_read_by_the_loader(system: System, tmp_path: Path) -> None:
    caches = system.caches()
    clock = machine_file.clock(1.25, 1.2, 1.3, 0.0)
    assert clock is not None
    loads = [
        machine_file.Latency(size, ns, ns * 0.9, ns * 1.1)
        for size, ns in ((24 << 10, 1.5), (1 << 20, 5.0), (16 << 20, 20.0), (128 << 20, 90.0))
    ]
    numbers = [clock, *machine_file.sizes(caches)]
    numbers += machine_file.latencies(loads, caches, clock.value)
    numbers += machine_file.translation({"dtlb.entries": 96})
    like = machine_file.nearest(system, "x86_64")
    path = tmp_path / "mine.toml"
    path.write_text(machine_file.machine_text("mine", "t", like, system.isolates(), numbers))
    spec = read_machine(path)
    assert spec.value("core.clock_hz") == 3.2e9
    assert spec.value("l1d.size_bytes") == 49152
    assert spec.value("l2.latency_cycles") == 16
    assert spec.value("l3.latency_cycles") == 64
    assert spec.value("memory.latency_ns") == 90
    assert spec.value("dtlb.entries") == 96
    assert spec.words["kernel_isolation"] == "yes"
    assert spec.numbers["memory.latency_ns"].certainty == "measured"
    assert spec.numbers["l1d.size_bytes"].certainty == "manual"


def test_a_size_the_model_cannot_have_is_rounded_down_and_said(system: System) -> None:
    third = next(n for n in machine_file.sizes(system.caches()) if n.key == "l3.size_bytes")
    assert third.value == 11 * 64 * 32768
    assert third.certainty == "computed"
    assert str(33792 << 10) in third.source


def test_the_nearest_machine_by_vendor(system: System) -> None:
    assert machine_file.nearest(system, "x86_64") == "skylake"
    assert machine_file.nearest(System(system.root / "none"), "aarch64") == "cortex-a72"


def test_facts_hold_no_host_name(system: System) -> None:
    import platform

    found = facts(system)
    assert found["virtual"] == "yes"
    assert found["load"] == "4.00"
    assert platform.node() not in " ".join(found.values()).split()


def test_doubts_are_said(system: System) -> None:
    said = " ".join(doubts.before(system, 2, 0.5, 3))
    for word in ("load 4.0", "50%", "3 threads", "cpufreq", "virtual"):
        assert word in said
    assert not any("threads" in s for s in doubts.before(system, 2, 0.99, 1))


def test_ticks_to_shares() -> None:
    before, after = [0] * 8, [10, 0, 0, 80, 0, 0, 0, 10]
    assert idle_share(before, after) == 0.8
    assert stolen(before, after) == 10
    assert idle_share([], []) is None


def test_entries_of_tlbs_by_vendor() -> None:
    amd = {"80000005": [0, 0xFF40FF40, 0, 0], "80000006": [0, 0x68004200, 0, 0]}
    assert tlbs(amd) == {"itlb.entries": 64, "dtlb.entries": 64, "tlb.second_entries": 2048}
    leaf = [[0, 0, 0, 0], [0, 0x00040001, 16, 0x21], [0, 0x000C0001, 128, 0x43]]
    intel = {"18": leaf, "80000005": [0] * 4, "80000006": [0] * 4}
    assert tlbs(intel) == {"dtlb.entries": 64, "tlb.second_entries": 1536}  # type: ignore[arg-type]
    assert tlbs({}) == {}


def test_a_cache_without_ways_is_left_out(system: System) -> None:
    (system.root / "sys/devices/system/cpu/cpu0/cache/index3/ways_of_associativity").write_text("0")
    assert CacheFacts(3, "Unified", 33792 << 10, 11, 64) not in system.caches()
    assert len(system.caches()) == 3
