"""The name server: who has a label now.

Whoever lost a partner asks for the next one of that label and is answered when there is one;
nobody polls.
"""

from __future__ import annotations

from typing import Any

from microbench.l4.calls import Ipc, call, receive, send
from microbench.l4.model import ANY, Message, Result
from microbench.servers.messages import Label, done, text_of, words_of
from microbench.servers.tasks import Exit, Run, Task


def find(names: int, label: str, old: int) -> Any:
    """Who has a label now, other than `old`; whoever asks a dead name server ends."""
    answer: Result = yield call(names, Message(Label.FIND, (old, *words_of(label))))
    while answer.error is not None:
        yield Exit()
    return answer.message.words[0]


def name_server() -> Task:
    """The server's loop."""
    known: dict[str, int] = {}
    waiting: list[tuple[int, str, int]] = []
    got: Result = yield receive()
    while True:
        yield Run("name_lookup")
        reply: Message | None = None
        if got.message.label == Label.PUBLISH:
            label = text_of(got.message.words[1:])
            known[label] = got.message.words[0]
            for caller, wanted, old in [w for w in waiting if w[1] == label]:
                waiting.remove((caller, wanted, old))
                yield send(caller, done(known[label]), waits=False)
            reply = done()
        elif got.message.label == Label.FIND:
            old, label = got.message.words[0], text_of(got.message.words[1:])
            if known.get(label, old) != old:
                reply = done(known[label])
            else:
                waiting.append((got.sender, label, old))
        elif got.message.label == Label.PING:
            reply = Message(Label.PONG)
        if reply is None:
            got = yield receive()
        else:
            got = yield Ipc(got.sender, ANY, reply, send_waits=False)
