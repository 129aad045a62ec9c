"""The words of the servers' protocols: labels, names as message words, replies."""

from __future__ import annotations

from enum import IntEnum

from microbench.l4.model import Message

MOST_NAME = 200
"""Longest name in a message [bytes]."""


class Label(IntEnum):
    """What a message asks for."""

    DONE = 0
    FAILED = 1
    PUBLISH = 10  # name server: a label has this thread
    FIND = 11  # who has a label; waits until somebody else than the given one has it
    PING = 20  # are you alive
    PONG = 21
    GONE = 22  # who was asked is there no more
    SESSION = 30  # share this memory
    READ_BLOCKS = 40
    WRITE_BLOCKS = 41
    OPEN = 50
    CLOSE = 51
    READ = 52
    WRITE = 53
    STAT = 54
    FSTAT = 55
    UNLINK = 56
    NULL = 57
    SYNC = 58
    DROP = 59
    FETCH = 70  # network server: a piece of a stream


ERRORS = ("", "ENOENT", "EBADF", "EIO", "ENOSPC", "ENAMETOOLONG", "EFBIG", "ENOTDIR")


def words_of(text: str) -> tuple[int, ...]:
    """A name as message words: its length, then four bytes a word."""
    raw = text.encode()
    padded = raw.ljust(-(-len(raw) // 4) * 4, b"\0")
    packed = (int.from_bytes(padded[i : i + 4], "little") for i in range(0, len(padded), 4))
    return (len(raw), *packed)


def text_of(words: tuple[int, ...]) -> str:
    """The name that message words hold."""
    raw = b"".join(word.to_bytes(4, "little") for word in words[1:])
    return raw[: words[0]].decode()


def done(*words: int) -> Message:
    """A good answer."""
    return Message(Label.DONE, words)


def failed(code: str) -> Message:
    """An error, by its name."""
    return Message(Label.FAILED, (ERRORS.index(code),))


def packed(numbers: list[int]) -> tuple[int, ...]:
    """Numbers below 256, four to a word."""
    return tuple(
        int.from_bytes(bytes(numbers[i : i + 4]), "little") for i in range(0, len(numbers), 4)
    )


def unpacked(words: tuple[int, ...], count: int) -> list[int]:
    """The first `count` numbers that were packed."""
    return list(b"".join(word.to_bytes(4, "little") for word in words)[:count])
