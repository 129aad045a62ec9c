"""Machine files: TOML to a checked `MachineSpec`, every number with its provenance."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from microbench.datafiles import data_dir, data_names
from microbench.errors import InputError, UsageError
from microbench.machine import schema
from microbench.machine.spec import MachineSpec
from microbench.quantity import Quantity, quantity, read_toml

_TOP = {"name", "title", "legal_clocks", "like"}


def machine_names() -> list[str]:
    """Names of the packaged machines."""
    return data_names("machines", ".toml")


def load_machine(name: str, settings: Iterable[str] = ()) -> MachineSpec:
    """A packaged machine by name, or a file by path, with `key=value` changes applied.

    Raises
    ------
    UsageError
        For an unknown name or a malformed setting.
    InputError
        For anything wrong in the file or a value.
    """
    spec = read_machine(_find(name))
    settings = list(settings)
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise UsageError(f"--set {setting}: write key=value")
        spec = spec.with_value(key.strip(), value.strip())
    check_geometry(spec, "--set" if settings else spec.file)
    return spec


def _find(name: str) -> Path:
    if name.endswith(".toml") or "/" in name:
        return Path(name)
    if name not in machine_names():
        raise UsageError(f"no machine {name!r}; there are {', '.join(machine_names())}")
    return data_dir() / "machines" / f"{name}.toml"


def read_machine(path: Path, seen: tuple[str, ...] = ()) -> MachineSpec:
    """Read and check one machine file.

    Parameters
    ----------
    seen : tuple of str
        Machines that are like this one, so that two cannot be like each other.

    Raises
    ------
    InputError
        Naming file, key and value.
    """
    raw = read_toml(path)
    numbers, words = _inherited(raw, path, seen)
    for key, value in _flatten(raw, path):
        _take(key, value, path, numbers, words)
    for key in schema.NUMBERS:
        if key not in numbers:
            raise InputError(path, key, None, "missing")
    for key in schema.WORDS:
        if key not in words:
            raise InputError(path, key, None, "missing")
    if not (
        numbers.keys() >= {"sdram.clock_hz", "sdram.overhead_clocks"}
        or "memory.latency_ns" in numbers
    ):
        raise InputError(path, "memory.latency_ns", None, "missing, and there is no [sdram]")
    spec = MachineSpec(
        _text(raw, "name", path),
        _text(raw, "title", path),
        str(path),
        numbers,
        words,
        _clocks(raw, path),
    )
    check_geometry(spec, str(path))
    return spec


def _inherited(
    raw: dict[str, object], path: Path, seen: tuple[str, ...]
) -> tuple[dict[str, Quantity], dict[str, str]]:
    """Numbers and words of the packaged machine this one is `like`; a file states the rest."""
    like = raw.get("like")
    if like is None:
        return {}, {}
    if not isinstance(like, str) or like not in machine_names() or like == raw.get("name"):
        raise InputError(path, "like", like, "not another packaged machine")
    if like in seen:
        raise InputError(path, "like", like, "is like this one in turn")
    other = read_machine(data_dir() / "machines" / f"{like}.toml", (*seen, like))
    return dict(other.numbers), dict(other.words)


def _flatten(raw: dict[str, object], path: Path) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for key, value in raw.items():
        if key in _TOP:
            continue
        if isinstance(value, dict) and "value" not in value:
            found += [(f"{key}.{inner}", item) for inner, item in value.items()]
        else:
            found.append((key, value))
    return found


def _take(
    key: str, value: object, path: Path, numbers: dict[str, Quantity], words: dict[str, str]
) -> None:
    units = schema.NUMBERS.get(key) or schema.OPTIONAL_NUMBERS.get(key)
    allowed = schema.WORDS.get(key) or schema.OPTIONAL_WORDS.get(key)
    if units is not None:
        numbers[key] = quantity(value, path, key, set(units))
    elif allowed is not None:
        if value not in allowed:
            raise InputError(path, key, value, "one of " + ", ".join(allowed))
        words[key] = str(value)
    else:
        raise InputError(path, key, value, "unknown key")


def _text(raw: dict[str, object], key: str, path: Path) -> str:
    value = raw.get(key)
    if not isinstance(value, str) or not value.strip():
        raise InputError(path, key, value, "must be text")
    return value


def _clocks(raw: dict[str, object], path: Path) -> tuple[tuple[float, float], ...]:
    table = raw.get("legal_clocks")
    if table is None:
        return ()
    pairs = table.get("pairs_hz") if isinstance(table, dict) else None
    if not isinstance(pairs, list) or not isinstance(table, dict) or "source" not in table:
        raise InputError(
            path, "legal_clocks", table, "needs source and pairs_hz = [[core, sdram], ...]"
        )
    result = []
    for pair in pairs:
        good = isinstance(pair, list) and len(pair) == 2
        if not good or not all(isinstance(x, int | float) and 0 < x < 1e12 for x in pair):
            raise InputError(path, "legal_clocks.pairs_hz", pair, "not a pair of clocks")
        result.append((float(pair[0]), float(pair[1])))
    return tuple(result)


def check_geometry(spec: MachineSpec, file: str) -> None:
    """Numbers that must be positive, whole or consistent with one another.

    Raises
    ------
    InputError
        Naming the key that does not fit.
    """
    for key, number in spec.numbers.items():
        field = key.rpartition(".")[2]
        if number.value < 0:
            raise InputError(file, key, number.value, "negative")
        if number.value > schema.MOST.get(field, number.value):
            raise InputError(file, key, number.value, f"more than {schema.MOST[field]}")
        whole = number.unit in ("bytes", "count")
        if whole and number.value != int(number.value):
            raise InputError(file, key, number.value, "not a whole number")
        if number.unit == "Hz" and number.value < 1e6:
            raise InputError(file, key, number.value, "a clock below 1 MHz")
    for cache in ("l1i", "l1d", "l2", "l3"):
        if spec.has(f"{cache}.size_bytes"):
            _check_cache(spec, cache, file)
    for key in ("itlb.entries", "dtlb.entries"):
        if spec.value(key) < 1:
            raise InputError(file, key, spec.value(key), "at least one entry is needed")


def _check_cache(spec: MachineSpec, cache: str, file: str) -> None:
    size, ways, line = (
        int(spec.value(f"{cache}.{f}")) for f in ("size_bytes", "ways", "line_bytes")
    )
    if line < 8 or line & (line - 1):
        raise InputError(file, f"{cache}.line_bytes", line, "not a power of two from 8 up")
    sets = size // (ways * line) if ways else 0
    if ways < 1 or sets < 1 or sets * ways * line != size:
        raise InputError(
            file, f"{cache}.size_bytes", size, f"not {ways} ways x sets x {line} bytes"
        )
    if sets & (sets - 1):
        raise InputError(file, f"{cache}.size_bytes", size, f"{sets} sets is not a power of two")
