from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

Song = Callable[..., dict[str, Any]]


def rate(client: TestClient, made: dict[str, Any], **rating: Any) -> int:
    return client.put(f"/v1/covers/{made['id']}/ratings", json=rating).status_code


def test_ratings_are_summed_up(client: TestClient, song: Song) -> None:
    empty = client.get("/v1/ratings/summary").json()
    assert (empty["count"], empty["satisfaction"], empty["mood_agreement"]) == (0, None, None)
    painted, plain = (
        client.post("/v1/covers", json=song(candidates=2, style=style)).json()
        for style in ("painting", None)
    )
    liked = {"felt_mood": "Joyful", "favourite": True, "favourite_style": "painting"}
    assert rate(client, painted, rank=1, satisfaction=5, **liked) == 204
    other = {"felt_mood": "Sadness", "favourite_style": "pop art"}
    assert rate(client, painted, rank=2, satisfaction=2, **other) == 204
    assert rate(client, plain, rank=1, satisfaction=1) == 204
    assert client.get("/v1/ratings/summary").json() == {
        "count": 3,
        "satisfaction": 2.667,
        "favourites": 1,
        "moods_told": 2,
        "mood_agreement": 0.5,
        "felt_moods": {"Joyful": {"Joyful": 1, "Sadness": 1}},
        "favourite_styles": {"painting": 1, "pop art": 1},
        "by_style": [
            {"name": "painting", "count": 2, "satisfaction": 3.5, "favourites": 1},
            {"name": "", "count": 1, "satisfaction": 1.0, "favourites": 0},
        ],
        "by_mood": [{"name": "Joyful", "count": 3, "satisfaction": 2.667, "favourites": 1}],
        "survey": [],
    }


def test_a_second_thought_replaces_the_first(client: TestClient, song: Song) -> None:
    made = client.post("/v1/covers", json=song(candidates=1)).json()
    assert rate(client, made, rank=1, satisfaction=1) == 204
    assert rate(client, made, rank=1, satisfaction=4) == 204
    summary = client.get("/v1/ratings/summary").json()
    assert (summary["count"], summary["satisfaction"]) == (1, 4)
    client.delete(f"/v1/covers/{made['id']}")
    assert client.get("/v1/ratings/summary").json()["count"] == 0


@pytest.mark.parametrize(
    ("rating", "status"),
    [
        ({"rank": 2, "satisfaction": 3}, 404),
        ({"rank": 0, "satisfaction": 3}, 422),
        ({"rank": 1, "satisfaction": 6}, 422),
        ({"rank": 1}, 422),
        ({"rank": 1, "satisfaction": 3, "felt_mood": "bored"}, 422),
        ({"rank": 1, "satisfaction": 3, "favourite_style": "<b>"}, 422),
        ({"rank": 1, "satisfaction": 3, "stars": 3}, 422),
    ],
)
def test_odd_ratings_are_refused(
    client: TestClient, song: Song, rating: dict[str, Any], status: int
) -> None:
    made = client.post("/v1/covers", json=song(candidates=1)).json()
    assert rate(client, made, **rating) == status


def test_what_is_not_there_cannot_be_rated(client: TestClient) -> None:
    assert rate(client, {"id": "0" * 32}, rank=1, satisfaction=3) == 404


def test_ones_own_ratings_are_told(client: TestClient, song: Song) -> None:
    made = client.post("/v1/covers", json=song(candidates=3)).json()
    path = f"/v1/covers/{made['id']}/ratings"
    assert client.get(path).json() == {"ratings": []}
    assert rate(client, made, rank=3, satisfaction=2) == 204
    first = {
        "rank": 1,
        "satisfaction": 5,
        "felt_mood": "Power",
        "favourite": True,
        "favourite_style": "poster",
    }
    assert rate(client, made, **first) == 204
    plain = {"satisfaction": 2, "felt_mood": None, "favourite": False, "favourite_style": None}
    assert client.get(path).json() == {"ratings": [first, {"rank": 3, **plain}]}
    assert client.get(f"/v1/covers/{'0' * 32}/ratings").status_code == 404
