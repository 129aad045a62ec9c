"""What a thing is, as text: whatever decides it stands in it, or it has no name at all.

A trace is kept under the text of everything that is handed to its player. Nothing here lists
fields by hand: partial functions, closures, dataclasses and plain objects are taken apart
until only numbers and words are left, and what cannot be taken apart is refused.
"""

from __future__ import annotations

import functools
import hashlib
import marshal
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import FunctionType, MethodType
from typing import Any

PACKAGE = __name__.partition(".")[0]
PLAIN = (type(None), bool, int, float, str, bytes)


def identity(*things: Any) -> str:
    """The text that two things share only if they are built alike.

    Raises
    ------
    TypeError
        If something in them cannot be named, such as an open file.
    """
    return repr(tuple(_taken_apart(thing) for thing in things))


def _taken_apart(thing: Any) -> object:
    if isinstance(thing, PLAIN):
        return thing
    if isinstance(thing, tuple | list):
        return [_taken_apart(part) for part in thing]
    if isinstance(thing, Mapping):
        return {"items": sorted((repr(_taken_apart(k)), _taken_apart(v)) for k, v in thing.items())}
    if isinstance(thing, functools.partial):
        return ["partial", *map(_taken_apart, (thing.func, thing.args, thing.keywords))]
    if isinstance(thing, type):
        return f"{thing.__module__}.{thing.__qualname__}"
    if isinstance(thing, MethodType):
        return [_taken_apart(thing.__func__), _taken_apart(thing.__self__)]
    if isinstance(thing, FunctionType):
        return _function(thing)
    return [_taken_apart(type(thing)), _taken_apart(_insides(thing))]


def _function(thing: FunctionType) -> object:
    """Its name; its code as well where the name or the version of the package does not say it."""
    name = f"{thing.__module__}.{thing.__qualname__}"
    if thing.__module__.partition(".")[0] == PACKAGE and "<" not in thing.__qualname__:
        return name
    code = hashlib.sha256(marshal.dumps(thing.__code__)).hexdigest()
    cells = [cell.cell_contents for cell in thing.__closure__ or ()]
    return [name, code, *map(_taken_apart, (cells, thing.__defaults__, thing.__kwdefaults__))]


def _insides(thing: Any) -> dict[str, Any]:
    if is_dataclass(thing):
        return {field.name: getattr(thing, field.name) for field in fields(thing)}
    if hasattr(thing, "__dict__"):
        return dict(vars(thing))
    raise TypeError(f"{type(thing).__qualname__} has no name that a trace could be kept under")
