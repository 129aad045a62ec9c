"""Which tests answer for which room, the quick ones first, and which changes change nothing."""

from __future__ import annotations

TESTS = {
    "l4": ["tests/l4"],
    "linux": [
        "tests/linux",
        "tests/servers/test_fuse_counts.py",
        "tests/servers/test_same_bytes.py",
    ],
    "machine": ["tests/machine"],
    "ipc": ["tests/ipc", "tests/systems/test_ipc_queued.py", "tests/systems/test_ipc_system.py"],
    "run": ["tests/run"],
    "store": ["tests/store", "tests/report/test_files.py", "tests/cli/test_gate.py"],
}
"""Those named after a changed file go before the others; at the first failure it is over."""
LAST = (
    *("tests/l4/test_random.py", "tests/l4/test_paths.py", "tests/servers/test_same_bytes.py"),
    *("tests/run/test_account.py", "tests/run/test_many.py", "tests/machine/test_oracle.py"),
    *("tests/machine/test_retiming.py", "tests/machine/test_manual.py"),
)
"""Files that take seconds: behind the others, where they are not named after the changed file."""
SKIPPED = (
    "tests/run/test_failure_rows.py",
    "tests/machine/test_manual.py::test_a_recorded_trace",
    "tests/machine/test_oracle.py::test_recorded_traces",
    "tests/machine/test_retiming.py::test_recorded_traces",
)
"""Too long for every fault; others say the same of a part in a tenth of the time."""
PLAIN = {"core_engine.py": ["tests/machine/test_core.py", "tests/machine/test_core_rules.py"]}
"""An engine whose compiled twin fits no changed text: it is run as Python, on its own tests."""
LEFT_OUT = {"__init__.py", "engine.py"}
"""The engine is held against the manual, tick for tick, on random traces."""
_SLOTS = "another slot: no address of a raw message is relocated"
_NEITHER = "the path touches neither buffer nor port"
_RAW = 'kernel.name, "swi", fast, in_registers, False, True, False, True, self.most_words'
EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("ipc/memory.py", "key = (kind, number, 0)", "0"): "no user page has a kernel object's name",
    ("ipc/synchronous.py", "NEVER = -1", "1"): "any number below zero: no message is as short",
    ("ipc/synchronous.py", "CALLER, SERVER = 100, 200", "100"): "nobody else is ready",
    ("ipc/synchronous.py", "CALLER, SERVER = 100, 200", "200"): "nobody else is ready",
    ("ipc/synchronous.py", _RAW, "False"): "nobody else is ready, and nothing faults",
    ("ipc/synchronous.py", "first = self._space(1)", "1"): _SLOTS,
    ("ipc/synchronous.py", "second = first if same_space else self._space(2)", "2"): _SLOTS,
    ("ipc/synchronous.py", "FRAMES = 1 << 10", "1"): "more memory than two threads need",
    ("ipc/synchronous.py", "FRAMES = 1 << 10", "10"): "more memory than two threads need",
    ("ipc/memory.py", 'key = (f"text {name}", 0, 0)', "0"): "a name no object has, as before",
    ("ipc/queued.py", 'self._path("schedule", previous, 0, 0, following)', "0"): _NEITHER,
    ("ipc/queued.py", 'self._path("switch", previous, 0, 0, following)', "0"): _NEITHER,
    (
        "ipc/sink.py",
        "text = page.at(at, LINE * shape.code_lines)",
        "LINE * shape.code_lines",
    ): "only where the code begins is asked",
    ("machine/manual.py", "self.now, self.place = 0, 0", "0"): "only differences of time are told",
    (
        "machine/pricing.py",
        "self._slots = slots(self.parameters, trace.pages).reshape(-1)",
        "1",
    ): "any length below zero is worked out",
    (
        "machine/manual.py",
        "row = dict(zip(ops.LOOP_COLUMNS, self.trace.loops[number].tolist(), strict=True))",
        "True",
    ): "as many columns as names, always",
    (
        "machine/parameters.py",
        '(e.P_OQUEUE, 3 * max(1, int(spec.value("write_queue.entries")))),',
        "3",
    ): "more room than the queue needs",
    ("machine/parameters.py", "return size + 1 + entries + keys", "1"): "a place more than needed",
    (
        "run/caveats.py",
        'own = dict(setting.split("=", 1) for setting in about.settings)',
        "1",
    ): "no word of a machine has an equals sign",
}
"""File, line and text of a change that nobody can notice: why."""
