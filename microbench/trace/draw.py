"""A counted path drawn as a template: its accesses spread evenly over its code.

Knows: shapes and the order in which an object's lines are touched. Refuses to know: where
anything lies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from microbench.trace import ops
from microbench.trace.shapes import LINE, Shape
from microbench.trace.template import Template

Lines = Mapping[str, Sequence[int]]
RETURNS = {"load": ops.RETURN_LOAD, "register": ops.RETURN_REGISTER}


def draw(shape: Shape, scale: str, lines: Lines | None = None) -> Template:
    """A template with the shape's counts, its accesses spread evenly over its code.

    Parameters
    ----------
    scale : str
        Scale class; the template's own is this and the path's name, "l4/ipc_slow".
    lines : mapping of str to sequence of int, optional
        Role to the order in which its lines are touched; from the first on where not given.
    """
    total = shape.instructions
    roles = ("text", *shape.objects)
    visits = _spread(total, shape.code_lines)
    order = lines or {}
    accesses = _accesses(shape, ops.LOAD, order) + _accesses(shape, ops.STORE, order)
    accesses += [(ops.COPROCESSOR, 0, 0, ops.SPECIALS.index(name), 1) for name in shape.coprocessor]
    refs: list[tuple[int, int, int, int, int]] = []
    at = 0
    for line, count in enumerate(visits):
        jump = _jump(shape, line)
        refs.append((ops.FETCH, 0, LINE * line, min(count, 8), jump))
        extra = count - min(count, 8)
        while extra > 0:  # a loop within the line
            refs.append((ops.FETCH, 0, LINE * line, min(extra, 8), ops.BRANCH))
            extra -= 8
        until = (line + 1) * len(accesses) // shape.code_lines
        refs += accesses[at:until]
        at = until
    named = f"{scale}/{shape.name}"
    return Template(
        shape.name, roles, np.array(refs, np.int32), named, "shape", shape.source, shape.certainty
    )


def _spread(total: int, bins: int) -> list[int]:
    return [total * (i + 1) // bins - total * i // bins for i in range(bins)]


def _jump(shape: Shape, line: int) -> int:
    """How a line of code is left; the last taken branch is the caller's loop, those before it
    are the returns, in order."""
    if not _crosses(line, shape.taken, shape.code_lines):
        return ops.FALL_THROUGH
    number = shape.taken * (line + 1) // shape.code_lines - shape.taken + len(shape.returns)
    return RETURNS[shape.returns[number]] if 0 <= number < len(shape.returns) else ops.BRANCH


def _crosses(i: int, count: int, bins: int) -> bool:
    return count * (i + 1) // bins > count * i // bins


def _accesses(shape: Shape, kind: int, order: Lines) -> list[tuple[int, int, int, int, int]]:
    """Words over the lines of the objects, in as many instructions as the shape says."""
    load = kind == ops.LOAD
    words = shape.loads if load else shape.stores
    instructions = (shape.load_insns if load else shape.store_insns) or words
    lines = [
        (number + 1, _line(order.get(role, ()), line))
        for number, (role, counts) in enumerate(shape.objects.items())
        for line in range(counts[0 if load else 1])
    ]
    if not lines or not words:
        return []
    found = []
    shares = zip(_spread(words, len(lines)), _spread(instructions, len(lines)), strict=True)
    for (role, line), (share, issues) in zip(lines, shares, strict=True):
        sizes = _spread(share, min(share, max(1, issues))) if share else []
        word = 0
        for size in sizes:
            at = min(word % 8, 8 - min(size, 8))
            found.append((kind, role, LINE * line + 4 * at, min(size, 8), 0))
            word += size
    return found


def _line(order: Sequence[int], number: int) -> int:
    """The line touched as the `number`-th one; those after the listed ones follow from 0 up."""
    if number < len(order):
        return order[number]
    rest = (line for line in range(number + len(order) + 1) if line not in order)
    return [line for line, _ in zip(rest, range(number - len(order) + 1), strict=False)][-1]
