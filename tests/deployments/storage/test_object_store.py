"""Pictures in a bucket of moto's S3 server."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from deployments.config.application import ImagesOptions
from deployments.contract.errors import NotFound, PicturesUnavailable, StorageFull
from deployments.storage import object_store
from deployments.storage.object_store import ObjectStore
from deployments.storage.pictures import open_store
from tests.deployments.buckets import KEYS, new_bucket, s3_server
from tests.deployments.sets import NAME
from tests.serve.conftest import free_port

OTHER = NAME[::-1]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with s3_server() as url:
        yield url


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bucket(server: str) -> str:
    return new_bucket(server)


@pytest.fixture
def store(server: str, bucket: str) -> ObjectStore:
    return ObjectStore(f"s3://{bucket}/some/covers", server)


def test_a_saved_picture_comes_back_at_another_process(
    store: ObjectStore, server: str, bucket: str, tmp_path: Path
) -> None:
    store.save(NAME, [b"best", b"second"])
    options = ImagesOptions(url=f"s3://{bucket}/some/covers/", endpoint_url=server)
    other = open_store(options, tmp_path)
    assert isinstance(other, ObjectStore)
    assert other.read(NAME, 1) == b"best"
    assert other.read(NAME, 2) == b"second"


def test_what_a_picture_was_drawn_from_is_beside_it(store: ObjectStore) -> None:
    store.save(NAME, [b"best", b"second"], [b"its codes", b"other codes"])
    assert store.drawing(NAME, 2) == b"other codes"
    store.delete(NAME)
    with pytest.raises(NotFound):
        store.drawing(NAME, 2)


def test_a_second_attempt_replaces_the_first(store: ObjectStore) -> None:
    store.save(NAME, [b"one", b"two"], [b"first", b"second"])
    store.save(NAME, [b"new"])
    assert store.read(NAME, 1) == b"new"
    with pytest.raises(NotFound, match="rank 2"):
        store.read(NAME, 2)
    with pytest.raises(NotFound, match="rank 1"):
        store.drawing(NAME, 1)


def test_a_deleted_set_is_gone_and_no_other(store: ObjectStore) -> None:
    store.save(NAME, [b"png"] * 12)
    store.save(OTHER, [b"png"])
    store.delete(NAME)
    store.delete(NAME)
    with pytest.raises(NotFound):
        store.read(NAME, 1)
    assert store.read(OTHER, 1) == b"png"


def test_many_threads_share_it(store: ObjectStore) -> None:
    names = [f"{number:032x}" for number in range(16)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: store.save(name, [name.encode()] * 6), names))
        assert list(pool.map(lambda name: store.read(name, 6), names)) == [
            n.encode() for n in names
        ]


def test_a_set_that_fails_half_way_leaves_nothing(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put: Any = store._put

    def failing(path: str, png: bytes) -> None:
        if path.endswith("/3.png"):
            raise OSError("no more room")
        put(path, png)

    monkeypatch.setattr(store, "_put", failing)
    with pytest.raises(StorageFull, match="no more room"):
        store.save(NAME, [b"png"] * 4)
    for rank in range(1, 5):
        with pytest.raises(NotFound):
            store.read(NAME, rank)


@pytest.mark.parametrize("name", ["", "..", "../x", NAME.upper(), NAME + "\n"])
def test_what_is_no_id_never_becomes_a_key(store: ObjectStore, name: str) -> None:
    for act in (
        lambda: store.read(name, 1),
        lambda: store.delete(name),
        lambda: store.save(name, [b"png"]),
    ):
        with pytest.raises(NotFound, match="32 hexadecimal"):
            act()


def test_a_server_that_went_away_is_told_in_time(
    bucket: str, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_store, "RETRIES", 1)
    with s3_server() as url:
        store = ObjectStore(f"s3://{new_bucket(url)}", url)
    with pytest.raises(PicturesUnavailable, match="try again"):
        store.read(NAME, 1)
    with pytest.raises(PicturesUnavailable):
        store.delete(NAME)
    with pytest.raises(StorageFull, match="cannot be stored") as failed:
        store.save(NAME, [b"png"])
    assert "\n" not in str(failed.value)


def test_a_bucket_that_cannot_be_used_is_refused_at_the_start(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StorageFull, match=r"cannot use the bucket nowhere/covers: .*404"):
        ObjectStore("s3://nowhere/covers", server)
    monkeypatch.setattr(object_store, "RETRIES", 0)
    with pytest.raises(StorageFull, match="cannot use the bucket nowhere"):
        ObjectStore("s3://nowhere", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(ValueError, match="names no bucket"):
        ObjectStore("s3://", server)


def test_without_the_package_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "obstore", None)
    with pytest.raises(ValueError, match="needs obstore"):
        ObjectStore("s3://bucket")


def test_an_endpoint_goes_with_a_bucket() -> None:
    with pytest.raises(ValueError, match=r"goes with an images\.url"):
        ImagesOptions(endpoint_url="http://127.0.0.1:9000")
