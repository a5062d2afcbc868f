from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from deployments.api.routes.archive import pack
from songdalle_core.provenance import NOTICE
from tests.deployments.sets import covers

Song = Callable[..., dict[str, Any]]


def test_a_set_is_one_file(client: TestClient, song: Song) -> None:
    made = client.post("/v1/covers", json=song(candidates=3)).json()
    response = client.get(f"/v1/covers/{made['id']}/covers.zip")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/zip"
    assert "attachment" in response.headers["content-disposition"]
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    for cover in made["covers"]:
        assert archive.read(f"{cover['rank']}.png") == client.get(cover["url"]).content


def test_without_covers_there_is_no_file(client: TestClient) -> None:
    assert client.get(f"/v1/covers/{'0' * 32}/covers.zip").status_code == 404


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
