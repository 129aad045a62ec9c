"""One change of one expression or statement: what a file offers, and how it reads then."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

SWAPS: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult, ast.And: ast.Or, ast.Or: ast.And, ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What is changed.

    Attributes
    ----------
    path : Path
    number : int
        Of the node, in the order of `ast.walk`.
    line : int
    kind : str
    text, source : str
        The node as it reads unchanged, and the line it begins in.
    """

    path: Path
    number: int
    line: int
    kind: str
    text: str
    source: str


def kind_of(node: ast.AST) -> str:
    """How a node is changed, empty if it is not."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        return "comparison"
    if isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in SWAPS:
        return "operator"
    if isinstance(node, ast.Constant) and type(node.value) in (int, bool):
        return "constant"
    if isinstance(node, ast.If | ast.While) and not isinstance(node.test, ast.Constant):
        return "condition"
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return "call left out"
    return ""


def changes(path: Path) -> list[Change]:
    """Every change of a file, in the order of the source."""
    found = []
    content = path.read_text()
    tree, lines = ast.parse(content), content.splitlines()
    left = _left_out(tree)
    for number, node in enumerate(ast.walk(tree)):
        kind = kind_of(node)
        if kind and node not in left:
            line: int = node.lineno  # type: ignore[attr-defined]
            seen = node.test if isinstance(node, ast.If | ast.While) else node
            text, source = ast.unparse(seen), lines[line - 1].strip()
            found.append(Change(path, number, line, kind, text, source))
    return sorted(found, key=lambda c: (c.line, c.number))


def _left_out(tree: ast.AST) -> set[ast.AST]:
    """Nodes of type hints, which nobody evaluates, and of decorators: frozen, room of a cache."""
    found: list[ast.AST] = []
    for node in ast.walk(tree):
        found += [h for name in ("annotation", "returns") if (h := getattr(node, name, None))]
        found += getattr(node, "decorator_list", [])
    return {inner for outer in found for inner in ast.walk(outer)}


def changed(change: Change) -> str:
    """The source of the file with that change."""
    tree = ast.parse(change.path.read_text())
    node = next(n for i, n in enumerate(ast.walk(tree)) if i == change.number)
    _change(node)
    return ast.unparse(ast.fix_missing_locations(tree))


def _change(node: ast.AST) -> None:
    if isinstance(node, ast.Compare):
        node.ops[0] = SWAPS[type(node.ops[0])]()
    elif isinstance(node, ast.BinOp | ast.BoolOp):
        node.op = SWAPS[type(node.op)]()
    elif isinstance(node, ast.Constant):
        value = node.value
        node.value = not value if isinstance(value, bool) else int(str(value)) + 1
    elif isinstance(node, ast.If | ast.While):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.Expr):
        node.value = ast.Constant(None)
