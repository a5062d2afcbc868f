from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deployments.errors import NotFound, StorageFull
from deployments.schemas import Cover, CoverSet, SentimentScores, WordNotes
from deployments.storage import UNFINISHED, CoverStore

NAME = "0123456789abcdef" * 2


@pytest.fixture
def covers() -> CoverSet:
    return CoverSet(
        id=NAME,
        created_at=datetime.now(UTC),
        status="done",
        title=None,
        artist=None,
        lyrics="바다",
        language="ko",
        summary="바다",
        translation="the sea",
        words=WordNotes(dropped=["뷁"], rude_removed=1),
        sentiment=SentimentScores(label="Power", scores={"Power": 1.0}),
        prompt="a painting of the sea",
        seed=1,
        models={"generator": "m"},
        timings={"total": 1.0},
        covers=[Cover(rank=1, score=0.5, seed=1, url="/x", b64_json="eA==")],
    )


def test_a_saved_set_comes_back_without_base64(tmp_path: Path, covers: CoverSet) -> None:
    store = CoverStore(tmp_path)
    store.save(covers, [b"png"])
    found = store.load(NAME)
    assert found.covers[0].b64_json is None
    assert found.model_copy(update={"covers": covers.covers}) == covers
    assert store.image(NAME, 1).read_bytes() == b"png"


def test_a_set_appears_whole_or_not_at_all(
    tmp_path: Path, covers: CoverSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = CoverStore(tmp_path)
    rename: Callable[..., None] = os.replace

    def watched(source: Path, target: Path) -> None:
        assert not store.folder.joinpath(NAME).exists()
        assert sorted(p.name for p in Path(source).iterdir()) == ["1.png", "covers.json"]
        rename(source, target)

    monkeypatch.setattr(os, "replace", watched)
    store.save(covers, [b"png"])
    assert [path.name for path in store.folder.iterdir()] == [NAME]


def test_a_failed_write_leaves_nothing(
    tmp_path: Path, covers: CoverSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = CoverStore(tmp_path)

    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(StorageFull, match="Input/output"):
        store.save(covers, [b"png"])
    assert list(store.folder.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../" + NAME, NAME + "/..", NAME + "\n", NAME.upper(), NAME[1:], "\0"]
)
def test_what_is_no_id_never_becomes_a_path(tmp_path: Path, covers: CoverSet, name: str) -> None:
    store = CoverStore(tmp_path)
    store.save(covers, [b"png"])
    with pytest.raises(NotFound, match="32 hexadecimal"):
        store.load(name)
    with pytest.raises(NotFound):
        store.image(name, 1)


def test_what_is_not_there_is_not_found(tmp_path: Path, covers: CoverSet) -> None:
    store = CoverStore(tmp_path)
    with pytest.raises(NotFound, match=NAME):
        store.load(NAME)
    store.save(covers, [b"png"])
    with pytest.raises(NotFound, match="rank 2"):
        store.image(NAME, 2)


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
