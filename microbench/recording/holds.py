"""Lock holds in recorded operations: from an atomic that takes a lock to the store that frees it.

Knows: a lock is taken by a locked instruction in a locking function and freed by a store to the
same word in an unlocking function; the caller is the last function before that is neither.
Refuses to know: cycles, and which object a lock belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from microbench.recording.arrays import R_FETCH, R_PRIVILEGED, R_STORE, RecordedFile

LOCKED = "locked"
HELPERS = ("_raw", "native_queued", "queued_", "down_", "up_", "__cond_resched")
FREE = ("unlock", "up_read", "up_write")


@dataclass(frozen=True)
class Hold:
    """One hold of one lock.

    Attributes
    ----------
    caller, lock : str
        Function that takes it, and the locking function.
    instructions : int
        Executed between taking and freeing.
    """

    caller: str
    lock: str
    instructions: int


@cache
def holds(recording: RecordedFile, operation: str) -> tuple[Hold, ...]:
    """Every hold of an operation, in the order in which locks are freed; looked for once."""
    rows = recording.columns(operation)
    names = recording.texts("fn_names")
    locked = recording.texts("kind4_names").index(LOCKED)
    fetched = np.where(rows["kind"] == R_FETCH, rows["n"], 0)
    executed = np.cumsum(fetched)
    open_holds: dict[int, tuple[int, str, str]] = {}
    found, caller = [], ""
    for i in range(len(executed)):
        kind, name, word = int(rows["kind"][i]), names[int(rows["fn"][i])], int(rows["addr"][i])
        if kind == R_FETCH and not name.startswith(HELPERS):
            caller = name
        elif kind == R_PRIVILEGED and word and int(rows["n"][i]) == locked:
            open_holds.setdefault(word, (int(executed[i]), caller, name))
        elif kind == R_STORE and word in open_holds and any(mark in name for mark in FREE):
            since, who, lock = open_holds.pop(word)
            found.append(Hold(who, lock, int(executed[i]) - since))
    return tuple(found)


def mean_hold(recording: RecordedFile, operation: str, caller: str, lock: str = "") -> float:
    """Mean instructions a function holds a lock for; 0 if it never does."""
    own = [
        hold.instructions
        for hold in holds(recording, operation)
        if hold.caller == caller and hold.lock.startswith(lock)
    ]
    return float(np.mean(own)) if own else 0.0
