"""Benchmarks in which something dies: restart, bw_kill, faults, availability, as rows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial

from microbench.datafiles import data_dir
from microbench.errors import UsageError
from microbench.machine.retiming import price
from microbench.quantity import Quantity, quantity, read_toml
from microbench.reading import decimal, whole
from microbench.row import Row
from microbench.run.setup import Setup
from microbench.servers import campaign, monolith
from microbench.servers.fuse_death import daemon_death
from microbench.servers.policies import SECOND_NS, Policy, policy
from microbench.servers.recovery import COMPONENTS, killed_stream, recover
from microbench.workloads.base import one_or_more

NOT_RECOVERED = (
    "state of a file server: open files; only a client that keeps names can open them again (ham)",
    "streams of character devices: what was read or printed cannot be asked for again",
    "dirty data: acknowledged writes are on the device here; a write-back cache loses its own",
    "the manager itself and the name server: who starts the starter is not answered here",
    "a FUSE daemon on stock Linux: open files stay dead after a remount",
)
KILLS = 4
MIX = {"exit": 65.0, "exception": 31.0, "hang": 4.0}
UNITS = {"ms": 1_000_000, "s": SECOND_NS, "h": 3600 * SECOND_NS}
TIMES = {
    "heartbeat": (SECOND_NS // 10, UNITS["h"]),
    "every": (SECOND_NS // 10, 60 * SECOND_NS),
    "mttf": (SECOND_NS, 1_000_000 * UNITS["h"]),
}
"""Least and most of an option [ns]; a stream is run for the whole of `every`, several times."""
LEAST = {"n": 1}
YEAR_S = 365.25 * 24 * 3600
MOST_WEIGHT = 1_000_000
OPTIONS = {
    "restart": ("component", "fault", "policy", "heartbeat", "deaths", "disk"),
    "bw_kill": ("component", "every", "policy", "disk"),
    "faults": ("n", "seed", "components", "mix", "structure", "policy", "heartbeat", "data"),
    "availability": ("mttf", "seed", "n"),
}


def failure_rows(benchmark: str, args: list[str], setup: Setup) -> list[Row]:
    """Rows of one of these benchmarks.

    Raises
    ------
    UsageError
        For an unknown option, or a value that is none of its.
    """
    given = options_of(benchmark, args)
    words = " ".join(f"--{k} {v}" for k, v in given.items())
    row = partial(Row, benchmark, words, setup.spec.name, machine_hash=setup.spec.hash)
    found: list[Row] = _ROWS[benchmark](row, given, setup)
    return found


def options_of(benchmark: str, args: list[str]) -> dict[str, str]:
    """`--key value` pairs; the words of a value that follow each other belong together."""
    found: dict[str, list[str]] = {}
    key = ""
    for word in args:
        if word.startswith("--"):
            key = word.removeprefix("--")
            if key not in OPTIONS[benchmark]:
                known = " ".join(f"--{k}" for k in OPTIONS[benchmark])
                raise UsageError(f"{benchmark}: no option {word}; there are {known}")
            found[key] = []
        elif not key:
            raise UsageError(f"{benchmark}: {word!r} is no option")
        else:
            found[key].append(word)
    for key, values in found.items():
        if not values:
            raise UsageError(f"{benchmark}: --{key} needs a value")
    return {key: " ".join(values) for key, values in found.items()}


def time_ns(benchmark: str, key: str, text: str) -> int:
    """A time as typed, "5s", "200ms", "24h" [ns].

    Raises
    ------
    UsageError
        If it is not that, or not within `TIMES`.
    """
    unit = next((u for u in sorted(UNITS, key=len, reverse=True) if text.endswith(u)), "")
    least, most = TIMES[key]
    factor = UNITS.get(unit, 1)
    found = decimal(text.removesuffix(unit), least / factor, most / factor) if unit else None
    if found is None:
        ends = f"{least / SECOND_NS:g} to {most / SECOND_NS:g} s"
        raise UsageError(
            f"{benchmark}: --{key} {text[:40]}: a time is a number with ms, s or h, {ends}"
        )
    return round(found * factor)


def _whole(benchmark: str, given: Mapping[str, str], key: str, usual: int, most: int) -> int:
    text, least = given.get(key, str(usual)), LEAST.get(key, 0)
    found = whole(text, least, most)
    if found is None:
        raise UsageError(f"{benchmark}: --{key} {text[:40]}: a whole number, {least} to {most}")
    return found


def _policy(benchmark: str, given: Mapping[str, str]) -> Policy:
    beat = given.get("heartbeat")
    beat_ns = None if beat is None else time_ns(benchmark, "heartbeat", beat)
    return policy(given.get("policy", "minix"), beat_ns)


def _only(what: str, given: Mapping[str, str], used: tuple[str, ...]) -> None:
    """Refuse options that would change nothing."""
    for key in given:
        if key not in used:
            raise UsageError(f"{what}: takes no --{key}")


def _restart(row: partial[Row], given: Mapping[str, str], setup: Setup) -> list[Row]:
    component = given.get("component", "disk")
    fault = given.get("fault", "exit")
    one_or_more("restart --component", [component], (*COMPONENTS, "fuse"))
    one_or_more("restart --fault", [fault], tuple(campaign.FAULTS))
    if component == "fuse":
        _only("restart --component fuse", given, ("component", "fault", "disk"))
        found_dead = daemon_death(given.get("disk", "ram"))
        return [row("native-fuse", k, u, "smaller", float(v)) for k, u, v in found_dead]
    deaths = _whole("restart", given, "deaths", 0, 10)
    rules = _policy("restart", given)
    found = recover(component, fault, rules, given.get("disk", "ata"), deaths)
    ledgers = price(setup.spec, found.trace, setup.scales)[found.first :]
    hz = setup.spec.value("core.clock_hz")
    taken: dict[str, float] = {}
    for name, ledger in zip(found.steps, ledgers, strict=False):
        if name != "fault":
            taken[name] = taken.get(name, 0.0) + ledger.cycles / hz * 1e3
    rows = [row("l4-server", name, "ms", "smaller", ms) for name, ms in taken.items()]
    rows.append(row("l4-server", "total", "ms", "smaller", sum(taken.values())))
    counts = (
        ("calls failed", found.errors),
        ("requests replayed", found.replayed),
        ("clients alive", found.clients_alive),
    )
    return rows + [row("l4-server", name, "calls", "smaller", float(n)) for name, n in counts]


def _bw_kill(row: partial[Row], given: Mapping[str, str], setup: Setup) -> list[Row]:
    component = given.get("component", "disk")
    one_or_more("bw_kill --component", [component], ("disk", "net"))
    rows = []
    for text in given.get("every", "1s,2s,5s").split(","):
        every = time_ns("bw_kill", "every", text)
        plain, killed = killed_stream(
            component, every, _policy("bw_kill", given), given.get("disk", "flash"), KILLS
        )
        one = partial(row, "l4-server")
        rows += [
            one(f"killed every {text}", "MB/s", "larger", killed * 1e3),
            one(f"loss at {text}", "share", "smaller", 1 - killed / plain),
        ]
        if len(rows) == 2:
            rows.insert(0, one("undisturbed", "MB/s", "larger", plain * 1e3))
    return rows


def mix_of(text: str) -> dict[str, float]:
    """ "exit 65,exception 31,hang 4" as weights.

    Raises
    ------
    UsageError
        For an unknown fault or a weight that is no number.
    """
    found: dict[str, float] = {}
    for part in text.split(","):
        words = part.split()
        weight = decimal(words[1], 0, MOST_WEIGHT) if len(words) == 2 else None
        if weight is None or words[0] not in MIX:
            known = f"a fault of {', '.join(MIX)} and a weight up to {MOST_WEIGHT}"
            raise UsageError(f"faults: --mix {part[:40]!r}: {known}")
        found[words[0]] = weight
    if not any(found.values()):
        raise UsageError("faults: --mix: all weights are 0")
    return found


def _faults(row: partial[Row], given: Mapping[str, str], setup: Setup) -> list[Row]:
    n = _whole("faults", given, "n", 200, 100_000)
    seed = _whole("faults", given, "seed", 1, 1 << 31)
    mix = mix_of(given["mix"]) if "mix" in given else MIX
    where = given.get("structure", "l4-server")
    one_or_more("faults --structure", [where], ("l4-server", "native"))
    one = partial(row, where)
    if where == "native":
        _only("faults --structure native", given, ("structure", "n", "seed", "mix"))
        outcomes, wrong, lost = monolith.campaign(n, mix, seed)
        total = {o: sum(n for key, n in outcomes.items() if key[1] == o) for o in monolith.OUTCOMES}
        rows = [one(o, "faults", "smaller", float(count)) for o, count in total.items()]
        rows.append(one("acknowledged bytes lost", "bytes", "smaller", float(lost)))
        return [*rows, one("wrong bytes", "bytes", "smaller", float(wrong))]
    components = given.get("components", "disk,fs").split(",")
    one_or_more("faults --components", components, ("disk", "fs", "names", campaign.MANAGER))
    one_or_more("faults --data", [given.get("data", "shared")], ("shared", "mapped"))
    mapped = given.get("data") == "mapped"
    rules = _policy("faults", given)
    found = campaign.Campaign(rules, components, mix, seed, mapped=mapped).run(n)
    rows = [one(o, "faults", "smaller", float(found.total(o))) for o in campaign.OUTCOMES]
    for outcome, times in sorted(found.downtime_ns.items()):
        mean, worst = sum(times) / len(times), max(times)
        rows.append(one(f"downtime, {outcome}", "ms", "smaller", mean / 1e6, high=worst / 1e6))
    return [*rows, one("wrong bytes", "bytes", "smaller", float(found.wrong))]


@cache
def reboot_numbers() -> dict[str, Quantity]:
    """What a reboot takes [s]."""
    path = data_dir() / "workloads" / "reboot.toml"
    raw = read_toml(path)
    return {k: quantity(raw.get(k), path, k, {"s"}) for k in ("reboot", "write_back")}


def _availability(row: partial[Row], given: Mapping[str, str], setup: Setup) -> list[Row]:
    """Mean time between faults beside the mean time until the next call is served."""
    mttf = time_ns("availability", "mttf", given.get("mttf", "24h")) / SECOND_NS
    seed, n = _whole("availability", given, "seed", 1, 1 << 31), 100
    n = _whole("availability", given, "n", n, 100_000)
    rows: list[Row] = []
    for name in ("direct", "minix", "ham"):
        times = campaign.Campaign(policy(name), ("disk", "fs"), MIX, seed).run(n).downtime_ns
        every = [t / SECOND_NS for found in times.values() for t in found]
        rows += _share(row, "l4-server", name, mttf, sum(every) / len(every))
    reboot = reboot_numbers()["reboot"]
    ends = [mttf / (mttf + s) for s in (reboot.high, reboot.low)]
    rows += _share(row, "native", "reboot", mttf, reboot.value, ends[0], ends[1])
    return rows


def _share(
    row: partial[Row], system: str, how: str, mttf: float, down: float,
    low: float | None = None, high: float | None = None,
) -> list[Row]:  # fmt: skip
    share = mttf / (mttf + down)
    years = [None if end is None else YEAR_S * (1 - end) for end in (high, low)]
    return [
        row(system, f"available, {how}", "share", "larger", share, low=low, high=high),
        row(
            system, f"down, {how}", "s/year", "smaller", YEAR_S * down / (mttf + down),
            low=years[0], high=years[1],
        ),
    ]  # fmt: skip


_ROWS = {
    "restart": _restart,
    "bw_kill": _bw_kill,
    "faults": _faults,
    "availability": _availability,
}
