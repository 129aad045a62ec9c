"""Damaged inputs over every reader, and drawn machines through a run: a command, no test.

`python tests/robustness/campaign.py --inputs 20000 --machines 10000 --seed 1` prints what came
out, and every input that ended in anything but a value or one line; results/robustness.md keeps
the figures. Each input and each machine is drawn from the seed and its number alone, so that
`--first N --inputs 1` makes one of them again.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from draws import Draw, damaged, machine_changes
from readers import READERS, Reader
from runs import MACHINE_NAMES, check_many, check_one

from microbench.errors import MkbenchError
from microbench.machine.load import load_machine

MOST_BYTES = 6 << 30
SLOW_SECONDS = 10.0


def main() -> int:
    """Run the campaign; 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("inputs", 20_000), ("machines", 10_000), ("seed", 1), ("first", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    print(f"seed {asked.seed}, numbers from {asked.first}")
    failures = inputs(asked.seed, asked.first, asked.inputs)
    failures += machines(asked.seed, asked.first, asked.machines)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"failures {failures}, peak memory {peak} MB")
    return int(failures > 0)


def inputs(seed: int, first: int, count: int) -> int:
    """Feed damaged inputs to the readers in turn; how many failed."""
    found: Counter[tuple[str, str]] = Counter()
    slowest, failures = 0.0, 0
    with tempfile.TemporaryDirectory() as name:
        for number in range(first, first + count):
            reader = READERS[number % len(READERS)]
            draw = Draw(seed, number)
            outcome, seconds = one_input(reader, draw, Path(name))
            slowest = max(slowest, seconds)
            found[reader.name, outcome.partition(":")[0]] += 1
            if outcome.startswith("failed"):
                failures += 1
                print(f"input {number} of {reader.name}: {outcome}", flush=True)
    for reader in READERS:
        parts = [f"{o} {found[reader.name, o]}" for o in ("refused", "read", "equal", "failed")]
        print(f"  {reader.name:20} {', '.join(parts)}")
    total = {
        o: sum(n for (_, k), n in found.items() if k == o) for o in ("refused", "read", "equal")
    }
    print(f"inputs {count}: {total}, slowest {slowest:.2f} s")
    return failures


def one_input(reader: Reader, draw: Draw, folder: Path) -> tuple[str, float]:
    """What a reader makes of one damaged input, and how long it took [s]."""
    original = draw.choose(reader.originals())
    content = damaged(original, draw)
    start = time.monotonic()
    try:
        value = reader.read(content, folder)
        outcome = (
            "equal" if content == original or value == reader.read(original, folder) else "read"
        )
    except MkbenchError as error:
        text = str(error)
        outcome = "refused" if text.isprintable() and len(text) < 2000 else f"failed: says {text!r}"
    except reader.also:
        outcome = "refused"
    except Exception as error:
        outcome = f"failed: {type(error).__name__}: {error}"
    seconds = time.monotonic() - start
    return (outcome if seconds < SLOW_SECONDS else f"failed: {seconds:.0f} s"), seconds


def machines(seed: int, first: int, count: int) -> int:
    """Price drawn machines; how many gave something else than a value or a refusal."""
    found: Counter[str] = Counter()
    slowest, failures = 0.0, 0
    number, accepted = first, 0
    while accepted < count:
        draw = Draw(seed, number, "machine")
        many = number % 4 == 3
        start = time.monotonic()
        try:
            name = draw.choose(MACHINE_NAMES[many])
            spec = load_machine(name, many=many).with_(machine_changes(draw, many))
            accepted += 1
            problem = (check_many if many else check_one)(spec, draw)
            found["run"] += 1
        except MkbenchError:
            problem = ""
            found["refused"] += 1
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        seconds = time.monotonic() - start
        slowest = max(slowest, seconds)
        if problem or seconds > 6 * SLOW_SECONDS:
            failures += 1
            print(f"machine {number}: {problem or f'{seconds:.0f} s'}", flush=True)
        number += 1
    drawn = f"machines drawn {number - first}, accepted {accepted}"
    print(f"{drawn}: {dict(found)}, slowest {slowest:.2f} s")
    return failures


if __name__ == "__main__":
    sys.exit(main())
