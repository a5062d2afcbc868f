from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

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
