"""Pictures behind fsspec: its file system in memory, and its local one."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from deployments.contract.errors import NotFound, StorageFull
from deployments.storage.pictures import CoverStore, RemoteStore, open_store
from tests.deployments.sets import NAME


@pytest.fixture(params=["memory", "file"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "memory":
        return f"memory://{uuid.uuid4().hex}/covers"
    return f"file://{tmp_path}/covers"


def test_pictures_are_kept_and_deleted(url: str) -> None:
    store = RemoteStore(url)
    store.save(NAME, [b"best", b"second"])
    assert RemoteStore(url).read(NAME, 2) == b"second"
    store.save(NAME, [b"new"])
    assert store.read(NAME, 1) == b"new"
    store.delete(NAME)
    store.delete(NAME)
    with pytest.raises(NotFound, match="rank 1"):
        store.read(NAME, 1)


@pytest.mark.parametrize("name", ["", "..", "../x", NAME.upper()])
def test_what_is_no_id_never_becomes_a_path(url: str, name: str) -> None:
    store = RemoteStore(url)
    for act in (lambda: store.read(name, 1), lambda: store.delete(name)):
        with pytest.raises(NotFound):
            act()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageFull):
        RemoteStore(f"file://{tmp_path}/file").save(NAME, [b"png"])


@pytest.mark.parametrize("url", ["nonsense://x", "s3://bucket/covers"])
def test_unknown_storage_is_refused_at_the_start(url: str, tmp_path: Path) -> None:
    """s3 needs a package that the project does not bring along; the message names it."""
    with pytest.raises(ValueError, match=r"images\.url"):
        open_store(url, tmp_path)


def test_without_a_url_it_is_the_data_folder(tmp_path: Path) -> None:
    assert isinstance(open_store(None, tmp_path), CoverStore)
