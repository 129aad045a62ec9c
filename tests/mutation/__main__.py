"""How many small faults do the tests of a room notice? Run by hand: a few seconds a fault.

    python -m tests.mutation [ROOM ...] [--sample N] [--seed S] [--only FILE]

Each fault is one change of one expression or statement of one file, in a copy of the package;
it is killed if the room's own tests fail or hang. The golden rows (`mkbench check`) are not
among them, nor are tests marked slow. A sample is drawn by seed from all changes of a room, in
the order of the source; those known to change nothing are left out of it and counted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.mutation.changes import Change, changed, changes
from tests.mutation.rooms import EQUIVALENT, LAST, LEFT_OUT, PLAIN, TESTS
from tests.mutation.trial import SAID, Written, copy, passes, preload


def files(place: Path, room: str, only: str = "") -> list[Path]:
    """The files of a room that are changed."""
    found = (place / "microbench" / room).rglob("*.py")
    return sorted(p for p in found if p.name not in LEFT_OUT and only in p.name)


def tests_for(place: Path, room: str, path: Path) -> tuple[list[str], list[str]]:
    """The room's test files named after the changed file; all others, the long ones last."""
    found: list[Path] = []
    for name in PLAIN.get(path.name, TESTS[room]):
        test = place / name
        found += sorted(test.rglob("test_*.py")) if test.is_dir() else [test]
    names = [str(test.relative_to(place)) for test in found if test.exists()]
    stem = path.stem.replace("_", "")
    near = [name for name in names if stem in name.replace("_", "")]
    others = [name for name in names if name not in near]
    return sorted(near, key=LAST.__contains__), sorted(others, key=LAST.__contains__)


def score(room: str, given: argparse.Namespace) -> tuple[int, int]:
    """Faults killed and tried."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        copy(place)
        everything = [c for path in files(place, room, given.only) for c in changes(path)]
        drawn = Random(given.seed).sample(everything, min(given.sample, len(everything)))
        tried = [c for c in drawn if (name_of(c, place), c.source, c.text) not in EQUIVALENT]
        if not passes(place, tests_for(place, room, Path("none"))[1]):
            print((place / SAID).read_text()[-3000:], file=sys.stderr)
            sys.exit(f"{room}: the tests fail without any change")
        dead = sum(is_killed(place, room, change) for change in tried)
    same, seconds = len(drawn) - len(tried), time.monotonic() - start
    left = f", {same} drawn that change nothing" if same else ""
    print(
        f"{room}: {dead} of {len(tried)} killed (of {len(everything)}, seed {given.seed}{left}; "
        f"{seconds:.0f} s)"
    )
    return dead, len(tried)


def name_of(change: Change, place: Path) -> str:
    """The file as one types it."""
    return str(change.path.relative_to(place / "microbench"))


def is_killed(place: Path, room: str, change: Change) -> bool:
    """Whether a test notices the change; one that lives is printed."""
    sys.dont_write_bytecode = True
    with Written(change.path, changed(change)):
        plain = change.path.name in PLAIN
        groups = filter(None, tests_for(place, room, change.path))
        lives = all(passes(place, tests, plain) for tests in groups)
    sys.dont_write_bytecode = False
    if lives:
        text = change.text.partition("\n")[0]
        where = f"{name_of(change, place)}:{change.line}"
        print(f"lives: {where} {change.kind} {text!r} in {change.source!r}", flush=True)
    return not lives


def main() -> None:
    """Print the score of each room asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("room", nargs="*", metavar="ROOM")
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="part of the names of the files to change")
    given = parser.parse_args()
    unknown = set(given.room) - set(TESTS)
    if unknown:
        parser.error(f"no room {' '.join(sorted(unknown))}; there are {' '.join(TESTS)}")
    preload()
    found = [score(room, given) for room in given.room or TESTS]
    dead, tried = map(sum, zip(*found, strict=True))
    print(f"all: {dead} of {tried} killed, {100 * dead / max(1, tried):.0f} %")


if __name__ == "__main__":
    main()
