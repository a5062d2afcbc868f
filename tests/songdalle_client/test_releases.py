"""Releases at the command line: the zip file, what is said of it, and what is refused beforehand."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any, get_args

import pytest

from deployments.contract import release as contract
from songdalle_client import releases
from songdalle_client.cli import Exit, main
from songdalle_client.releases import HOW
from songdalle_core import release as core
from tests.songdalle_client.service import FakeService


def run(service: FakeService, *arguments: object) -> int:
    return main([str(one) for one in (*arguments, "--server", service.url)])


@pytest.fixture
def job(tmp_path: Path) -> Any:
    """A service with a finished set, and the set's id."""
    lyrics = tmp_path / "lyrics.txt"
    lyrics.write_text("a lamp on the hill")
    with FakeService() as service:
        run(service, "cover", lyrics, "--out", tmp_path / "covers", "--candidates", 2)
        (id,) = service.jobs
        yield service, id


def test_front_back_and_how_they_were_made_are_one_file(
    job: tuple[FakeService, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service, id = job
    out = tmp_path / "sleeve.zip"
    names = ("--title", "노란 풍선", "--artist", "김하늘", "--track", "하나", "--track", "Two")
    more = ("--layout", "split", "--no-notice", "--out", out)
    assert run(service, "release", id, "--rank", 2, *names, *more) == Exit.DONE
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == ["front.jpg", "back.jpg", HOW]
        assert (archive.read("front.jpg"), archive.read("back.jpg")) == (b"front", b"back")
        text = archive.read(HOW).decode()
    assert text.startswith("Image created by AI")
    assert "in its metadata alone" in text
    assert f"Set: {id}, cover 2" in text
    assert "front.jpg: 3000 x 3000" in text
    front, back = service.releases
    assert front == {
        "title": "노란 풍선", "artist": "김하늘", "layout": "split",
        "notice": False, "size": 3000, "format": "jpeg",
    }  # fmt: skip
    assert back == {**front, "face": "back", "tracks": ["하나", "Two"]}
    assert "say that an AI drew it" in capsys.readouterr().err


def test_without_tracks_there_is_no_back_and_a_file_too_large_is_said(
    job: tuple[FakeService, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service, id = job
    monkeypatch.chdir(tmp_path)
    assert run(service, "release", id, "--format", "png", "--size", 1000, "--json") == Exit.DONE
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["file"] == f"release-{id}-1.zip"
    assert said["front"]["size"] == 1000
    with zipfile.ZipFile(io.BytesIO((tmp_path / said["file"]).read_bytes())) as archive:
        assert archive.namelist() == ["front.png", HOW]
        assert "It says so in its corner" in archive.read(HOW).decode()
    assert run(service, "release", id, "--format", "png", "--overwrite") == Exit.DONE
    assert "over 10 MB" in capsys.readouterr().err


def test_what_cannot_be_is_refused_before_anything_is_made(
    job: tuple[FakeService, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service, id = job
    there = tmp_path / "there.zip"
    there.write_text("mine")
    assert run(service, "release", id, "--out", there) == Exit.REFUSED
    assert run(service, "release", id, "--rank", 3, "--out", tmp_path / "a.zip") == Exit.REFUSED
    assert run(service, "release", "f" * 32, "--out", tmp_path / "a.zip") == Exit.REFUSED
    said = capsys.readouterr().err
    assert "add --overwrite" in said
    assert "no cover of rank 3" in said
    assert there.read_text() == "mine"
    assert service.releases == []


def test_names_and_limits_are_those_of_the_service() -> None:
    assert releases.FACTS == contract.FACTS
    assert (releases.LAYOUTS, releases.FORMATS) == (core.LAYOUTS, core.FORMATS)
    assert (releases.SMALLEST_SIDE, releases.LARGEST_SIDE) == (
        core.SMALLEST_SIDE,
        core.LARGEST_SIDE,
    )
    assert releases.MAX_TRACKS == core.MAX_TRACKS
    assert get_args(releases.Layout) == get_args(core.Layout)
    assert set(releases.ReleaseRequest.model_fields) == set(contract.ReleaseRequest.model_fields)
    assert set(releases.ReleaseFacts.model_fields) == set(contract.ReleaseFacts.model_fields)
