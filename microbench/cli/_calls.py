"""What `run` and `explain` are asked for: variants on systems, and what is said beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from microbench.cli._options import Where
from microbench.cli._say import say_caveats, say_idle
from microbench.errors import UsageError

if TYPE_CHECKING:
    from microbench.run.calls import Pair
    from microbench.run.setup import Setup
    from microbench.workloads.registry import FileBench

OLD_KERNEL = "linux-2.6.12"
"""Of the functional systems; `--kernel NAME` is an older way to ask for any other."""


class Meant(NamedTuple):
    """A call of a benchmark.

    Attributes
    ----------
    setup : Setup
    calls : list of list of Pair
        Each variant on each system.
    kind : str
        Of what is played, "recorded" only where nothing else is.
    notes : list of str
        What was said on stderr about the machine and the kernels.
    """

    setup: Setup
    calls: list[list[Pair]]
    kind: str
    notes: list[str]


def meant(
    benchmark: str, args: Sequence[str], where: Where, quiet: bool, beside: bool = False
) -> Meant:
    """What a call asks for; a machine of today runs its own kernel if no system is named.

    Raises
    ------
    UsageError
        For unknown names, bad arguments, or what was not recorded.
    """
    from microbench.run.calls import calls, own_kernel
    from microbench.run.setup import prepare
    from microbench.workloads.base import kind_of

    rest, kernel = _kernel(benchmark, args)
    setup = prepare(where.machine, where.settings)
    asked = [*(where.systems or []), *([kernel] if kernel not in ("", OLD_KERNEL) else [])]
    own = None if asked or kernel else own_kernel(benchmark, rest, setup)
    try:
        found = calls(benchmark, rest, asked or own, setup, beside)
    except UsageError as error:
        more = f"; --kernel {OLD_KERNEL} replays the old one" if own else ""
        raise UsageError(f"{error}{more}") from None
    say_idle(benchmark, rest, quiet)
    pairs = [pair for variant in found for pair in variant]
    replayed = dict.fromkeys(s for w, s in pairs if kind_of(w) == "recorded")
    kind = next((k for w, _ in pairs if (k := kind_of(w)) != "recorded"), "recorded")
    return Meant(setup, found, kind, say_caveats(setup, kind, quiet, list(replayed)))


def file_calls(benchmark: str, args: Sequence[str], where: Where) -> list[FileBench]:
    """The variants of a benchmark of files; `--system` names structures, as `--fs` does.

    Raises
    ------
    UsageError
        For bad arguments.
    """
    from microbench.workloads.registry import file_benches

    words = ["--fs", ",".join(where.systems)] if where.systems else []
    return file_benches(benchmark, [*args, *words])


def _kernel(benchmark: str, args: Sequence[str]) -> tuple[list[str], str]:
    """The arguments without `--kernel NAME`, and the name; an IPC's own stays with it."""
    rest, kernel = [], ""
    words = iter(args)
    for word in words:
        name, equals, value = word.partition("=")
        if name != "--kernel" or benchmark == "lat_ipc":
            rest.append(word)
            continue
        kernel = value if equals else next(words, "")
        if not kernel:
            raise UsageError("--kernel: write the name of a kernel; see `mkbench list kernels`")
    return rest, kernel
