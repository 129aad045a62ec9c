"""bw_file_rd: a cached file read and summed.

One iteration of `io_only` is a seek, reads of up to 64 KiB until the size is reached, each
summed, and one more read, which returns nothing: three calls for a small file.
`open2close` opens and closes instead of seeking.
"""

from __future__ import annotations

from functools import partial

from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.workloads.base import OnePart, Part, Workload, size_and_kind
from microbench.workloads.programs.usercode import walk

TRANSFER_BYTES = 65_536
BUFFER_VA = 0x0040_0000
MODES = ("io_only", "open2close")


def parse(args: list[str]) -> list[Workload]:
    """A size and a mode.

    Raises
    ------
    UsageError
        For anything else.
    """
    text, size, mode = size_and_kind("bw_file_rd", args, MODES)
    passes = Part("pass", partial(_passes, size, mode))
    return [OnePart("bw_file_rd", f"{text} {mode}", passes, size)]


def _passes(size: int, mode: str, iterations: int, linux: Linux) -> None:
    def program(linux: Linux, process: Process) -> Program:
        file = linux.file(bytes(i % 251 for i in range(size)))
        buffer = linux.host.user_memory(process, "buffer", BUFFER_VA, TRANSFER_BYTES)
        for turn in range(iterations):
            if mode == "io_only":
                yield from linux.seek(process, file, 0)
            else:
                yield from linux.simple(process, "open")
                file.position = 0
            while True:
                part = yield from linux.read_file(process, file, buffer, TRANSFER_BYTES)
                process.output.append(len(part))
                if not part:
                    break
                walk(linux, process, "sum", buffer, None, len(part), 4)
            if mode == "open2close":
                yield from linux.simple(process, "close")
            linux.host.recorder.mark(turn)

    linux.spawn("bw_file_rd", program)
