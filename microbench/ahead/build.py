"""Compile the engines: for a wheel, or in place beside their source.

Needs Cython, setuptools and a C compiler; `python -m microbench.ahead.build` builds in place.
A wheel made with the environment variable ``MKBENCH_REUSE`` set takes the engines compiled in
place, where they fit the text: for trying a wheel, not for publishing one.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from unittest import mock

from microbench.ahead.choose import VARIABLE, fitting_twin
from microbench.ahead.modules import ENGINES, PACKAGE, Engine
from microbench.ahead.translate import translate

REUSE = "MKBENCH_REUSE"


def constants(engine: Engine) -> dict[str, int]:
    """The integers of an engine's module, read with nothing compiled."""
    with mock.patch.dict(os.environ, {VARIABLE: "plain"}):
        module = importlib.import_module(engine.module)
    return {name: value for name, value in vars(module).items() if type(value) is int}


def write(engine: Engine, folder: Path) -> Path:
    """Write an engine's Cython text below a folder."""
    text = (PACKAGE / engine.source).read_text(encoding="utf-8")
    made = translate(text, engine.types(), constants(engine), engine.digest())
    file = folder / f"{engine.twin.replace('.', '/')}.pyx"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(made, encoding="utf-8")
    return file


def in_place() -> dict[str, Path]:
    """By place below the package, the compiled engines that fit; empty unless all do."""
    twins = [fitting_twin(engine.module)[0] for engine in ENGINES]
    files = [Path(twin.__file__) for twin in twins if twin is not None and twin.__file__]
    if len(files) < len(ENGINES):
        return {}
    return {str(file.relative_to(PACKAGE.parent)): file for file in files}


def build(folder: Path) -> dict[str, Path]:
    """Compile all engines in a folder.

    Returns
    -------
    dict of str to Path
        By the place of each below the package, the compiled file.

    Raises
    ------
    Exception
        Whatever Cython or the compiler has to say, or that there is none.
    """
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    found = {}
    for engine in ENGINES:
        file = write(engine, folder)
        extension = Extension(engine.twin, [str(file)], extra_compile_args=_flags())
        made = cythonize([extension], build_dir=str(folder), quiet=True, force=True)
        command = build_ext(Distribution({"ext_modules": made}))
        command.force = True
        command.build_lib, command.build_temp = str(folder / "lib"), str(folder / "temp")
        command.ensure_finalized()
        command.run()
        compiled = Path(command.get_ext_fullpath(engine.twin))
        found[str(compiled.relative_to(folder / "lib"))] = compiled
    return found


def _flags() -> list[str]:
    """Helpers merged into the loop, as numba does it; stores next to one another not joined."""
    if sys.platform == "win32":
        return []
    inline = "-DCYTHON_INLINE=inline __attribute__((always_inline))"
    return ["-O2", "-fwrapv", "-fno-tree-vectorize", "-g0", "-w", inline]


def build_in_place() -> None:
    """Compile all engines and put each beside its source."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as name:
        for place, file in build(Path(name)).items():
            target = PACKAGE.parent / place
            part = target.with_name(f"{target.name}.{os.getpid()}")
            part.write_bytes(file.read_bytes())
            part.replace(target)


if __name__ == "__main__":
    build_in_place()
