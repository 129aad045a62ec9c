"""An operation as it is described, and what its path may say.

Knows: the words of a path, blocks and locks. Refuses to know: files and versions.

A path is a list of words: the name of a part (local work), or `take`, `share`, `swap` (share by
compare-and-swap), `drop`, `read`, `write`, `add`, `cas`, `prefetch` followed by an object,
`clear_page` or `clear_fresh_page`, `every NAME:` ... `end` (once in so many operations),
`repeat NAME:` ... `end` (so many times), `shoot` or `shoot NAME`, `call OBJECT PART`. Objects
have a scope, which says which CPUs share one, and a kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from microbench.errors import InputError
from microbench.quantity import Quantity

TAKES = ("take", "share", "swap")
SPELLED = {*TAKES, "drop", "read", "write", "add", "cas", "prefetch"}
CLEAR = {"clear_page": "page.clear_line", "clear_fresh_page": "page.fresh_line"}
"""Words that clear a page, with what a line of it costs: one in the caches, or one in memory."""
READ_AS_VISITS = {*SPELLED, *CLEAR, "every", "repeat", "end", "shoot", "call"}
"""First words that a path has for itself."""
MOVES = ("sent", "answered")
MOST_WORDS = 10_000
"""Of a path with its repeats written out."""


@dataclass(frozen=True)
class SharedObject:
    """One object of an operation: its scope, its kind and where that is known from."""

    name: str
    scope: str
    kind: str
    source: str
    home: str = "first"


@dataclass(frozen=True)
class Operation:
    """One operation in one system's version.

    Attributes
    ----------
    operation, system, title, source : str
        The operation by the name of its file, without its place.
    path : tuple of str
    parts : dict of str to Quantity
        Local work [cycles].
    lines : dict of str to Quantity
        Cache lines a part moves to or from memory.
    every : dict of str to Quantity
        Batch sizes [operations].
    targets : dict of str to Quantity
        CPUs that a shoot-down goes to, where not all of the address space [cpus].
    moves : dict of str to Quantity
        Line moves of a shoot-down per target: `sent` by the sender before the interrupt, and
        `answered` by the target to read the request and answer it. Not given: 0 and 2.
    objects : dict of str to SharedObject
    recorded : dict of str to str
        Parts that recorded paths price where the machine's core is described: "open/path_walk",
        an operation and a sub-path of it, several with `+`.
    words, repeat : tuple of str, dict of str to Quantity
        The path before its repeats were written out, and how often each is [times].
    removed : tuple of (str, str)
        Principles taken out, each with what that changed.
    changes : tuple of str
        What else was changed, as a call says it: "--set parts.trap=5", "--work 100".
    """

    operation: str
    system: str
    title: str
    source: str
    path: tuple[str, ...]
    parts: dict[str, Quantity]
    lines: dict[str, Quantity]
    every: dict[str, Quantity]
    objects: dict[str, SharedObject]
    targets: dict[str, Quantity] = field(default_factory=dict)
    moves: dict[str, Quantity] = field(default_factory=dict)
    recorded: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    repeat: dict[str, Quantity] = field(default_factory=dict)
    removed: tuple[tuple[str, str], ...] = ()
    changes: tuple[str, ...] = ()
    digest: str = field(default="", compare=False)


def check_path(op: Operation, path: Path, where: str) -> None:
    """Refuse a path that names what is not there, or leaves a lock taken.

    Raises
    ------
    InputError
        Naming file, key and word.
    """
    _named(op, path, where)
    for word in op.path:
        _known(op, word, path, f"{where}.path")
    _balanced(op, path, f"{where}.path")


def _named(op: Operation, path: Path, where: str) -> None:
    """Refuse a move that is none, a part that reads as a visit, lines of a part that is not."""
    for name in op.moves:
        if name not in MOVES:
            raise InputError(path, f"{where}.moves.{name}", name, "sent or answered")
    for name in op.parts:
        if name.partition(" ")[0] in READ_AS_VISITS:
            raise InputError(path, f"{where}.parts.{name}", name, "is a visit of a path, no part")
    for name in op.lines:
        if name not in op.parts:
            raise InputError(path, f"{where}.lines.{name}", name, "no such part")


def _balanced(op: Operation, path: Path, key: str) -> None:
    """Refuse a lock taken twice, dropped without being held, held at the end or of no lock kind."""
    held: list[str] = []
    outside: list[list[str]] = []
    for word in op.path:
        first, _, name = word.partition(" ")
        if first == "every":
            outside.append(list(held))
        elif first == "end" and sorted(outside.pop()) != sorted(held):
            why = "a block done once in so many operations holds other locks at its end"
            raise InputError(path, key, word, f"{why}: {', '.join(held) or 'none'}")
        if first in (*TAKES, "drop") and op.objects[name].kind in ("line", "server"):
            raise InputError(path, key, word, f"{name} is a {op.objects[name].kind}, not a lock")
        if first == "call" and op.objects[name.split()[0]].kind != "server":
            raise InputError(path, key, word, "calls an object that is no server")
        if first in TAKES:
            if name in held:
                raise InputError(path, key, word, "taken while held")
            held.append(name)
        elif first == "drop":
            if name not in held:
                raise InputError(path, key, word, "dropped without being held")
            held.remove(name)
    if held:
        raise InputError(path, key, held[-1], "still held at the end")


def unrolled(
    words: Sequence[str], repeat: dict[str, Quantity], path: Path, key: str
) -> tuple[str, ...]:
    """The path with `repeat NAME:` ... `end` written out; `every` blocks are kept.

    Raises
    ------
    InputError
        If blocks do not end, or too many words come out.
    """
    stack: list[tuple[str, list[str]]] = [("", [])]
    for word in words:
        first, _, name = word.partition(" ")
        if first in ("repeat", "every"):
            if first == "repeat" and name.removesuffix(":") not in repeat:
                raise InputError(path, key, word, "no such repeat count")
            stack.append((word, []))
        elif word == "end":
            opened, body = stack.pop()
            if not stack:
                raise InputError(path, key, word, "end without every or repeat")
            if opened.startswith("repeat"):
                times = int(repeat[opened.partition(" ")[2].removesuffix(":")].value)
                if len(body) * times > MOST_WORDS:
                    raise InputError(path, key, opened, f"unrolls to more than {MOST_WORDS} words")
                body = body * times
            else:
                body = [opened, *body, "end"]
            stack[-1][1].extend(body)
        else:
            stack[-1][1].append(word)
    if len(stack) != 1:
        raise InputError(path, key, stack[-1][0], "block without end")
    if len(stack[0][1]) > MOST_WORDS:
        raise InputError(path, key, len(stack[0][1]), f"more than {MOST_WORDS} words")
    return tuple(stack[0][1])


def _known(op: Operation, word: str, path: Path, key: str) -> None:
    """Refuse a path word that names nothing."""
    first, _, rest = word.partition(" ")
    ok = (
        word in op.parts
        or word in ("end", "shoot", *CLEAR)
        or (first == "shoot" and rest in op.targets)
        or (first in SPELLED and rest in op.objects)
        or (first == "every" and rest.removesuffix(":") in op.every)
        or (
            first == "call"
            and len(rest.split()) == 2
            and rest.split()[0] in op.objects
            and rest.split()[1] in op.parts
        )
    )
    if not ok:
        raise InputError(path, key, word, "neither a part nor a visit of a known object")
