from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deployments.contract.errors import NotFound, StorageFull
from deployments.storage.pictures import UNFINISHED, CoverStore
from tests.deployments.sets import NAME


def test_a_saved_picture_comes_back(tmp_path: Path) -> None:
    store = CoverStore(tmp_path)
    store.save(NAME, [b"best", b"second"])
    assert store.read(NAME, 1) == b"best"
    assert store.read(NAME, 2) == b"second"


def test_a_set_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = CoverStore(tmp_path)
    rename: Callable[..., None] = os.replace

    def watched(source: Path, target: Path) -> None:
        assert not store.folder.joinpath(NAME).exists()
        assert sorted(p.name for p in Path(source).iterdir()) == ["1.png"]
        rename(source, target)

    monkeypatch.setattr(os, "replace", watched)
    store.save(NAME, [b"png"])
    assert [path.name for path in store.folder.iterdir()] == [NAME]


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = CoverStore(tmp_path)

    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(StorageFull, match="Input/output"):
        store.save(NAME, [b"png"])
    assert list(store.folder.iterdir()) == []


def test_a_second_attempt_replaces_the_first(tmp_path: Path) -> None:
    store = CoverStore(tmp_path)
    store.save(NAME, [b"one", b"two"])
    store.save(NAME, [b"new"])
    assert store.read(NAME, 1) == b"new"
    with pytest.raises(NotFound):
        store.read(NAME, 2)


def test_two_attempts_at_once_leave_one_whole_set(tmp_path: Path) -> None:
    store = CoverStore(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.save(NAME, [b"%d" % n] * 5), range(32)))
    assert len({store.read(NAME, rank) for rank in range(1, 6)}) == 1
    assert [path.name for path in store.folder.iterdir()] == [NAME]


def test_a_deleted_set_is_gone(tmp_path: Path) -> None:
    store = CoverStore(tmp_path)
    store.save(NAME, [b"png"])
    store.delete(NAME)
    store.delete(NAME)
    with pytest.raises(NotFound):
        store.read(NAME, 1)
    assert list(store.folder.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../" + NAME, NAME + "/..", NAME + "\n", NAME.upper(), NAME[1:], "\0"]
)
def test_what_is_no_id_never_becomes_a_path(tmp_path: Path, name: str) -> None:
    store = CoverStore(tmp_path)
    for act in (lambda: store.read(name, 1), lambda: store.delete(name)):
        with pytest.raises(NotFound, match="32 hexadecimal"):
            act()


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    store = CoverStore(tmp_path)
    with pytest.raises(NotFound, match=NAME):
        store.read(NAME, 1)
    store.save(NAME, [b"png"])
    with pytest.raises(NotFound, match="rank 2"):
        store.read(NAME, 2)


def test_what_a_crash_left_is_cleared_away_later(tmp_path: Path) -> None:
    folder = CoverStore(tmp_path).folder
    old, young = folder / f"{UNFINISHED}old", folder / f"{UNFINISHED}young"
    for left in (old, young):
        left.mkdir()
        (left / "1.png").write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    CoverStore(tmp_path)
    assert not old.exists()
    assert young.exists()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFull, match="data folder"):
        CoverStore(tmp_path / "file")
