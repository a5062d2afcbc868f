"""Tiny models in the published formats, built once a session, and a machine without a network."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from scripts.benchmarks.stages import checkpoints

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
