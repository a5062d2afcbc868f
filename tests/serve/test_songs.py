"""Songs over the running application, and from a found song to its covers."""

from __future__ import annotations

import httpx2

from tests.serve.conftest import Draw
from tests.serve.lyrics_provider import DOWN, LYRICS


def test_from_a_title_to_covers(client: httpx2.Client, draw: Draw) -> None:
    (song,) = client.get("/v1/songs", params={"q": "등불 심지"}).json()["songs"]
    assert song == {
        "id": "lrclib:4711", "provider": "lrclib", "title": "등불", "artist": "심지",
        "album": "작은 불빛", "seconds": 61,
    }  # fmt: skip
    chosen = client.get(f"/v1/songs/{song['id']}").json()
    assert chosen == song | {"lyrics": LYRICS}
    made = draw(chosen["lyrics"], title=chosen["title"], candidates=1)
    assert made.status_code == 200, made.text


def test_nothing_found(client: httpx2.Client) -> None:
    assert client.get("/v1/songs?q=nobody+sings+this").json() == {"songs": []}
    missing = client.get("/v1/songs/lrclib:5")
    assert (missing.status_code, missing.headers["content-type"]) == (
        404,
        "application/problem+json",
    )


def test_a_provider_that_is_down_does_not_bring_the_service_down(client: httpx2.Client) -> None:
    answer = client.get(f"/v1/songs?q={DOWN}")
    assert answer.status_code == 502
    assert "LRCLIB" in answer.json()["detail"]
    assert client.get("/healthz").status_code == 200
