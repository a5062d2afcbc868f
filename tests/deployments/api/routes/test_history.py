from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

Song = Callable[..., dict[str, Any]]


def test_what_was_drawn_is_listed(client: TestClient, song: Song) -> None:
    made = [client.post("/v1/covers", json=song(candidates=1, title=t)).json() for t in "abc"]
    page = client.get("/v1/covers", params={"limit": 2}).json()
    assert [summary["id"] for summary in page["covers"]] == [made[2]["id"], made[1]["id"]]
    rest = client.get("/v1/covers", params={"limit": 2, "before": page["next"]}).json()
    assert [summary["id"] for summary in rest["covers"]] == [made[0]["id"]]
    assert rest["next"] is None
    assert client.get(page["covers"][0]["image_url"]).status_code == 200


def test_what_was_drawn_is_found(client: TestClient, song: Song) -> None:
    client.post("/v1/covers", json=song(candidates=1, title="Silver Sea"))
    client.post("/v1/covers", json=song(candidates=1, title="Other"))

    def titles(**asked: Any) -> list[str]:
        summaries = client.get("/v1/covers", params=asked).json()["covers"]
        return [summary["title"] for summary in summaries]

    assert titles(q="silver") == ["Silver Sea"]
    assert titles(mood="Joyful") == ["Other", "Silver Sea"]
    assert titles(mood="Sadness") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", 0), ("limit", 101), ("before", "x"), ("mood", "sad"), ("q", "x" * 201)],
)
def test_odd_questions_are_refused(client: TestClient, name: str, value: Any) -> None:
    response = client.get("/v1/covers", params={name: value})
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [name]


def test_all_of_it_is_deleted(client: TestClient, song: Song) -> None:
    made = client.post("/v1/covers", json=song(candidates=1)).json()
    assert client.delete("/v1/covers").status_code == 204
    assert client.get("/v1/covers").json() == {"covers": [], "next": None}
    assert client.get(made["covers"][0]["url"]).status_code == 404
