"""Whatever is sent, the answer is covers or a clear 4xx: never a 5xx."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.serve.conftest import Draw

LINE = "풍선을 타고 날아가는 예쁜 꿈을 꾸었지 "
SONG_LINES = [
    f"{word} 위로 날아가는 {n}번째 풍선" for n, word in enumerate(["바다", "하늘", "산"] * 400)
]


def problem(response: httpx2.Response, status: int) -> dict[str, Any]:
    """The problem in a response, checked for its shape."""
    assert response.status_code == status, response.text[:500]
    assert response.headers["content-type"] == "application/problem+json"
    content: dict[str, Any] = response.json()
    assert set(content) == {
        "type", "title", "status", "detail", "instance", "request_id", "errors",
    }  # fmt: skip
    assert content["status"] == status
    assert content["request_id"] == response.headers["x-request-id"]
    return content


@pytest.mark.parametrize(
    "lyrics",
    [
        pytest.param((LINE * 1000)[:20_000], id="20000 characters in one line"),
        pytest.param("\n".join(SONG_LINES)[:20_000], id="20000 characters in many lines"),
        pytest.param("풍선" * 10_000, id="20000 characters without a space"),
        pytest.param("a\x00 red balloon\x07", id="NUL byte"),
        pytest.param("[Verse 1]\r\n별이 빛나는 밤 (x2)\r\n🎈🎈", id="tags and emoji"),
        pytest.param("날아가는 풍선 夢の中で мечта", id="Korean among other scripts"),
        pytest.param("<script>alert(1)</script> 바다", id="markup"),
        pytest.param("a" * 20_000, id="one letter 20000 times"),
        pytest.param("아" * 500, id="one cry"),
        pytest.param("ㅋㅋㅋ 바다 ㅠㅠ", id="lone jamo"),
        pytest.param("99 red balloons", id="numbers"),
        pytest.param("e\u0301" * 1000 + " 바다", id="combining marks"),
    ],
)
def test_odd_lyrics_get_covers(draw: Draw, lyrics: str) -> None:
    response = draw(lyrics, candidates=1)
    assert response.status_code == 200, response.text[:500]
    assert len(response.json()["covers"]) == 1


@pytest.mark.parametrize(
    "lyrics", ["😀🎈🌊" * 20, "?!... --- ,,,", "夢の中で", "Мечта", "\x00\x01", "  \n"]
)
def test_nothing_to_draw_says_what_to_change(draw: Draw, lyrics: str) -> None:
    refusal = problem(draw(lyrics), 422)
    assert refusal["type"].endswith("nothing-to-draw")
    assert "Korean or English" in refusal["detail"]


@pytest.mark.parametrize(
    "lyrics", ["라라라 라라라", "ㅋㅋㅋㅋ", "1234", "x2", "[Chorus]", "fuck", "씨발", "'"]
)
def test_hardly_any_words_get_covers_or_a_reason(draw: Draw, lyrics: str) -> None:
    response = draw(lyrics, candidates=1)
    if response.status_code != 200:
        assert len(problem(response, 422)["detail"]) > 20


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lyrics": 5}, "lyrics"),
        ({"lyrics": ""}, "lyrics"),
        ({"lyrics": "a" * 20_001}, "lyrics"),
        ({"lyric": "a"}, "lyric"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
        ({"candidates": 25}, "candidates"),
        ({"sentences": 4}, "sentences"),
        ({"mood": "Happy"}, "mood"),
        ({"style": "x" * 41}, "style"),
        ({"style": "\x00"}, "style"),
        ({"temperature": 0}, "temperature"),
        ({"title": "x" * 201}, "title"),
        ({"response_format": "png"}, "response_format"),
    ],
)
def test_each_bad_field_is_named(
    client: httpx2.Client, changes: dict[str, Any], field: str
) -> None:
    refusal = problem(client.post("/v1/covers", json={"lyrics": "바다"} | changes), 422)
    assert [error["field"] for error in refusal["errors"]] == [field]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"lyrics": "\\ud800"}', "application/json", 422),
        (b"[" * 50_000, "application/json", 400),
        (b'{"lyrics": "a"}', "text/plain", 415),
        (b"lyrics=a", "application/x-www-form-urlencoded", 415),
        (b'{"lyrics": "' + b"a" * 300_000 + b'"}', "application/json", 413),
    ],
)
def test_bodies_that_are_no_request(
    client: httpx2.Client, body: bytes, kind: str, status: int
) -> None:
    problem(client.post("/v1/covers", content=body, headers={"content-type": kind}), status)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/covers/" + "0" * 32,
        "/v1/covers/..%2f..%2fetc%2fpasswd",
        "/v1/covers/" + "0" * 32 + "/images/1.png",
        "/nothing",
    ],
)
def test_what_is_not_there_is_a_404(client: httpx2.Client, path: str) -> None:
    problem(client.get(path), 404)


def test_other_methods_are_a_405(client: httpx2.Client) -> None:
    response = client.put("/v1/covers")
    problem(response, 405)
    assert response.headers["allow"] == "DELETE, GET, HEAD, POST"


def test_ready_and_described(client: httpx2.Client, document: dict[str, Any]) -> None:
    ready = client.get("/readyz")
    assert ready.status_code == 200
    stages = ready.json()["stages"]
    assert len(stages) == 6
    assert set(stages.values()) == {"ready"}
    assert client.get("/healthz").json() == {"status": "ok"}
    models = client.get("/v1/models").json()["models"]
    assert [model["stage"] for model in models] == list(stages)
    wanted = document["applications"][0]["args"]["generator"]
    assert models[4]["details"] | wanted["engine"] == models[4]["details"]
    assert models[4]["details"]["threads"] == wanted["threads"]  # whatever OMP_NUM_THREADS says
    assert "/v1/covers" in client.get("/openapi.json").json()["paths"]
    assert client.get("/docs").status_code == 200
