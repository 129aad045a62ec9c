"""One catalogue of a kernel's paths: `path("pipe_write")` is found recorded or drawn.

Knows: which recording and which shape files belong to a kernel; a path that was recorded
goes before one of the same name that was only counted. Refuses to know: when a path runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache

from microbench.datafiles import data_dir, data_names
from microbench.errors import InputError, UsageError
from microbench.trace.draw import draw
from microbench.trace.recorded import load_recorded
from microbench.trace.shapes import ObjectShape, Shape, at_level, load_file
from microbench.trace.template import Template

DEFAULT_BYTES, DEFAULT_ALIGN = 512, 32
"""Size and alignment of an object no file describes [bytes]."""


def same(role: str) -> str:
    """A role is the kind of its object."""
    return role


@dataclass(eq=False)
class Catalogue:
    """The paths of one kernel as templates, each drawn when first asked for.

    Attributes
    ----------
    scale : str
        Scale class of drawn paths ("l4", "linux", ...).
    shapes : dict of str to Shape
        Paths that are known as counts.
    variant : str
        Variant of the kernel, "" where its file has none.
    objects : dict of str to ObjectShape
        What is known of kernel objects, by kind.
    recorded : dict of str to Template
    kernel_pages : tuple of int
        Pages that the role "kernel" of recorded paths is made of.
    kind_of : callable
        Role to kind of object.
    """

    scale: str
    shapes: dict[str, Shape]
    variant: str = ""
    objects: dict[str, ObjectShape] = field(default_factory=dict)
    recorded: dict[str, Template] = field(default_factory=dict)
    kernel_pages: tuple[int, ...] = ()
    kind_of: Callable[[str], str] = same
    _drawn: dict[tuple[str, str], Template] = field(default_factory=dict)

    def path(self, name: str, level: str = "value") -> Template:
        """The path of that name; a counted one at its "low", "value" or "high" instructions.

        Raises
        ------
        UsageError
            If it was neither recorded nor counted.
        """
        found = self.recorded.get(name)
        if found is None:
            found = self._drawn.get((name, level))
        if found is None:
            if name not in self.shapes:
                raise UsageError(f"no path {name!r} in this kernel")
            shape = at_level(self.shapes[name], level)
            lines = {role: self._hot(role) for role in shape.objects}
            found = self._drawn[name, level] = draw(shape, self.scale, lines)
        return found

    def _hot(self, role: str) -> tuple[int, ...]:
        found = self.objects.get(self.kind_of(role))
        return found.hot_lines if found else ()

    def size(self, kind: str) -> tuple[int, int]:
        """Size and alignment of an object [bytes]."""
        found = self.objects.get(kind)
        return (found.size_bytes, found.align_bytes) if found else (DEFAULT_BYTES, DEFAULT_ALIGN)


def described(
    *names: str, scale: str, variant: str = "", kind_of: Callable[[str], str] = same
) -> Catalogue:
    """Counted paths alone, from files `data/kernels/NAME.toml`, the first in a variant."""
    return _described(names, scale, variant, kind_of)


@cache
def _described(
    names: tuple[str, ...], scale: str, variant: str, kind_of: Callable[[str], str]
) -> Catalogue:
    """Drawing takes longer than a short run; every host draws from the same catalogue."""
    found = Catalogue(scale, {}, kind_of=kind_of)
    for name in names:
        file = load_file(name, variant if name == names[0] else "")
        found.variant = found.variant or file.variant
        for twice in file.paths.keys() & found.shapes.keys():
            place = data_dir() / "kernels" / f"{name}.toml"
            raise InputError(place, f"path.{twice}", twice, "counted in another file as well")
        found.shapes.update(file.paths)
        found.objects.update(file.objects)
    return found


@cache
def kernel(name: str, scale: str) -> Catalogue:
    """A recorded kernel, with whatever was only counted of it.

    The recording is `data/kernels/NAME.npz`; every `data/kernels/NAME-*.toml` beside it adds
    counted paths and objects, so that a mechanism needs no recording to be added.
    """
    recording = load_recorded(name)
    beside = (file for file in data_names("kernels", ".toml") if file.startswith(f"{name}-"))
    found = described(*beside, scale=scale)
    return replace(found, recorded=recording.paths, kernel_pages=recording.kernel_pages)
