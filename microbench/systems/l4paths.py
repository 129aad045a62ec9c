"""The microkernel's paths as templates: shapes of `data/kernels/l4-*.toml`, drawn."""

from __future__ import annotations

from microbench.datafiles import data_dir
from microbench.l4.paths import PathFile, PathShape, load_paths
from microbench.trace import Template
from microbench.trace.shapes import Shape, draw

_SPACE_REGISTERS = ("ttb",)
"""Domain and PID registers are moves to a coprocessor: other machines have neither, and price
the space switch itself."""
_KINDS = {
    "from_tcb": "tcb",
    "to_tcb": "tcb",
    "from_utcb": "utcb",
    "to_utcb": "utcb",
    "from_space": "space",
    "to_space": "space",
    "domains": "domain_table",
    "irq": "irq_table",
}


def kind_of(role: str) -> str:
    """Kind of kernel object a role of a path stands for."""
    return _KINDS.get(role, role)


class L4Paths:
    """Templates and object sizes of one kernel variant.

    Parameters
    ----------
    name : str
        File of `data/kernels`, e.g. "l4-pxa255".
    variant : str, optional
        Variant of the file; its default where left out.
    """

    def __init__(self, name: str, variant: str | None = None) -> None:
        self._file: PathFile = load_paths(data_dir() / "kernels" / f"{name}.toml", variant)
        self.variant = self._file.variant
        self._templates: dict[str, Template] = {}

    def template(self, name: str) -> Template:
        """The path as a template of scale class "l4"."""
        known = self._templates.get(name)
        if known is None:
            shape = _shape(self._file.paths[name])
            lines = {role: self._hot(role) for role in shape.objects}
            known = self._templates[name] = draw(shape, "l4", lines)
        return known

    def _hot(self, role: str) -> tuple[int, ...]:
        found = self._file.objects.get(kind_of(role))
        return found.hot_lines if found else ()

    def code_bytes(self, name: str) -> int:
        """Length of the path's code [bytes]."""
        return 32 * self._file.paths[name].code_lines

    def size(self, kind: str) -> tuple[int, int]:
        """Size and alignment of an object [bytes]."""
        found = self._file.objects.get(kind)
        return (found.size_bytes, found.align_bytes) if found else (512, 32)


def _shape(path: PathShape) -> Shape:
    """The same numbers in the type all kernels share."""
    special = [
        "space_register" if r in _SPACE_REGISTERS else "move_to_coprocessor" for r in path.cp15
    ]
    return Shape(
        name=path.name,
        instructions=path.instructions,
        loads=path.loads,
        stores=path.stores,
        taken=path.taken,
        code_lines=path.code_lines,
        coprocessor=(*special, *["status_register"] * path.psr_moves),
        objects={**path.objects, **path.globals},
        low_instructions=path.low_instructions,
        high_instructions=path.high_instructions,
        source=path.source,
        certainty=path.certainty,
        note=path.note,
        load_insns=path.load_insns,
        store_insns=path.store_insns,
    )
