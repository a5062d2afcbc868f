from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from deployments.contract.errors import NotFound
from deployments.storage import people_pictures
from deployments.storage.people_pictures import PeoplePictures


def test_pictures_are_found_by_the_title_of_their_song(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "심지 - 등불!.webp")
    Image.new("RGB", (5, 5)).save(tmp_path / "Sky.jpg")
    (tmp_path / "notes.txt").write_text("no picture")
    pictures = PeoplePictures(tmp_path)
    assert len(pictures.names) == 2
    lamp, sky = pictures.titled("등불"), pictures.titled("SKY")
    assert lamp != sky
    assert pictures.titled("sea") is pictures.titled(None) is pictures.titled("") is None
    assert lamp is not None
    content, kind = pictures.read(lamp)
    assert (content[:4], kind) == (b"RIFF", "image/webp")
    (tmp_path / "심지 - 등불!.webp").unlink()
    for name in (lamp, "0" * 32):
        with pytest.raises(NotFound):
            pictures.read(name)


def test_a_folder_without_pictures_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PeoplePictures(None).names == []
    with pytest.raises(ValueError, match="holds no picture"):
        PeoplePictures(tmp_path)
    with pytest.raises(ValueError, match="No such file"):
        PeoplePictures(tmp_path / "none")
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    monkeypatch.setattr(people_pictures, "MOST_BYTES", 10)
    with pytest.raises(ValueError, match=r"a.png has more than 10 MB"):
        PeoplePictures(tmp_path)
