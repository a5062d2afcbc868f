"""Groups of tests that share something heavy; tiny models in the published formats; a way to be offline."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from scripts.benchmarks.stages import checkpoints

HEAVY = {"faults": "clusters", "serve": "clusters", "web": "browser"}
"""Folders whose tests share something heavy, in the order in which they begin, and the group they are of.

One process runs a group, so that never two clusters run at once; that of `faults` ends with its folder.
"""


HERE = Path(__file__).parent


def group_of(nodeid: str) -> str:
    """The tests that one process runs: those of a heavy folder, or of a file."""
    path = nodeid.partition("::")[0]
    folder = path.removeprefix("tests/").partition("/")[0]
    return HEAVY.get(folder, path)


class GroupScheduling(LoadScopeScheduling):
    """Gives each process of pytest-xdist a group at a time.

    Its own `--dist loadgroup` does not see the groups of pytest 9.2, whose node ids are no plain strings.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling:
    """Schedule by `group_of`, whatever `--dist` says."""
    return GroupScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the heavy folders, which take longest."""
    places = {folder: place for place, folder in enumerate(HEAVY)}
    items.sort(key=lambda item: places.get(item.path.relative_to(HERE).parts[0], len(HEAVY)))


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
