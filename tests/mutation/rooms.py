"""Which tests answer for which room, the quick ones first, and which changes change nothing."""

from __future__ import annotations

TESTS = {
    "l4": ["tests/l4"],
    "linux": ["tests/linux", "tests/servers"],
    "machine": ["tests/machine"],
    "ipc": ["tests/ipc", "tests/systems/test_ipc_queued.py", "tests/systems/test_ipc_system.py"],
    "run": ["tests/run"],
    "store": ["tests/store", "tests/report/test_files.py", "tests/cli/test_gate.py"],
}
"""Those named after a changed file go before the others; at the first failure it is over."""
LEFT_OUT = {"__init__.py", "engine.py", "manual.py"}
"""The engine is held against the manual, tick for tick, on random traces."""
EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("ipc/memory.py", "key = (kind, number, 0)", "0"): "no user page has a kernel object's name",
}
"""File, line and text of a change that nobody can notice: why."""
