"""Going on from a set: like one of its covers, a part anew, the same song again; and the family."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from deployments.contract.messages import CandidatePicture, DrawRequest
from deployments.pipeline.stage_calls import Stages
from deployments.stages.encoding import picture_of
from songdalle_core.seeds import CoverSeeds
from tests.deployments.conftest import Fake

Song = Callable[..., dict[str, Any]]
SHAPE = (2, 8, 8, 4)


@pytest.fixture
def drawings(stages: Stages) -> list[DrawRequest]:
    """What the generator is asked for; its covers have codes."""
    asked: list[DrawRequest] = []
    fake: Fake = stages.generator.target

    async def draw(drawing: DrawRequest) -> AsyncIterator[Sequence[CandidatePicture]]:
        asked.append(drawing)
        for i in range(drawing.candidates):
            pixels = np.full((64, 64, 3), 10 * i, dtype=np.uint8)
            codes = np.full(SHAPE, i, dtype=np.uint16)
            seed = drawing.seed + i
            yield (picture_of(pixels, drawing, i, seed, "fake", codes=codes),)

    fake.draw = draw  # type: ignore[method-assign]
    return asked


@pytest.fixture
def first(client: TestClient, song: Song, drawings: list[DrawRequest]) -> dict[str, Any]:
    made: dict[str, Any] = client.post("/v1/covers", json=song(candidates=3)).json()
    return made


def test_covers_like_another_take_over_what_is_asked(
    client: TestClient, song: Song, first: dict[str, Any], drawings: list[DrawRequest]
) -> None:
    parent = {"id": first["id"], "rank": 2, "codes": 0.5, "finish": True}
    made = client.post("/v1/covers", json=song(parent=parent, style="poster", seed=40)).json()
    assert made["parent"] == {**parent, "composition": False, "part": None}
    assert (made["prompt"], made["style"]) == (first["prompt"], first["style"])
    kept = drawings[-1].kept
    assert kept is not None
    assert kept.seeds == CoverSeeds.of(first["covers"][1]["seed"])
    assert (kept.share, kept.composition, kept.finish, kept.part) == (0.5, False, True, None)
    assert kept.codes.shape == SHAPE


def test_a_part_is_drawn_anew_with_all_else_kept(
    client: TestClient, song: Song, first: dict[str, Any], drawings: list[DrawRequest]
) -> None:
    part = {"layer": 1, "top": 2, "left": 0, "height": 6, "width": 8}
    order = song(parent={"id": first["id"], "rank": 1, "part": part})
    assert client.post("/v1/covers", json=order).status_code == 200
    kept = drawings[-1].kept
    assert kept is not None
    assert kept.part is not None
    assert (kept.part.layer, kept.part.height) == (1, 6)
    assert (kept.share, kept.composition, kept.finish) == (1.0, True, True)


def test_the_same_song_again_takes_nothing_over(
    client: TestClient, song: Song, first: dict[str, Any], drawings: list[DrawRequest]
) -> None:
    order = song(parent={"id": first["id"]}, style="poster", mood="Power")
    made = client.post("/v1/covers", json=order).json()
    assert drawings[-1].kept is None
    assert "a poster of" in made["prompt"]
    assert "power" in made["prompt"]


def test_a_set_has_a_family(client: TestClient, song: Song, first: dict[str, Any]) -> None:
    ids = [
        client.post("/v1/covers", json=song(parent={"id": first["id"]}, seed=seed)).json()["id"]
        for seed in (1, 2)
    ]
    family = client.get("/v1/covers", params={"parent": first["id"]}).json()["covers"]
    assert [one["id"] for one in family] == ids[::-1]
    assert {one["parent"] for one in family} == {first["id"]}
    assert client.get("/v1/covers", params={"parent": "f" * 32}).json()["covers"] == []
    assert client.get("/v1/covers", params={"parent": "x"}).status_code == 422
    assert "parent" not in client.get(f"/v1/covers/{first['id']}").json()
    assert client.get(f"/v1/covers/{ids[0]}").json()["parent"]["id"] == first["id"]


def test_a_parent_that_goes_leaves_its_children(
    client: TestClient, song: Song, first: dict[str, Any]
) -> None:
    child = client.post("/v1/covers", json=song(parent={"id": first["id"], "rank": 1})).json()
    assert client.delete(f"/v1/covers/{first['id']}").status_code == 204
    assert client.get(f"/v1/covers/{child['id']}").json()["parent"]["id"] == first["id"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": "f" * 32}, "parent.id"),
        ({"id": "x"}, "parent.id"),
        ({"rank": 4}, "parent.rank"),
        ({"codes": 1.5}, "parent.codes"),
        ({"codes": 1.0, "composition": True, "finish": True}, "parent"),
        (
            {"rank": None, "part": {"layer": 0, "top": 0, "left": 0, "height": 1, "width": 1}},
            "parent",
        ),
        ({"part": {"layer": 2, "top": 0, "left": 0, "height": 1, "width": 1}}, "parent.part"),
        ({"part": {"layer": 0, "top": 5, "left": 0, "height": 4, "width": 1}}, "parent.part"),
    ],
)
def test_a_refusal_names_the_field(
    client: TestClient, song: Song, first: dict[str, Any], changes: dict[str, Any], field: str
) -> None:
    parent = {"id": first["id"], "rank": 1} | changes
    response = client.post("/v1/covers", json=song(parent=parent))
    assert response.status_code == 422, response.text
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_another_prompt_cannot_keep_codes(
    client: TestClient, song: Song, first: dict[str, Any]
) -> None:
    parent = {"id": first["id"], "rank": 1}
    response = client.post("/v1/covers", json=song(parent=parent, prompt="a cat"))
    assert [error["field"] for error in response.json()["errors"]] == ["prompt"]
    free = song(parent={**parent, "codes": 0, "finish": True}, prompt="a cat")
    assert client.post("/v1/covers", json=free).json()["prompt"] == "a cat"


def test_a_cover_without_a_drawing_has_no_likes(
    client: TestClient, song: Song, tmp_path: Any, first: dict[str, Any]
) -> None:
    """As those of earlier versions of the program."""
    (tmp_path / "covers" / first["id"] / "1.drawing").unlink()
    response = client.post("/v1/covers", json=song(parent={"id": first["id"], "rank": 1}))
    assert [error["field"] for error in response.json()["errors"]] == ["parent.rank"]
