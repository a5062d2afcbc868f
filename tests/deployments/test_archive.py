"""The zip file of a set."""

from __future__ import annotations

import io
import json
import zipfile

from deployments.archive import pack
from songdalle_core.provenance import NOTICE
from tests.deployments.sets import covers


def test_pictures_and_facts_come_with_the_notice() -> None:
    archive = zipfile.ZipFile(io.BytesIO(pack(covers(title="바다"), lambda rank: b"png%d" % rank)))
    assert archive.testzip() is None
    assert archive.namelist() == ["NOTICE.txt", "covers.json", "1.png"]
    assert archive.read("1.png") == b"png1"
    notice = archive.read("NOTICE.txt").decode()
    assert notice.startswith(NOTICE)
    assert "a painting of the sea" in notice
    assert "AI가" in notice
    assert archive.getinfo("1.png").date_time == (2026, 11, 24, 12, 30, 0)  # zip knows even seconds


def test_the_lyrics_stay_out_of_it() -> None:
    archive = zipfile.ZipFile(io.BytesIO(pack(covers(), lambda rank: b"")))
    facts = json.loads(archive.read("covers.json"))
    assert "lyrics" not in facts
    assert facts["covers"][0]["seed"] == 1


def test_the_same_set_gives_the_same_bytes() -> None:
    assert pack(covers(), lambda rank: b"x") == pack(covers(), lambda rank: b"x")
