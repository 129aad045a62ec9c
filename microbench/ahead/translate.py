"""An engine's text as Cython: types in front, constants as C constants, bodies word for word.

Rules an engine keeps: what Python calls is decorated with `@_entry` and its helpers with
`@_jit`; a name is an int64 unless `microbench.ahead.modules` says it is an array; constants are
integers of the module; a helper returns the same number of integers everywhere, or nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

DIRECTIVES = (
    "language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, "
    "cdivision=True, infer_types=False, binding=False"
)
CONSTANT = '    const long long {0} "mkbench_{0}"'


class TranslationError(ValueError):
    """Text that breaks a rule of engines."""


def translate(
    text: str, types: Mapping[str, str], constants: Mapping[str, int], digest: str
) -> str:
    """Cython source of one engine.

    Parameters
    ----------
    types : mapping of str to str
        C types of array parameters by name.
    constants : mapping of str to int
        The module's integers.
    digest : str
        What the twin is recognised by.

    Raises
    ------
    TranslationError
        If the text breaks a rule.
    """
    lines = text.splitlines()
    made = [f"# cython: {DIRECTIVES}", f'DIGEST = "{digest}"', *_constants(constants)]
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and (kind := _kind(node)):
            made += [
                "",
                *_head(node, kind, types),
                *lines[node.body[0].lineno - 1 : node.end_lineno],
            ]
    return "\n".join(made) + "\n"


def _constants(constants: Mapping[str, int]) -> list[str]:
    defined = [f"    #define mkbench_{name} {value}LL" for name, value in constants.items()]
    index = ["cdef inline long long _u(long long at) noexcept nogil:", "    return at"]
    declared = [CONSTANT.format(name) for name in constants]
    return ["cdef extern from *:", '    """', *defined, '    """', *declared, *index]


def _kind(node: ast.FunctionDef) -> str:
    names = [d.id for d in node.decorator_list if isinstance(d, ast.Name)]
    return names[0] if names and names[0] in ("_jit", "_entry") else ""


def _head(node: ast.FunctionDef, kind: str, types: Mapping[str, str]) -> list[str]:
    names = [a.arg for a in node.args.args]
    arguments = ", ".join(f"{types.get(name, 'long long')} {name}" for name in names)
    stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and _is_stored(n)}
    if wrong := stored & set(names) & set(types):
        raise TranslationError(f"{node.name} assigns to {', '.join(sorted(wrong))}, an array")
    numbers = ", ".join(sorted(stored - set(names)))
    head = f"def {node.name}({arguments}):"
    if kind == "_jit":
        head = f"cdef inline {_result(node)} {node.name}({arguments}) noexcept nogil:"
    return [head, *([f"    cdef long long {numbers}"] if numbers else [])]


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _result(node: ast.FunctionDef) -> str:
    """The C type a helper returns."""
    given = [n.value for n in ast.walk(node) if isinstance(n, ast.Return)]
    widths = {_width(value) for value in given}
    if widths <= {0}:
        return "void"
    if len(widths) > 1:
        raise TranslationError(f"{node.name} does not return the same everywhere")
    width = widths.pop()
    return "long long" if width == 1 else "(" + ", ".join(["long long"] * width) + ")"


def _width(value: ast.expr | None) -> int:
    if value is None:
        return 0
    return len(value.elts) if isinstance(value, ast.Tuple) else 1
