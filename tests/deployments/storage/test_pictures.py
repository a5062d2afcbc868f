"""Pictures in the data folder, and behind fsspec: its file system in memory, and its local one."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deployments.config.application import ImagesOptions
from deployments.contract.errors import NotFound, StorageFull
from deployments.storage.pictures import UNFINISHED, CoverStore, RemoteStore, open_store
from tests.deployments.sets import NAME


def test_a_saved_picture_comes_back(tmp_path: Path) -> None:
    store = CoverStore(tmp_path)
    store.save(NAME, [b"best", b"second"])
    assert store.read(NAME, 1) == b"best"
    assert store.read(NAME, 2) == b"second"


def test_what_a_picture_was_drawn_from_is_beside_it(tmp_path: Path) -> None:
    store = CoverStore(tmp_path)
    store.save(NAME, [b"best", b"second"], [b"its codes", b"other codes"])
    assert store.drawing(NAME, 2) == b"other codes"
    store.save(NAME, [b"best"])
    with pytest.raises(NotFound, match="rank 1"):
        store.drawing(NAME, 1)


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


@pytest.fixture(params=["memory", "file"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "memory":
        return f"memory://{uuid.uuid4().hex}/covers"
    return f"file://{tmp_path}/covers"


def test_remote_pictures_are_saved_and_deleted(url: str) -> None:
    store = RemoteStore(url)
    store.save(NAME, [b"best", b"second"], [b"its codes", b"other codes"])
    assert RemoteStore(url).read(NAME, 2) == b"second"
    assert RemoteStore(url).drawing(NAME, 2) == b"other codes"
    store.save(NAME, [b"new"])
    assert store.read(NAME, 1) == b"new"
    store.delete(NAME)
    store.delete(NAME)
    with pytest.raises(NotFound, match="rank 1"):
        store.read(NAME, 1)


@pytest.mark.parametrize("name", ["", "..", "../x", NAME.upper()])
def test_what_is_no_id_never_becomes_a_remote_path(url: str, name: str) -> None:
    store = RemoteStore(url)
    for act in (lambda: store.read(name, 1), lambda: store.delete(name)):
        with pytest.raises(NotFound):
            act()


def test_a_remote_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageFull):
        RemoteStore(f"file://{tmp_path}/file").save(NAME, [b"png"])


@pytest.mark.parametrize("url", ["nonsense://x", "gs://bucket/covers"])
def test_unknown_storage_is_refused_at_the_start(url: str, tmp_path: Path) -> None:
    """gs needs a package that the project does not bring along; the message names it."""
    with pytest.raises(ValueError, match=r"images\.url"):
        open_store(ImagesOptions(url=url), tmp_path)


def test_without_a_url_it_is_the_data_folder(tmp_path: Path) -> None:
    assert isinstance(open_store(ImagesOptions(), tmp_path), CoverStore)
