"""Whether a machine is whole and fits together: limits, counts, caches, seats of CPUs.

Knows what no machine can be. Refuses to know what is likely.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from microbench.errors import InputError
from microbench.machine import schema
from microbench.quantity import Quantity

WHOLE = ("bytes", "count", "cpus", "lines")
SEATS = ("cpus", "threads_per_core", "cpus_per_cluster", "cpus_per_socket")
LEAST_RATIO, MOST_RATIO = 0.1, 10.0
"""Of a clock with turbo to the one without."""
Numbers = Mapping[str, Quantity]


def check(numbers: Numbers, words: Mapping[str, str], file: str) -> None:
    """Refuse what is no machine.

    Parameters
    ----------
    numbers, words : mapping
        As of `MachineSpec`.
    file : str
        What errors name: the file, or the option that made the machine.

    Raises
    ------
    InputError
        Naming the key that does not fit, its value and the limit.
    """
    for key, number in numbers.items():
        _limits(key, number, file)
    one, many = schema.for_one(words), schema.for_many(words)
    there = numbers.keys() | words.keys()
    if one or there & (schema.ONE - {schema.CLOCK}) or not many:
        _complete(there, (*schema.NUMBERS, *schema.WORDS), file)
        _one(numbers, file)
    if many or any(key.startswith(schema.SMP) for key in there):
        _complete(there, (*schema.SMP_NUMBERS, *schema.SMP_WORDS), file)
        _many(numbers, file)


def _limits(key: str, number: Quantity, file: str) -> None:
    field = key.rpartition(".")[2]
    least, most = schema.LIMITS.get(field) or schema.LIMITS.get(number.unit, schema.ANY)
    if not least <= number.value <= most:
        raise InputError(file, key, number.value, f"must be {least:g} to {most:g}")
    if number.unit in WHOLE and number.value != int(number.value):
        raise InputError(file, key, number.value, "not a whole number")


def _complete(there: Collection[str], wanted: tuple[str, ...], file: str) -> None:
    for key in wanted:
        if key not in there:
            raise InputError(file, key, None, "missing")


def _one(numbers: Numbers, file: str) -> None:
    sdram = {"sdram.clock_hz", "sdram.overhead_clocks"} <= numbers.keys()
    if not sdram and "memory.latency_ns" not in numbers:
        raise InputError(file, "memory.latency_ns", None, "missing, and there is no [sdram]")
    for cache in schema.MOST_LINES:
        if f"{cache}.size_bytes" in numbers:
            _cache(numbers, cache, file)
    for key in ("itlb.entries", "dtlb.entries"):
        if numbers[key].value < 1:
            raise InputError(file, key, numbers[key].value, "at least one entry is needed")


def _cache(numbers: Numbers, cache: str, file: str) -> None:
    keys = tuple(f"{cache}.{field}" for field in ("size_bytes", "ways", "line_bytes"))
    _complete(numbers, keys, file)
    line, part = numbers[keys[2]].value, numbers.get(f"{cache}.dirty_bytes")
    if part is not None and part.value < line / 2:
        problem = f"at least half a line of {line:g} bytes: a line has two dirty bits at most"
        raise InputError(file, f"{cache}.dirty_bytes", part.value, problem)
    size, ways, line = (int(numbers[key].value) for key in keys)
    if line & (line - 1):
        raise InputError(file, keys[2], line, "not a power of two")
    sets = size // (ways * line)
    if sets < 1 or sets * ways * line != size:
        raise InputError(file, keys[0], size, f"not {ways} ways x sets x {line} bytes")
    if sets & (sets - 1):
        raise InputError(file, keys[0], size, f"{sets} sets is not a power of two")
    lines, most = sets * ways, schema.MOST_LINES[cache]
    if lines > most:
        raise InputError(file, keys[0], size, f"{lines} lines of {line} bytes; at most {most}")


def _many(numbers: Numbers, file: str) -> None:
    _, threads, _, socket = (int(numbers[f"smp.topology.{key}"].value) for key in SEATS)
    if socket % threads:
        key = "smp.topology.threads_per_core"
        raise InputError(file, key, threads, f"does not divide a socket of {socket}")
    for state in range(1, schema.MOST_IDLE_STATES + 1):
        stay, leave = (f"smp.idle.{state}.{field}" in numbers for field in ("stay", "leave"))
        if stay != leave:
            raise InputError(file, f"smp.idle.{state}", None, "needs stay and leave")
    served = numbers.get("smp.line.served")
    if served is not None and not 0 < served.value <= 1:
        raise InputError(file, "smp.line.served", served.value, "a share: above 0, at most 1")
    lost = numbers.get("smp.line.lost")
    if lost is not None and not 0 <= lost.value <= 1:
        raise InputError(file, "smp.line.lost", lost.value, "odds: 0 to 1")
    _turbo(numbers, file)


def _turbo(numbers: Numbers, file: str) -> None:
    """Steps of the clock follow each other; each takes more cores, none stands still."""
    before, open_ended = 0.0, False
    for step in range(1, schema.MOST_TURBO_STEPS + 1):
        key = f"smp.turbo.{step}"
        cores, ratio = (numbers.get(f"{key}.{field}") for field in ("cores", "ratio"))
        if cores is None and ratio is None:
            open_ended = True
            continue
        if cores is None or ratio is None or open_ended:
            raise InputError(file, key, None, "needs cores and ratio, and the step before it")
        if cores.value <= before:
            raise InputError(file, f"{key}.cores", cores.value, "more than the step before has")
        if not LEAST_RATIO <= ratio.value <= MOST_RATIO:
            problem = f"must be {LEAST_RATIO} to {MOST_RATIO}"
            raise InputError(file, f"{key}.ratio", ratio.value, problem)
        before = cores.value
