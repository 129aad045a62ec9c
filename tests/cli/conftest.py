"""The command in a directory of its own, over rows that stand for the engine's."""

from __future__ import annotations

from pathlib import Path

import gate_fake
import pytest
from gate_fake import Run


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> gate_fake.Fake:
    monkeypatch.chdir(tmp_path)
    return gate_fake.install(monkeypatch)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, fake: gate_fake.Fake) -> Run:
    return lambda *words: gate_fake.run(monkeypatch, *words)
