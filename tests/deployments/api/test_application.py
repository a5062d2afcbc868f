"""The HTTP contract over stages that answer at once; tests/serve has the same over the real ones."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from deployments.api.application import build_api
from deployments.api.requests import MAX_BODY
from deployments.api.service import Service
from deployments.config.user_config import JobTunables, ScalingTunables
from deployments.contract.errors import Overloaded, StageUnavailable
from deployments.contract.messages import Judgement
from deployments.telemetry.metrics_page import Exposition
from songdalle_core.moods import MOODS
from songdalle_core.provenance import NOTICE, read_metadata

Song = Callable[..., dict[str, Any]]
PROBLEM = "application/problem+json"


def refused(response: Any, status: int) -> dict[str, Any]:
    """The problem in a response, checked for its shape."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    problem: dict[str, Any] = response.json()
    shape = {"type", "title", "status", "detail", "instance", "request_id", "errors"}
    assert set(problem) == shape
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    for error in problem["errors"]:
        assert set(error) == {"field", "message"}
    assert "Traceback" not in response.text
    return problem


def test_a_song_gets_its_covers(client: TestClient, song: Song) -> None:
    response = client.post("/v1/covers", json=song(title="Sky", artist="Me"))
    assert response.status_code == 200
    made = response.json()
    assert response.headers["content-location"] == f"/v1/covers/{made['id']}"
    assert made["status"] == "done"
    assert (made["title"], made["artist"], made["seed"]) == ("Sky", "Me", 7)
    assert made["prompt"] == "a painting of a balloon over the sea. a mood of joyful"
    assert made["notice"] == NOTICE
    assert [cover["rank"] for cover in made["covers"]] == list(range(1, 13))
    scores = [cover["score"] for cover in made["covers"]]
    assert scores == sorted(scores, reverse=True)
    assert {cover["seed"] for cover in made["covers"]} == set(range(7, 19))
    assert made["models"]["generator"] == "fake generator"
    stages = {"clean", "sentiment", "summarize", "translate", "prompt", "generate"}
    assert set(made["timings"]) == stages | {"queue", "rerank", "store", "total"}
    assert all("b64_json" not in cover for cover in made["covers"])


def test_a_set_is_found_again(client: TestClient, song: Song) -> None:
    made = client.post("/v1/covers", json=song()).json()
    stored = client.get(f"/v1/covers/{made['id']}").json()
    for volatile in ("timings",):
        made.pop(volatile), stored.pop(volatile)
    assert stored == made


def test_pictures_carry_prompt_and_seed(client: TestClient, song: Song) -> None:
    made = client.post("/v1/covers", json=song(candidates=2)).json()
    for cover in made["covers"]:
        response = client.get(cover["url"])
        assert response.headers["content-type"] == "image/png"
        assert "immutable" in response.headers["cache-control"]
        chunks = read_metadata(response.content)
        assert chunks["notice"] == NOTICE
        assert chunks["prompt"] == made["prompt"]
        assert chunks["seed"] == str(cover["seed"])


def test_base64_is_the_same_picture(client: TestClient, song: Song) -> None:
    made = client.post("/v1/covers", json=song(response_format="b64_json", candidates=2)).json()
    for cover in made["covers"]:
        assert base64.b64decode(cover["b64_json"]) == client.get(cover["url"]).content
    assert "b64_json" not in client.get(f"/v1/covers/{made['id']}").text


def test_a_seed_names_the_pictures(client: TestClient, song: Song) -> None:
    def pictures(**changes: Any) -> list[bytes]:
        made = client.post("/v1/covers", json=song(candidates=3, **changes)).json()
        return [client.get(cover["url"]).content for cover in made["covers"]]

    assert pictures() == pictures()
    assert pictures() != pictures(seed=8)


def test_a_missing_seed_is_drawn_and_told(client: TestClient, song: Song) -> None:
    seeds = {
        client.post("/v1/covers", json=song(seed=None, candidates=1)).json()["seed"]
        for _ in range(3)
    }
    assert len(seeds) == 3
    assert all(0 <= seed < 2**32 for seed in seeds)


@pytest.mark.parametrize(
    ("changes", "prompt"),
    [
        ({"style": None, "use_mood": False}, "a balloon over the sea"),
        ({"use_mood": False, "mood": "Power"}, "a painting of a balloon over the sea"),
        ({"mood": "Power"}, "a painting of a balloon over the sea. a mood of power"),
        ({"style": "oil sketch", "use_mood": False}, "an oil sketch of a balloon over the sea"),
        (
            {"lyrics": "a red kite and a red kite", "use_mood": False, "style": None},
            "a red kite",
        ),
        (
            {
                "lyrics": "a kite and a kite",
                "use_mood": False,
                "style": None,
                "remove_repeats": False,
            },
            "a kite and a kite",
        ),
    ],
)
def test_the_request_chooses_the_parts_of_the_prompt(
    client: TestClient, song: Song, changes: dict[str, Any], prompt: str
) -> None:
    made = client.post("/v1/covers", json=song(candidates=1, **changes)).json()
    assert made["prompt"] == prompt
    assert made["sentiment"]["label"] == "Joyful"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lyrics", ""),
        ("lyrics", "x" * 20_001),
        ("lyrics", 5),
        ("lyrics", None),
        ("lyrics", ["a"]),
        ("title", "x" * 201),
        ("artist", 3),
        ("style", "x" * 41),
        ("style", "a\nb"),
        ("style", ""),
        ("style", "!!"),
        ("mood", "joyful"),
        ("use_mood", "yes"),
        ("use_mood", 1),
        ("remove_repeats", "no"),
        ("remove_profanity", None),
        ("sentences", 0),
        ("sentences", 4),
        ("sentences", 1.5),
        ("candidates", 0),
        ("candidates", 25),
        ("candidates", True),
        ("seed", -1),
        ("seed", 2**32),
        ("seed", "7"),
        ("seed", 10**30),
        ("temperature", 0),
        ("temperature", 5.1),
        ("temperature", "1"),
        ("top_k", -1),
        ("top_k", 1.0),
        ("top_k", 10**30),
        ("top_p", 0),
        ("top_p", 1.01),
        ("response_format", "png"),
        ("lyric", "unknown field"),
    ],
)
def test_each_bad_field_is_named(client: TestClient, song: Song, field: str, value: Any) -> None:
    problem = refused(client.post("/v1/covers", json=song(**{field: value})), 422)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert field in problem["detail"]
    assert problem["instance"] == "/v1/covers"


def test_all_bad_fields_are_named(client: TestClient) -> None:
    problem = refused(client.post("/v1/covers", json={"seed": -1, "mood": "sad"}), 422)
    assert {error["field"] for error in problem["errors"]} == {"lyrics", "seed", "mood"}


def test_an_answer_to_many_bad_fields_stays_small(client: TestClient, song: Song) -> None:
    unknown = {f"{'f' * 200}{i}": i for i in range(500)}
    response = client.post("/v1/covers", json=song(**unknown))
    assert len(refused(response, 422)["errors"]) == 20
    assert len(response.content) < 10_000


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"not json", 400),
        (b"null", 422),
        (b"[]", 422),
        (b'"text"', 422),
        (b'{"lyrics": "\xff\xfe"}', 400),
        (b'{"lyrics": "\\ud800"}', 422),
        (b'{"lyrics": "a", "title": "\\udfff"}', 422),
        (b'{"lyrics": "a", "\\ud800": 1}', 422),
        (b'{"lyrics": "a", "temperature": NaN}', 422),
        (b'{"lyrics": "a", "top_p": Infinity}', 422),
        (b'{"lyrics": "a", "seed": 1' + b"0" * 5000 + b"}", 400),
        (b"[" * 100_000, 400),
        (b'{"lyrics": ' + b'{"a":' * 3000 + b"1" + b"}" * 3001, 400),
    ],
)
def test_malformed_bodies(client: TestClient, body: bytes, status: int) -> None:
    response = client.post("/v1/covers", content=body, headers={"content-type": "application/json"})
    refused(response, status)


def test_control_characters_are_taken_out(client: TestClient, song: Song) -> None:
    made = client.post("/v1/covers", json=song(lyrics="a\x00 balloon\r\nin\x1b the\x85 sky")).json()
    assert made["lyrics"] == "a balloon\nin the sky"


@pytest.mark.parametrize("lyrics", ["😀🎈", "?!...", "\x00", "   \n "])
def test_nothing_to_draw_says_what_to_change(client: TestClient, song: Song, lyrics: str) -> None:
    problem = refused(client.post("/v1/covers", json=song(lyrics=lyrics)), 422)
    assert problem["type"].endswith("nothing-to-draw")
    assert "add a line of Korean or English" in problem["detail"]


def test_a_large_body_is_refused(client: TestClient) -> None:
    body = b'{"lyrics": "' + b"a" * MAX_BODY + b'"}'
    headers = {"content-type": "application/json"}
    refused(client.post("/v1/covers", content=body, headers=headers), 413)

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 8192):
            yield body[start : start + 8192]

    refused(client.post("/v1/covers", content=pieces(), headers=headers), 413)


def test_the_longest_lyrics_fit_however_json_writes_them(client: TestClient, song: Song) -> None:
    body = json.dumps(song(lyrics="a" + "😀" * 19_999, candidates=1), ensure_ascii=True).encode()
    headers = {"content-type": "application/json; charset=utf-8"}
    assert client.post("/v1/covers", content=body, headers=headers).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_other_media_types_are_refused(client: TestClient, kind: str) -> None:
    response = client.post("/v1/covers", content=b'{"lyrics": "a"}', headers={"content-type": kind})
    assert "application/json" in refused(response, 415)["detail"]


def test_unknown_paths_and_methods(client: TestClient) -> None:
    assert refused(client.get("/v2/covers"), 404)["instance"] == "/v2/covers"
    response = client.put("/v1/covers")
    refused(response, 405)
    assert response.headers["allow"] == "DELETE, GET, HEAD, POST"


@pytest.mark.parametrize(
    "name", ["0" * 32, "...", "..%2f..%2fetc", "A" * 32, "0" * 31, "0" * 32 + "%0a", "%00", "é"]
)
def test_unknown_and_impossible_ids(client: TestClient, name: str) -> None:
    refused(client.get(f"/v1/covers/{name}"), 404)
    refused(client.get(f"/v1/covers/{name}/images/1.png"), 404)


@pytest.mark.parametrize(("rank", "status"), [("13", 404), ("0", 422), ("25", 422), ("a", 422)])
def test_ranks_that_are_not_there(client: TestClient, song: Song, rank: str, status: int) -> None:
    name = client.post("/v1/covers", json=song()).json()["id"]
    refused(client.get(f"/v1/covers/{name}/images/{rank}.png"), status)


def test_full_queues_say_when_to_come_back(
    client: TestClient, service: Service, song: Song
) -> None:
    service.runner.pipeline.calls.stages.generator.target.failures = [
        Overloaded("300 candidates wait", 9)
    ]
    response = client.post("/v1/covers", json=song())
    assert refused(response, 503)["detail"] == "300 candidates wait"
    assert response.headers["retry-after"] == "9"


def test_a_stage_that_is_down_says_so(client: TestClient, service: Service, song: Song) -> None:
    service.runner.pipeline.calls.stages.generator.target.failures = [StageUnavailable("gone")] * 3
    response = client.post("/v1/covers", json=song())
    refused(response, 503)
    assert int(response.headers["retry-after"]) > 0


def test_an_unforeseen_error_discloses_only_its_id(
    client: TestClient, service: Service, song: Song, caplog: pytest.LogCaptureFixture
) -> None:
    service.runner.pipeline.calls.stages.translator.target.failures = [KeyError("secret detail")]
    response = client.post("/v1/covers", json=song(), headers={"x-request-id": "abc"})
    problem = refused(response, 500)
    assert problem["request_id"] == "abc"
    assert "secret" not in response.text


@pytest.mark.parametrize(
    ("stage", "method", "answer"),
    [
        ("reranker", "judge", [Judgement(math.nan)] * 12),
        (
            "sentiment",
            "classify",
            SimpleNamespace(label="Joyful", scores=dict.fromkeys(MOODS, math.nan)),
        ),
    ],
)
def test_a_returned_nan_is_an_error_and_no_json_that_nobody_reads(
    client: TestClient, service: Service, song: Song, stage: str, method: str, answer: Any
) -> None:
    async def wrong(*_: object) -> Any:
        return answer

    target = getattr(service.runner.pipeline.calls.stages, stage).target
    setattr(target, method, wrong)
    response = client.post("/v1/covers", json=song())
    assert "NaN" not in response.text
    refused(response, 500)


def test_health_and_readiness(client: TestClient, service: Service) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert ready.json()["refused"] == {}
    service.runner.pipeline.calls.stages.reranker.target.broken = True
    broken = client.get("/readyz")
    assert broken.status_code == 503
    assert broken.json()["stages"]["reranker"] == "RuntimeError"
    assert broken.json()["stages"]["generator"] == "ready"
    assert client.get("/healthz").status_code == 200


def test_a_generator_that_sleeps_is_ready_and_not_woken(
    client: TestClient, service: Service
) -> None:
    runner, generator = service.runner, service.runner.pipeline.calls.stages.generator.target
    runner.count_running = lambda _: 0
    runner.tunables = JobTunables(scaling=ScalingTunables())
    before = len(generator.calls)
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["stages"]["generator"]) == (200, "asleep")
    assert client.get("/v1/models").status_code == 503  # nobody knows what it runs
    assert len(generator.calls) == before
    runner.count_running = lambda _: 1
    assert client.get("/readyz").json()["stages"]["generator"] == "ready"
    runner.count_running = lambda _: 0
    before = len(generator.calls)
    assert client.get("/readyz").json()["stages"]["generator"] == "ready"
    assert client.get("/v1/models").status_code == 200
    assert len(generator.calls) == before


def test_models_names_every_stage(client: TestClient) -> None:
    models = client.get("/v1/models").json()["models"]
    assert [m["stage"] for m in models] == [
        "preprocess",
        "summarizer",
        "translator",
        "sentiment",
        "generator",
        "reranker",
    ]


def test_metrics_without_an_agent_are_a_problem(service: Service) -> None:
    """Over real HTTP to a port where nobody listens."""
    deaf = Exposition(lambda: ["http://127.0.0.1:9/metrics"])
    with TestClient(build_api(service, deaf)) as client:
        response = client.get("/metrics")
    problem = refused(response, 503)
    assert problem["type"].endswith(":metrics")
    assert "127.0.0.1:9" in problem["detail"]
    assert response.headers["retry-after"] == "5"


def test_the_data_folder_holds_what_was_served(
    client: TestClient, song: Song, tmp_path: Path
) -> None:
    made = client.post("/v1/covers", json=song(candidates=2)).json()
    folder = tmp_path / "covers" / made["id"]
    assert sorted(path.name for path in folder.iterdir()) == [
        "1.drawing",
        "1.png",
        "2.drawing",
        "2.png",
    ]
    assert [path.name for path in (tmp_path / "covers").iterdir()] == [made["id"]]
