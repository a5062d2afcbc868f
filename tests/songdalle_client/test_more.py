"""Going on from a set at the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from songdalle_client.cli import Exit, main
from tests.songdalle_client.service import FakeService


def run(service: FakeService, *arguments: object) -> int:
    return main([str(one) for one in (*arguments, "--server", service.url)])


@pytest.fixture
def first(tmp_path: Path) -> Iterator[tuple[FakeService, str]]:
    """A service with a finished set, and the set's id."""
    lyrics = tmp_path / "lyrics.txt"
    lyrics.write_text("a lamp on the hill")
    with FakeService() as service:
        run(service, "cover", lyrics, "--out", tmp_path / "covers", "--style", "poster")
        (id,) = service.jobs
        yield service, id


def test_covers_like_one_of_a_set(first: tuple[FakeService, str], tmp_path: Path) -> None:
    service, id = first
    out = ("--out", tmp_path / "more", "--candidates", 3, "--seed", 9)
    knobs = ("--rank", 3, "--codes", 0.7, "--keep", "composition")
    assert run(service, "more", id, *knobs, *out) == Exit.DONE
    assert (tmp_path / "more" / "03.png").exists()
    body = list(service.jobs.values())[-1].body
    assert body["parent"] == {"id": id, "rank": 3, "codes": 0.7, "composition": True}
    assert (body["lyrics"], body["candidates"], body["seed"]) == ("a lamp on the hill", 3, 9)


def test_a_part_anew_and_the_same_song_again(
    first: tuple[FakeService, str], tmp_path: Path
) -> None:
    service, id = first
    assert (
        run(service, "more", id, "--rank", 1, "--part", "0,2,2,4,4", "--out", tmp_path / "a") == 0
    )
    part = {"layer": 0, "top": 2, "left": 2, "height": 4, "width": 4}
    assert list(service.jobs.values())[-1].body["parent"]["part"] == part
    assert run(service, "more", id, "--mood", "Power", "--out", tmp_path / "b") == Exit.DONE
    body = list(service.jobs.values())[-1].body
    assert (body["parent"], body["mood"], body["style"]) == ({"id": id}, "Power", "poster")


def test_what_cannot_be_is_said(
    first: tuple[FakeService, str], capsys: pytest.CaptureFixture[str]
) -> None:
    service, id = first
    assert run(service, "more", id, "--part", "0,2,2,4,4") == Exit.REFUSED
    assert "name it with --rank" in capsys.readouterr().err
    for wrong in (("--codes", "2"), ("--codes", "x"), ("--part", "1,2"), ("--part", "a,b,c,d,e")):
        with pytest.raises(SystemExit):
            run(service, "more", id, *wrong)
    assert len(service.jobs) == 1
