"""sel4bench's JSON: cycles of IPC and of other operations of seL4, each with its spread.

Rows of the IPC fast path are named as `lat_ipc` names them; everything else keeps the words of
the file. Cycles stay cycles: the file does not tell the clock.
"""

from __future__ import annotations

from typing import Any

from microbench.measured.reading import Gathered, Reading, finite, text_of
from microbench.measured.source import Source

NUMBERS = ("Min", "Max", "Mean", "Stddev", "Variance", "Samples", "Median", "Mode")
METRICS = {
    ("seL4_Call", "client->server"): "call",
    ("seL4_ReplyRecv", "server->client"): "reply",
}


def recognises(source: Source) -> bool:
    """Whether the JSON is a list of benchmarks with results."""
    body = source.json
    return (
        isinstance(body, list)
        and bool(body)
        and all(isinstance(b, dict) and "Benchmark" in b and "Results" in b for b in body)
    )


def read(source: Source, machine: str) -> Reading:
    """Read every result that has a mean.

    Raises
    ------
    InputError
        Naming the key that is missing or no number.
    """
    gathered = Gathered(machine)
    for i, group in enumerate(source.json):
        title = text_of(group["Benchmark"], source, f"[{i}].Benchmark")
        results = group["Results"]
        if not isinstance(results, list):
            results = [results]
        for j, result in enumerate(results):
            where = f"[{i}].Results[{j}]"
            if not isinstance(result, dict) or "Mean" not in result:
                gathered.unread.append(f"{where} of {title}: no mean")
                continue
            _result(source, gathered, title, result, where)
    return gathered.reading("sel4bench")


def _result(
    source: Source, gathered: Gathered, title: str, result: dict[str, Any], where: str
) -> None:
    mean = finite(result["Mean"], source, f"{where}.Mean")
    low = finite(result.get("Min", mean), source, f"{where}.Min")
    high = finite(result.get("Max", mean), source, f"{where}.Max")
    metric = METRICS.get((str(result.get("Function")), str(result.get("Direction"))))
    about = {"low": low, "high": high, "cycles": round(mean)}
    if metric is not None and _plain(result):
        same = "--same-space " if result.get("Same vspace?") is True else ""
        words = result.get("IPC length", 0)
        sent = f"--words {words} " if words else ""
        args = f"{sent}{same}--kernel sel4"
        gathered.add("lat_ipc", args, mean, "cycles", metric=metric, **about)
        return
    said = [
        f"{key}={value}" for key, value in result.items() if isinstance(value, str | bool | int)
        if key not in NUMBERS
    ]  # fmt: skip
    gathered.add(title, ", ".join(said), mean, "cycles", **about)


def _plain(result: dict[str, Any]) -> bool:
    """Equal priorities and no other condition: what `lat_ipc` models."""
    return result.get("Client Prio") == result.get("Server Prio")
