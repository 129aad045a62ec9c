"""Words of a call to benchmarks in which something dies: options, times, weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from microbench.errors import UsageError
from microbench.linux.disk import disk_names
from microbench.reading import decimal, whole
from microbench.servers.policies import SECOND_NS, Policy, policy
from microbench.workloads.base import one_or_more

MIX = {"exit": 65.0, "exception": 31.0, "hang": 4.0}
UNITS = {"ms": 1_000_000, "s": SECOND_NS, "h": 3600 * SECOND_NS}
TIMES = {
    "heartbeat": (SECOND_NS, UNITS["h"]),
    "every": (SECOND_NS // 10, 60 * SECOND_NS),
    "mttf": (SECOND_NS, 1_000_000 * UNITS["h"]),
}
"""Least and most of an option [ns]; a stream is run for the whole of `every`, several times, and
managers look at their clock once a second: who asks more often takes everybody for silent."""
LEAST = {"n": 1}
MOST_WEIGHT = 1_000_000
OPTIONS = {
    "restart": ("component", "fault", "policy", "heartbeat", "deaths", "disk"),
    "bw_kill": ("component", "every", "policy", "disk"),
    "faults": ("n", "seed", "components", "mix", "structure", "policy", "heartbeat", "data"),
    "availability": ("mttf", "seed", "n"),
}


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
            if key in found:
                raise UsageError(f"{benchmark}: {word} is given twice")
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


def whole_of(benchmark: str, given: Mapping[str, str], key: str, usual: int, most: int) -> int:
    """A whole number among the options, or the usual one.

    Raises
    ------
    UsageError
        If it is none, or not from `LEAST` to `most`.
    """
    text, least = given.get(key, str(usual)), LEAST.get(key, 0)
    found = whole(text, least, most)
    if found is None:
        raise UsageError(f"{benchmark}: --{key} {text[:40]}: a whole number, {least} to {most}")
    return found


def policy_of(benchmark: str, given: Mapping[str, str]) -> Policy:
    """The policy that was asked for, with its heartbeat."""
    beat = given.get("heartbeat")
    beat_ns = None if beat is None else time_ns(benchmark, "heartbeat", beat)
    return policy(given.get("policy", "minix"), beat_ns)


def only(what: str, given: Mapping[str, str], used: tuple[str, ...]) -> None:
    """Refuse options that would change nothing."""
    for key in given:
        if key not in used:
            raise UsageError(f"{what}: takes no --{key}")


def disk_of(benchmark: str, given: Mapping[str, str], usual: str) -> str:
    """The device below, which there is."""
    name = given.get("disk", usual)
    one_or_more(f"{benchmark}: --disk", [name], disk_names())
    return name


def once(what: str, values: Sequence[object]) -> None:
    """Refuse a value that stands in a list twice: which of them counts nobody could tell."""
    for value in values:
        if values.count(value) > 1:
            raise UsageError(f"{what} {value}: is given twice")


def mix_of(text: str) -> dict[str, float]:
    """ "exit 65,exception 31,hang 4" as weights.

    Raises
    ------
    UsageError
        For an unknown fault, one given twice, or a weight that is no number.
    """
    found: dict[str, float] = {}
    once("faults: --mix", [part.split()[0] for part in text.split(",") if part.split()])
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
