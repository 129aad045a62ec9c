"""lat_proc: a procedure call, and processes that are forked, exec'd and waited for.

fork is fork, exit and wait; exec adds execve of a one-line dynamic program; shell runs it
through the shell, which execs its last command itself. How many pages, mappings and entries
that touches follows from the address spaces; what the programs are is described in
`data/workloads/images.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from microbench.linux.exec import STACK_TOP
from microbench.linux.exit import exit_process, wait
from microbench.linux.fork import fork
from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.workloads.base import IMAGES, Metric, Part, Workload, latency, one_or_more
from microbench.workloads.programs.images import images_of
from microbench.workloads.programs.startup import Running, start
from microbench.workloads.programs.usermode import UserCode, shape

KINDS = ("procedure", "fork", "exec", "shell")
CALLS = 64  # procedure calls in one iteration
FORK_EXIT = 1
WARM_UP, COUNTED = 1, 2  # the start of the benchmark itself lies in the first process


class LatProc:
    """One kind of process creation."""

    name = "lat_proc"

    def __init__(self, kind: str) -> None:
        self.args = kind

    def parts(self) -> list[Part]:
        """The loop."""
        if self.args == "procedure":
            return [Part("process", _procedures, WARM_UP, COUNTED)]
        build = partial(_processes, self.args)
        return [Part("process", build, WARM_UP, COUNTED, needs=IMAGES)]

    def metrics(self, cycles: Mapping[str, float], clock_hz: float) -> list[Metric]:
        """One call, or one process from fork to wait [us]."""
        share = CALLS if self.args == "procedure" else 1
        return [latency(cycles["process"] / share, clock_hz)]


def parse(args: list[str]) -> list[Workload]:
    """One or more kinds.

    Raises
    ------
    UsageError
        For an unknown kind, or none.
    """
    return [LatProc(kind) for kind in one_or_more("lat_proc", args, KINDS)]


def _procedures(iterations: int, linux: Linux) -> None:
    def program(linux: Linux, process: Process) -> Program:
        text = process.user("user_text")
        regions = {name: process.user(name) for name in ("user_stack", "user_data")}
        total = 0
        for turn in range(iterations):
            for _ in range(CALLS):
                linux.host.recorder.path(shape("procedure"), text=text, **regions)
                total += 1
            linux.host.recorder.mark(turn)
        process.output.append(total)
        return
        yield

    linux.spawn("procedure", program)


def _processes(kind: str, iterations: int, linux: Linux) -> None:
    linux.spawn("lat_proc", partial(_parent, kind, iterations))


def _parent(kind: str, iterations: int, linux: Linux, process: Process) -> Program:
    running = yield from start(linux, process, "lat_proc")
    for turn in range(iterations):
        yield from fork(linux, process, kind, partial(_child, kind, running))
        process.output.append((yield from wait(linux, process)))
        _parent_work(linux, running)
        linux.host.recorder.mark(turn)


def _parent_work(linux: Linux, running: Running) -> None:
    """Pages the parent writes before it forks again."""
    number, user = images_of(linux).fork, running.user
    user.write(STACK_TOP - number["parent_stack"], number["parent_stack"])
    user.write(running.objects["program"].data, number["parent_data"])
    user.write(running.objects["libc"].data, number["parent_libc_data"])


def _child(kind: str, running: Running, linux: Linux, child: Process) -> Program:
    child.open_files = images_of(linux).programs["lat_proc"].number["files"]
    _child_work(running, linux, child)
    code = FORK_EXIT
    if kind != "fork":
        yield from linux.simple(child, "close")
        child.open_files -= 1
        if kind == "shell":
            yield from start(linux, child, "sh")
        yield from start(linux, child, "hello")
        yield from linux.simple(child, "write_null")
        code = 0
    yield from exit_process(linux, child, code)


def _child_work(running: Running, linux: Linux, child: Process) -> None:
    """What the child runs and writes in its copy of the parent's space."""
    images = images_of(linux)
    number, at = images.fork, running.objects
    user = UserCode(linux, child, STACK_TOP - 1, at["ld"].data)
    user.write(STACK_TOP - number["child_stack"], number["child_stack"])
    user.write(at["program"].data, number["child_data"])
    user.write(at["libc"].data, number["child_libc_data"])
    user.write(at["ld"].data, number["child_ld_data"])
    pages = list(_child_pages(running, number["child_text"]))
    lines = images.loader["page_lines"]
    for page in pages:
        user.run(page, max(number["child_instructions"] // len(pages), lines), lines)
    tables = [page for page in pages if page >= at["libc"].text]
    for i in range(number["child_symbols"]):
        user.look_up(at["ld"].text + 1, tables, i, images.loader["lookup_instructions"])


def _child_pages(running: Running, count: int) -> Iterable[int]:
    """Text pages of the program, the loader and the C library, in turn; the most of the last."""
    at = running.objects
    program = [at["program"].text + i for i in range(min(2, count))]
    loader = [at["ld"].text + 1 + i for i in range(min(2, count - len(program)))]
    rest = count - len(program) - len(loader)
    return program + loader + [at["libc"].text + i for i in range(rest)]
