"""Compile the engines when mkbench is built or installed; without a compiler, go on without."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AheadHook(BuildHookInterface):
    """Engines in the wheel, or in place where the installation is editable."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and say where the compiled files belong."""
        sys.path.insert(0, self.root)
        try:
            from microbench.ahead.build import REUSE, build, build_in_place, in_place

            if version == "editable":
                build_in_place()
                return
            kept = in_place() if os.environ.get(REUSE) else {}
            found = kept or build(Path(mkdtemp()))
        except (Exception, SystemExit) as error:  # whatever a compiler or its absence may say
            said = " ".join(str(error).split())[:200]
            self.app.display_warning(f"engines are compiled at the first run instead: {said}")
            return
        finally:
            sys.path.remove(self.root)
        build_data["force_include"].update({str(file): place for place, file in found.items()})
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
