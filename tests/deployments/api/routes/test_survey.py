from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from deployments.api.application import build_api
from deployments.api.service import Service
from deployments.config.application import SurveyOptions
from deployments.pipeline.stage_calls import Stages

Song = Callable[..., dict[str, Any]]
LINES = (
    "A balloon over the sea",
    "a cat by the window",
    "the moon and a tree",
    "a guitar on the beach",
)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    folder = tmp_path / "people"
    folder.mkdir()
    for number, name in enumerate(("Simji - Lamp", "Sky")):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(folder / f"{name}.png")
    return folder


@pytest.fixture
def asking(stages: Stages, tmp_path: Path, people: Path) -> Iterator[TestClient]:
    options = SurveyOptions(enabled=True, covers_by_people=people)
    service = Service(stages, tmp_path / "data", upscale=1, survey=options)
    with TestClient(build_api(service), raise_server_exceptions=False) as client:
        yield client


def draw(client: TestClient, song: Song) -> list[dict[str, Any]]:
    return [
        client.post("/v1/covers", json=song(lyrics=line, candidates=2)).json() for line in LINES
    ]


def questions(client: TestClient) -> dict[str, dict[str, Any]]:
    """One of each kind."""
    found: dict[str, dict[str, Any]] = {}
    for _ in range(400):
        question = client.get("/v1/survey/question").json()
        found.setdefault(question["question"], question)
        if len(found) == 5:
            return found
    raise AssertionError(f"only {list(found)} were asked")


def answer(client: TestClient, question: dict[str, Any], word: str) -> Any:
    body = {name: question[name] for name in ("question", "pictures")} | {"answer": word}
    return client.post("/v1/survey/answers", json=body)


def test_it_is_off_unless_switched_on(client: TestClient) -> None:
    assert client.get("/survey").status_code == 404
    assert client.get("/v1/survey/question").status_code == 404
    assert "/v1/survey/question" not in client.get("/openapi.json").json()["paths"]


def test_without_covers_there_is_nothing_to_ask(asking: TestClient) -> None:
    answer = asking.get("/v1/survey/question")
    assert answer.status_code == 404
    assert "draw some first" in answer.json()["detail"]


def test_all_five_questions_are_asked_answered_and_summed_up(
    asking: TestClient, song: Song
) -> None:
    made = {cover["id"]: cover for cover in draw(asking, song)}
    found = questions(asking)
    for question in found.values():
        for url in question["urls"]:
            assert asking.get(url).headers["content-type"] == "image/png"
    ours = [["." in name for name in found[kind]["pictures"]] for kind in ("maker", "pair")]
    assert sorted(ours[1]) == [False, True]

    maker = "ai" if ours[0][0] else "person"
    verdict = answer(asking, found["maker"], maker).json()
    assert verdict == {"right": True, "truth": maker, "made_by": [maker]}
    wrong = "1" if ours[1][0] else "2"
    verdict = answer(asking, found["pair"], wrong).json()
    assert verdict["right"] is False
    assert verdict["made_by"][int(verdict["truth"]) - 1] == "person"
    assert found["fits"]["words"] in LINES
    assert answer(asking, found["fits"], "partly").json()["right"] is None
    assert answer(asking, found["mood"], "Joyful").json()["right"] is True
    assert answer(asking, found["mood"], "Power").json()["truth"] == "Joyful"
    about = made[found["keyword"]["pictures"][0].partition(".")[0]]
    drawn = [word for word in found["keyword"]["choices"] if word in about["translation"].split()]
    assert len(drawn) == 1
    assert len(found["keyword"]["choices"]) == 4
    assert answer(asking, found["keyword"], drawn[0]).json()["right"] is True

    survey = {row["question"]: row for row in asking.get("/v1/ratings/summary").json()["survey"]}
    assert {kind: (row["count"], row["right"]) for kind, row in survey.items()} == {
        "maker": (1, 1), "pair": (1, 0), "fits": (1, None), "mood": (2, 1), "keyword": (1, 1),
    }  # fmt: skip
    assert survey["fits"]["answers"] == {"yes": 0, "partly": 1, "no": 0}
    assert survey["mood"]["share"] == 0.5
    assert survey["mood"]["low"] < 0.5 < survey["mood"]["high"]
    assert survey["mood"]["chance"] == 0.2
    asking.delete("/v1/covers")
    left = {row["question"] for row in asking.get("/v1/ratings/summary").json()["survey"]}
    assert left == ({"maker"} if maker == "person" else set()), "answers go with their covers"


def test_a_songs_own_cover_is_the_one_beside_ours(asking: TestClient, song: Song) -> None:
    asking.post("/v1/covers", json=song(title="Lamp", candidates=1))
    seen = Counter(
        name
        for _ in range(80)
        for question in [asking.get("/v1/survey/question").json()]
        if question["question"] == "pair"
        for name in question["pictures"]
        if "." not in name
    )
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"answer": "maybe"}, 422),
        ({"question": "age"}, 422),
        ({"pictures": []}, 422),
        ({"pictures": ["../../etc/passwd"]}, 422),
        ({"pictures": [f"{'0' * 32}.1"]}, 404),
        ({"stars": 3}, 422),
        ({"question": "pair", "answer": "1"}, 422),
    ],
)
def test_odd_answers_are_refused(
    asking: TestClient, song: Song, changes: dict[str, Any], status: int
) -> None:
    made = draw(asking, song)[0]
    body = {"question": "fits", "pictures": [f"{made['id']}.1"], "answer": "yes"}
    assert asking.post("/v1/survey/answers", json=body).status_code == 200
    assert asking.post("/v1/survey/answers", json=body | changes).status_code == status


def test_two_pictures_of_ours_are_no_pair(asking: TestClient, song: Song) -> None:
    made = draw(asking, song)[0]
    body = {"question": "pair", "pictures": [f"{made['id']}.{n}" for n in (1, 2)], "answer": "1"}
    assert asking.post("/v1/survey/answers", json=body).status_code == 404


@pytest.mark.parametrize("picture", ["0" * 32, f"{'0' * 32}.1", f"{'0' * 32}.0"])
def test_a_picture_that_is_not_there(asking: TestClient, picture: str) -> None:
    assert asking.get(f"/v1/survey/pictures/{picture}").status_code == 404


def test_without_covers_of_people_two_questions_are_not_asked(
    stages: Stages, tmp_path: Path, song: Song
) -> None:
    service = Service(stages, tmp_path, upscale=1, survey=SurveyOptions(enabled=True))
    with TestClient(build_api(service)) as client:
        draw(client, song)
        kinds = {client.get("/v1/survey/question").json()["question"] for _ in range(60)}
    assert kinds == {"fits", "mood", "keyword"}
