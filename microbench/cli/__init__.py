"""The command `mkbench`: one module per subcommand, imported only when it is called.

Here is what must be there before anything else is: an interruption at any moment, a closed
stream and a mistake nobody thought of all end as one line and an exit code (`_exit`).
"""

from __future__ import annotations

import sys

COMMANDS = {
    "list": "Benchmarks, systems, machines and tables.",
    "run": "Run one benchmark, with lmbench's own arguments.",
    "table": "A published table: modelled, published, error.",
    "explain": "Where the cycles went, and what makes the difference.",
    "validate": "How far to trust the model.",
    "calibrate": "Set the calibrated numbers on their rows.",
    "show": "A machine, a kernel's paths or a source.",
    "baseline": "Store results as a baseline.",
    "check": "Rerun a baseline and compare.",
    "compare": "Compare two result files.",
    "export": "Every table as CSV, Markdown and LaTeX.",
    "plot": "Figures as files.",
    "trace": "Record a trace, price it, or write a timeline.",
    "sweep": "One benchmark over many machine variants.",
    "sensitivity": "How much each row hangs on each number.",
    "measured": "Results of lmbench, sel4bench and others, as rows.",
    "host": "Measure this machine; make a machine file of it.",
    "app": "What another structure would cost your program.",
    "report": "One page with every table, and why each row is so.",
    "exercises": "Six questions for a course, and what answers them.",
    "help": "What a word of mkbench means.",
    "smp": "Operations on many CPUs at once: run, ask, check.",
}
"""Name to one line of help. Each has a module `microbench.cli.NAME` with a `command`."""


def main() -> None:
    """Run the command; whatever ends it early is one line on stderr and an exit code."""
    try:
        from microbench.cli._exit import guarded

        code = guarded(_command)
    except KeyboardInterrupt:
        sys.stderr.write("mkbench: interrupted\n")
        code = 130
    if code:
        sys.exit(code)


def _command() -> None:
    from microbench.cli._group import run

    run(sys.argv[1:])
