"""A server for the tests of downloads, and no waiting between retries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from huggingface_hub import constants

from scripts.operations.weights import transfer
from tests.scripts.operations.weights.file_server import FileServer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    # `make test` forbids the hub; these tests put a server of their own in its place
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with FileServer().running() as running:
        yield running


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the code under test would have slept."""
    slept: list[float] = []
    monkeypatch.setattr(transfer, "sleep", slept.append)
    return slept
