"""Streams over stages that answer at once; tests/serve has them over the real ones."""

from __future__ import annotations

import asyncio
import base64
import io
import threading
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from PIL import Image
from starlette.testclient import TestClient

from deployments.api.service import Service
from deployments.contract.errors import StageUnavailable
from tests.deployments.streams import ServerSentEvent, events

Song = Callable[..., dict[str, Any]]
STREAM = {"Accept": "text/event-stream"}
LATER = {"Prefer": "respond-async"}


def listen(client: TestClient, song: dict[str, Any]) -> list[ServerSentEvent]:
    response = client.post("/v1/covers", json=song, headers=STREAM)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    return list(events(response.text.split("\n")))


def without_timings(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if name != "timings"}


def test_events_come_in_the_order_of_the_stages(client: TestClient, song: Song) -> None:
    stream = listen(client, song(candidates=3))
    numbers = [event.number for event in stream]
    assert numbers == sorted(set(numbers))
    names = [event.name for event in stream]
    assert names[:2] == ["queued", "cleaned"]
    assert set(names[2:5]) == {"summary", "translation", "sentiment"}
    assert names.index("summary") < names.index("translation")
    assert names[5] == "prompt"
    assert names.count("preview") >= 4
    assert names[-4:] == ["cover"] * 3 + ["done"]


def test_done_is_the_answer_of_the_synchronous_call(client: TestClient, song: Song) -> None:
    done = listen(client, song(candidates=3))[-1].data
    stored = client.get(f"/v1/covers/{done['id']}").json()
    assert without_timings(stored) == without_timings(done)
    plain = client.post("/v1/covers", json=song(candidates=3)).json()
    same = ("prompt", "summary", "words", "seed", "sentiment", "models")
    assert {name: plain[name] for name in same} == {name: done[name] for name in same}
    assert [c["score"] for c in plain["covers"]] == [c["score"] for c in done["covers"]]


def test_pictures_are_small_and_labelled(client: TestClient, song: Song) -> None:
    for event in listen(client, song(candidates=2)):
        if event.name in ("preview", "cover"):
            head, _, body = event.data["image"].partition(",")
            assert head == "data:image/webp;base64"
            picture = Image.open(io.BytesIO(base64.b64decode(body)))
            assert picture.format == "WEBP"
            assert picture.size == (64, 64)
            assert b"trainedAlgorithmicMedia" in picture.info["xmp"]


def test_covers_carry_their_scores(client: TestClient, song: Song) -> None:
    stream = listen(client, song(candidates=4))
    streamed = {(e.data["seed"], e.data["score"]) for e in stream if e.name == "cover"}
    done = {(c["seed"], c["score"]) for c in stream[-1].data["covers"]}
    assert streamed == done
    assert {e.data["candidate"] for e in stream if e.name == "cover"} == {0, 1, 2, 3}


def test_a_returning_listener_gets_the_rest(client: TestClient, song: Song) -> None:
    stream = listen(client, song(candidates=2))
    url = stream[0].data["events_url"]
    again = list(events(client.get(url).text.split("\n")))
    assert again == stream
    middle = stream[4].number
    rest = client.get(url, headers={"Last-Event-ID": str(middle)})
    assert list(events(rest.text.split("\n"))) == stream[5:]


def test_a_browser_that_knows_the_end_asks_no_more(
    client: TestClient, song: Song, service: Service
) -> None:
    """An EventSource asks again after every answer but a 204."""
    done = listen(client, song(candidates=1))
    service.runner.pipeline.calls.stages.generator.target.failures = [StageUnavailable("gone")] * 9
    failed = listen(client, song(candidates=1))
    for stream in (done, failed):
        url, end = stream[0].data["events_url"], stream[-1].number
        answer = client.get(url, headers={"Last-Event-ID": str(end)})
        assert (answer.status_code, answer.content) == (204, b"")
        again = client.get(url, headers={"Last-Event-ID": str(end - 1)})
        assert list(events(again.text.split("\n")))[-1] == stream[-1]


@pytest.mark.parametrize("odd", ["", "x", "-1", "1e3", "9" * 40])
def test_an_odd_last_event_id_means_everything(client: TestClient, song: Song, odd: str) -> None:
    url = listen(client, song(candidates=1))[0].data["events_url"]
    first = client.get(url, headers={"Last-Event-ID": odd}).text.split("\n")
    assert next(events(first)).name == "queued"


def test_an_error_ends_the_stream(client: TestClient, song: Song, service: Service) -> None:
    service.runner.pipeline.calls.stages.generator.target.failures = [StageUnavailable("gone")] * 9
    *before, last, alias = listen(client, song(candidates=2))
    assert before[-1].name == "prompt"
    assert (last.name, alias.name) == ("failed", "error")
    assert (alias.number, alias.data) == (last.number, last.data)
    assert (last.data["status"], last.data["detail"]) == (503, "gone")
    assert last.data["type"].endswith(":unavailable")


def test_an_internal_error_discloses_no_details(
    client: TestClient, song: Song, service: Service
) -> None:
    client.get("/v1/models")
    service.runner.pipeline.calls.stages.translator.target.failures = [KeyError("secret detail")]
    last = listen(client, song(candidates=2))[-2]
    assert (last.name, last.data["status"]) == ("failed", 500)
    assert "secret" not in str(last.data)


def test_bad_fields_are_refused_before_a_stream_begins(client: TestClient) -> None:
    response = client.post("/v1/covers", json={"lyric": "x"}, headers=STREAM)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_a_given_prompt_is_drawn(client: TestClient, song: Song) -> None:
    made = client.post("/v1/covers", json=song(prompt=" a red\nkite ", candidates=1)).json()
    assert made["prompt"] == "a red kite"
    assert made["summary"] == "A balloon over the sea"


@pytest.mark.parametrize("prompt", ["", "...", "x" * 401, 5])
def test_a_prompt_must_say_something(client: TestClient, song: Song, prompt: Any) -> None:
    response = client.post("/v1/covers", json=song(prompt=prompt))
    assert [e["field"] for e in response.json()["errors"]] == ["prompt"]


def test_nobody_who_waits_pays_for_previews(
    client: TestClient, song: Song, service: Service
) -> None:
    client.post("/v1/covers", json=song(candidates=3))
    stages = service.runner.pipeline.calls.stages
    drawing = next(c[1] for c in stages.generator.target.calls if c[0] == "draw")
    assert drawing.previews == 0
    assert [c[0] for c in stages.reranker.target.calls].count("judge") == 1


def test_events_have_the_documented_shape(client: TestClient, song: Song) -> None:
    document = client.get("/openapi.json").json()
    names = {
        "queued": "Queued", "cleaned": "Cleaned", "summary": "Summarized", "sentiment": "Felt",
        "translation": "Translated", "prompt": "Prompted", "preview": "Previewed", "cover": "Judged",
        "done": "CoverSet",
    }  # fmt: skip
    stream = listen(client, song())
    assert {event.name for event in stream} == set(names)
    for event in stream:
        schema = {**document, "$ref": f"#/components/schemas/{names[event.name]}"}
        jsonschema.Draft202012Validator(schema).validate(event.data)


def test_an_accepted_job_is_not_waited_for(client: TestClient, song: Song) -> None:
    response = client.post("/v1/covers", json=song(candidates=2), headers=LATER)
    assert response.status_code == 202
    status = response.json()
    assert response.headers["location"] == f"/v1/covers/{status['id']}"
    assert response.headers["preference-applied"] == "respond-async"
    assert status["status"] in ("queued", "running")
    assert status["events_url"] == f"/v1/covers/{status['id']}/events"
    stream = list(events(client.get(status["events_url"]).text.split("\n")))
    assert stream[-1].name == "done"
    stored = client.get(response.headers["location"]).json()
    assert without_timings(stored) == without_timings(stream[-1].data)


def test_a_failed_job_has_its_problem(client: TestClient, song: Song) -> None:
    status = client.post("/v1/covers", json=song(lyrics="..."), headers=LATER).json()
    assert list(events(client.get(status["events_url"]).text.split("\n")))[-1].name == "error"
    response = client.get(f"/v1/covers/{status['id']}")
    assert response.status_code == 200
    assert response.json()["status"] == "failed"
    assert response.json()["error"]["type"].endswith(":nothing-to-draw")
    assert client.get(f"/v1/covers/{status['id']}/images/1.png").status_code == 404


@pytest.mark.parametrize(
    ("prefer", "later"),
    [
        ("respond-async", True),
        ("Respond-Async, wait=5", True),
        ("return=minimal; x=respond-async", False),
        ("", False),
    ],
)
def test_preferences_are_read_as_rfc_7240_has_them(
    client: TestClient, song: Song, prefer: str, later: bool
) -> None:
    response = client.post("/v1/covers", json=song(candidates=1), headers={"Prefer": prefer})
    assert response.status_code == (202 if later else 200)


def test_the_same_key_gets_the_same_covers(client: TestClient, song: Song) -> None:
    key = {"Idempotency-Key": "once"}
    asked = song(candidates=2, seed=None)
    first = client.post("/v1/covers", json=asked, headers=key).json()
    again = client.post("/v1/covers", json=asked, headers=key)
    assert (again.status_code, again.json()["covers"]) == (200, first["covers"])
    later = client.post("/v1/covers", json=asked, headers={**key, **LATER})
    assert (later.status_code, later.json()["id"]) == (200, first["id"])
    response = client.post("/v1/covers", json=asked, headers={**key, **STREAM})
    assert list(events(response.text.split("\n")))[-1].data["id"] == first["id"]
    other = client.post("/v1/covers", json=song(candidates=3), headers=key)
    assert other.status_code == 422
    assert other.json()["type"].endswith(":key-reused")


@pytest.mark.parametrize("key", ["", "a b", "x" * 129, "\u00e9".encode()])
def test_odd_keys_are_refused(client: TestClient, song: Song, key: Any) -> None:
    response = client.post("/v1/covers", json=song(), headers={"Idempotency-Key": key})
    assert response.status_code == 422
    assert [e["field"] for e in response.json()["errors"]] == ["Idempotency-Key"]


def test_a_finished_set_is_deleted_with_its_pictures(client: TestClient, song: Song) -> None:
    made = client.post("/v1/covers", json=song(candidates=1)).json()
    url = f"/v1/covers/{made['id']}"
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404
    assert client.get(made["covers"][0]["url"]).status_code == 404
    assert client.delete(url).status_code == 404
    assert client.get(f"{url}/events").status_code == 404


def test_a_waiting_job_is_cancelled(client: TestClient, song: Song, service: Service) -> None:
    service.runner.tunables = service.runner.tunables.model_copy(
        update={"drawing": 1, "poll_s": 9.0}
    )
    blocked = threading.Event()

    async def hang(_: Any) -> Any:
        await asyncio.to_thread(blocked.wait, 20)
        raise StageUnavailable("blocked")
        yield

    service.runner.pipeline.calls.stages.generator.target.draw = hang
    try:
        drawn = client.post("/v1/covers", json=song(candidates=1), headers=LATER).json()
        waiting = client.post("/v1/covers", json=song(candidates=1), headers=LATER).json()
        assert waiting["status"] == "queued"
        assert waiting["position"] == 1
        assert waiting["estimate_seconds"] > drawn["estimate_seconds"]
        url = f"/v1/covers/{waiting['id']}"
        assert client.delete(url).status_code == 204
        assert client.get(url).json()["status"] == "cancelled"
        assert client.get(url).json()["error"]["type"].endswith(":cancelled")
        assert client.get(f"/v1/covers/{drawn['id']}").json()["status"] == "running"
    finally:
        blocked.set()


def test_a_full_line_is_told(client: TestClient, song: Song, service: Service) -> None:
    tight = {"drawing": 1, "waiting": 0}
    service.runner.tunables = service.runner.tunables.model_copy(update=tight)
    blocked = threading.Event()

    async def hang(_: Any) -> Any:
        await asyncio.to_thread(blocked.wait, 20)
        raise StageUnavailable("blocked")
        yield

    service.runner.pipeline.calls.stages.generator.target.draw = hang
    try:
        client.post("/v1/covers", json=song(candidates=1), headers=LATER)
        refused = client.post("/v1/covers", json=song(candidates=1))
        assert refused.status_code == 503
        assert refused.json()["type"].endswith(":overloaded")
        assert int(refused.headers["retry-after"]) >= 1
    finally:
        blocked.set()
