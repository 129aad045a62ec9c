"""Machine files: TOML to a checked `MachineSpec`, every number with its provenance."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from microbench.datafiles import data_dir, data_names
from microbench.errors import InputError, UsageError, near, unknown
from microbench.machine import schema
from microbench.machine.check import check
from microbench.machine.spec import MachineSpec
from microbench.quantity import Quantity, quantity
from microbench.reading import check_name, read_toml

_TOP = {"name", "title", "legal_clocks", "like"}
_DEEPEST = 4


@cache
def machine_names(many: bool = False) -> list[str]:
    """Names of the packaged machines that say what one CPU does, or what many do."""
    found = [(name, read_machine(_packaged(name))) for name in sheet_names()]
    return [name for name, spec in found if (spec.for_many if many else spec.for_one)]


def sheet_names() -> list[str]:
    """Names of all packaged machines."""
    return data_names("machines", ".toml")


def load_machine(name: str, settings: Iterable[str] = (), many: bool | None = False) -> MachineSpec:
    """A packaged machine by name, or a file by path, with `key=value` changes applied.

    Parameters
    ----------
    many : bool or None
        Whether its part for many CPUs is wanted, not the one for one; None: either will do.

    Raises
    ------
    UsageError
        For an unknown name, a malformed setting, or a machine without the wanted part.
    InputError
        For anything wrong in the file or a value.
    """
    spec = read_machine(_find(name, bool(many)))
    if many is not None and not (spec.for_many if many else spec.for_one):
        part = "many CPUs, no part [smp]" if many else "one CPU, only [smp]"
        known = ", ".join(machine_names(many))
        raise UsageError(f"machine {name!r} does not describe {part}; there are {known}")
    return spec.with_(parse_settings(settings))


def parse_settings(settings: Iterable[str]) -> dict[str, str]:
    """Keys and values of `key=value` words.

    Raises
    ------
    UsageError
        For a word without `=`.
    """
    found = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise UsageError(f"--set {setting}: write key=value")
        found[key.strip()] = value.strip()
    return found


def _find(name: str, many: bool) -> Path:
    if name.endswith(".toml") or "/" in name:
        return Path(name)
    if name not in sheet_names():
        raise unknown("machine", name, machine_names(many))
    return _packaged(name)


def _packaged(name: str) -> Path:
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
    if path.parent == data_dir() / "machines":
        return _packaged_machine(path, seen)
    return _read(path, seen)


@cache
def _packaged_machine(path: Path, seen: tuple[str, ...]) -> MachineSpec:
    """A packaged machine, read once."""
    return _read(path, seen)


def _read(path: Path, seen: tuple[str, ...]) -> MachineSpec:
    raw = read_toml(path)
    numbers, words = _inherited(raw, path, seen)
    for key, value in _flatten({k: v for k, v in raw.items() if k not in _TOP}):
        _take(key, value, path, numbers, words)
    name, title = (check_name(raw.get(key), path, key) for key in ("name", "title"))
    check(numbers, words, str(path))
    return MachineSpec(name, title, str(path), numbers, words, _clocks(raw, path))


def _inherited(
    raw: dict[str, object], path: Path, seen: tuple[str, ...]
) -> tuple[dict[str, Quantity], dict[str, str]]:
    """Numbers and words of the packaged machine this one is `like`; a file states the rest."""
    like = raw.get("like")
    if like is None:
        return {}, {}
    if not isinstance(like, str) or like not in sheet_names() or like == raw.get("name"):
        raise InputError(path, "like", like, "not another packaged machine")
    if like in seen:
        raise InputError(path, "like", like, "is like this one in turn")
    other = read_machine(_packaged(like), (*seen, like))
    return dict(other.numbers), dict(other.words)


def _flatten(
    table: dict[str, object], head: str = "", depth: int = 0
) -> Iterable[tuple[str, object]]:
    """Dotted keys with their values; the tables of a list are numbered from 1."""
    for name, value in table.items():
        key = f"{head}{name}"
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            value = {str(i): item for i, item in enumerate(value, 1)}
        if isinstance(value, dict) and "value" not in value and depth < _DEEPEST:
            yield from _flatten(value, f"{key}.", depth + 1)
        else:
            yield key, value


def _take(
    key: str, value: object, path: Path, numbers: dict[str, Quantity], words: dict[str, str]
) -> None:
    units, allowed = schema.all_numbers().get(key), schema.all_words().get(key)
    if units is not None:
        numbers[key] = quantity(value, path, key, units)
    elif allowed is None:
        meant = near(key, (*schema.all_numbers(), *schema.all_words()))
        raise InputError(path, key, value, f"unknown key; {meant}".rstrip("; "))
    elif value not in allowed:
        raise InputError(path, key, value, "one of " + ", ".join(allowed))
    else:
        words[key] = str(value)


def _clocks(raw: dict[str, object], path: Path) -> tuple[tuple[float, float], ...]:
    table = raw.get("legal_clocks")
    if table is None:
        return ()
    pairs = table.get("pairs_hz") if isinstance(table, dict) else None
    if not isinstance(pairs, list) or not isinstance(table, dict) or "source" not in table:
        problem = "needs source and pairs_hz = [[core, sdram], ...]"
        raise InputError(path, "legal_clocks", table, problem)
    result = []
    for pair in pairs:
        good = isinstance(pair, list) and len(pair) == 2
        if not good or not all(isinstance(x, int | float) and 0 < x < 1e12 for x in pair):
            raise InputError(path, "legal_clocks.pairs_hz", pair, "not a pair of clocks")
        result.append((float(pair[0]), float(pair[1])))
    return tuple(result)
