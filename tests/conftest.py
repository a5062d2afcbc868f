"""Groups of tests that share something heavy; tiny models in the published formats; a way to be offline."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from scripts.benchmarks.stages import checkpoints

HEAVY = ("serve", "web", "faults")
"""Folders whose tests share a cluster or a browser: one process runs all of a folder, and begins with it."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each process of pytest-xdist whole folders or files, those first that take longest."""
    here = Path(__file__).parent

    def folder(item: pytest.Item) -> str:
        return item.path.relative_to(here).parts[0]

    for item in items:
        group = folder(item) if folder(item) in HEAVY else str(item.path.relative_to(here))
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: HEAVY.index(folder(item)) if folder(item) in HEAVY else len(HEAVY))


EMOTIONS = ("happy", "sad", "angry", "afraid", "neutral")
"""Labels of the `emotions` model."""


@pytest.fixture
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any use of the network is an error."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("tried to use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="session")
def kobart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoints.write_kobart(tmp_path_factory.mktemp("models") / "kobart")


@pytest.fixture(scope="session")
def kobert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoints.write_kobert(tmp_path_factory.mktemp("models") / "kobert")


@pytest.fixture(scope="session")
def kobert_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoints.write_kobert(tmp_path_factory.mktemp("models") / "base", head=False)


@pytest.fixture(scope="session")
def emotions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoints.write_classifier(tmp_path_factory.mktemp("models") / "emotions", EMOTIONS)


@pytest.fixture(scope="session")
def marian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoints.write_marian(tmp_path_factory.mktemp("models") / "marian")


@pytest.fixture(scope="session")
def nllb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoints.write_nllb(tmp_path_factory.mktemp("models") / "nllb")
