"""Releases over HTTP: the file itself, what is said of it, and what is refused."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from deployments.contract.release import FACTS, release_url
from songdalle_core.provenance import SOURCE_TYPE
from songdalle_core.release.rules import check_release

Song = Callable[..., dict[str, Any]]
SMALL = {"size": 1000}


@pytest.fixture
def made(client: TestClient, song: Song) -> dict[str, Any]:
    answer: dict[str, Any] = client.post(
        "/v1/covers", json=song(candidates=2, title="노란 풍선", artist="김하늘")
    ).json()
    return answer


def test_a_release_keeps_the_stores_rules(client: TestClient, made: dict[str, Any]) -> None:
    response = client.post(release_url(made["id"], 1), json=SMALL)
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/jpeg"
    assert f"{made['id']}-1-front.jpg" in response.headers["content-disposition"]
    assert all(finding.kept for finding in check_release(response.content, 1000))
    facts = json.loads(response.headers[FACTS])
    assert (facts["size"], facts["bytes"], facts["fits"]) == (1000, len(response.content), True)
    assert (facts["made"], facts["notice"], facts["signed"]) == ("enlarged", "visible", False)
    assert facts["layout"] != "none"
    assert "노란 풍선".encode() in response.content  # the set's own title, in XMP


def test_the_notice_goes_into_the_metadata_on_demand(
    client: TestClient, made: dict[str, Any]
) -> None:
    plain = {**SMALL, "layout": "none", "format": "png"}
    files = {
        notice: client.post(release_url(made["id"], 1), json={**plain, "notice": notice}).content
        for notice in (True, False)
    }
    shown, hidden = (np.asarray(Image.open(io.BytesIO(files[notice]))) for notice in (True, False))
    apart = np.argwhere((shown != hidden).any(axis=2))
    assert (apart.min(axis=0) > (900, 700)).all()  # the corner, and nothing else
    assert SOURCE_TYPE.encode() in files[False]


def test_a_back_lists_the_tracks(client: TestClient, made: dict[str, Any]) -> None:
    asked = {**SMALL, "face": "back", "tracks": ["하나", "Two"]}
    response = client.post(release_url(made["id"], 2), json=asked)
    assert response.status_code == 200
    assert "-2-back.jpg" in response.headers["content-disposition"]
    front = client.post(release_url(made["id"], 2), json=SMALL).content
    assert response.content != front


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"size": 999}, "size"),
        ({"size": 3001}, "size"),
        ({"format": "tiff"}, "format"),
        ({"layout": "spiral"}, "layout"),
        ({"title": "a" * 201}, "title"),
        ({"title": "😀"}, "title"),
        ({"title": "가" * 200, "layout": "corner"}, "title"),
        ({"title": "", "artist": "", "layout": "corner"}, "title"),
        ({"artist": "ก"}, "artist"),
        ({"face": "back"}, "tracks"),
        ({"face": "back", "tracks": ["a"] * 41}, "tracks"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_refusal_names_the_field(
    client: TestClient, made: dict[str, Any], changes: dict[str, Any], field: str
) -> None:
    response = client.post(release_url(made["id"], 1), json={**SMALL, **changes})
    assert response.status_code == 422, response.text
    assert [error["field"].partition(".")[0] for error in response.json()["errors"]] == [field]


def test_what_is_not_there_is_not_found(client: TestClient, made: dict[str, Any]) -> None:
    assert client.post(release_url(made["id"], 3), json=SMALL).status_code == 404
    assert client.post(release_url("0" * 32, 1), json=SMALL).status_code == 404
    assert client.post(release_url(made["id"], 1), content=b"{}").status_code == 415
