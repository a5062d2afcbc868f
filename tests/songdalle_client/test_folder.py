from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from songdalle_client import CoverRequest, ServiceError, SongDalle
from songdalle_client.folder import DESCRIPTION, SHEET, FolderRefused, check_folder, save
from tests.songdalle_client.service import FakeService, picture


def test_a_folder_is_made(tmp_path: Path) -> None:
    check_folder(tmp_path / "a" / "b", overwrite=False)
    assert list((tmp_path / "a" / "b").iterdir()) == []
    check_folder(tmp_path / "a" / "b", overwrite=False)


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(FolderRefused, match="--overwrite"):
        check_folder(tmp_path, overwrite=False)
    check_folder(tmp_path, overwrite=True)
    for place in (tmp_path / "x", tmp_path / "x" / "y"):
        with pytest.raises(FolderRefused):
            check_folder(place, overwrite=True)


def draw_and_save(service: FakeService, folder: Path) -> list[Path]:
    async def run() -> list[Path]:
        async with SongDalle(service.url) as client:
            made = await client.make(CoverRequest(lyrics="la", candidates=2))
            return await save(client, made, folder)

    return asyncio.run(run())


def test_a_set_becomes_files(tmp_path: Path) -> None:
    with FakeService() as service:
        paths = draw_and_save(service, tmp_path / "covers")
    assert [path.name for path in paths] == ["01.png", "02.png"]
    assert paths[1].read_bytes() == picture(40)
    names = {path.name for path in (tmp_path / "covers").iterdir()}
    assert names == {"01.png", "02.png", SHEET, DESCRIPTION}
    assert json.loads((tmp_path / "covers" / DESCRIPTION).read_text())["lyrics"] == "la"


def test_nothing_is_written_if_a_cover_is_missing(tmp_path: Path) -> None:
    with FakeService(missing=True) as service, pytest.raises(ServiceError, match="no such picture"):
        draw_and_save(service, tmp_path / "covers")
    assert not (tmp_path / "covers").exists()
