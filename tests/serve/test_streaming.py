"""Streams of events from the running application: what is told, leaving, coming back."""

from __future__ import annotations

import time
from typing import Any

import httpx2

from tests.deployments.streams import ServerSentEvent, events
from tests.serve.test_crowd import order, settle, stats

STREAM = {"Accept": "text/event-stream"}


def listen(client: httpx2.Client, song: dict[str, Any], until: str = "") -> list[ServerSentEvent]:
    """Events of a new request; the connection is dropped after one of the name `until`."""
    stream = []
    with client.stream("POST", "/v1/covers", json=song, headers=STREAM) as response:
        assert response.status_code == 200
        for event in events(response.iter_lines()):
            stream.append(event)
            if event.name == until:
                break
    return stream


def come_back(client: httpx2.Client, stream: list[ServerSentEvent]) -> list[ServerSentEvent]:
    """The events after those heard."""
    last = {"Last-Event-ID": str(stream[-1].number)}
    with client.stream("GET", stream[0].data["events_url"], headers=last) as response:
        assert response.status_code == 200
        return list(events(response.iter_lines()))


def test_a_set_is_told_from_queue_to_covers(client: httpx2.Client, generator: Any) -> None:
    settle(generator)
    stream = listen(client, order())
    names = [event.name for event in stream]
    assert names[:2] == ["queued", "cleaned"]
    assert names.count("preview") >= 4
    assert names.count("cover") == 12
    assert names[-1] == "done"
    fractions = [event.data["fraction"] for event in stream if event.name == "preview"]
    assert fractions == sorted(fractions)
    assert names.index("prompt") < names.index("preview") < names.index("cover")


def test_a_streamed_set_is_the_synchronous_one(client: httpx2.Client) -> None:
    streamed = listen(client, order(candidates=3))[-1].data
    plain = client.post("/v1/covers", json=order(candidates=3)).json()
    assert [c["seed"] for c in streamed["covers"]] == [c["seed"] for c in plain["covers"]]
    for ours, theirs in zip(streamed["covers"], plain["covers"], strict=True):
        assert client.get(ours["url"]).content == client.get(theirs["url"]).content


def test_a_lost_connection_is_taken_up_again(client: httpx2.Client, generator: Any) -> None:
    settle(generator)
    stream = listen(client, order(seed=11), until="preview")
    rest = come_back(client, stream)
    assert rest[-1].name == "done"
    numbers = [event.number for event in stream + rest]
    assert numbers == sorted(set(numbers))
    assert [event.name for event in stream + rest].count("cover") == 12
    assert settle(generator)["cancelled"] == stats(generator)["cancelled"]
    assert client.get(stream[0].data["url"]).status_code == 200


def test_the_first_event_comes_before_the_drawing(client: httpx2.Client, generator: Any) -> None:
    before = settle(generator)["drawn"]
    stream = listen(client, order(candidates=24, seed=5), until="queued")
    assert stats(generator)["drawn"] == before
    assert stream[0].data["position"] == 0
    come_back(client, stream)


def test_a_stream_begins_at_once_in_a_crowd(client: httpx2.Client, generator: Any) -> None:
    settle(generator)
    streams = [listen(client, order(candidates=24, seed=n), until="queued") for n in range(3)]
    started = time.monotonic()
    assert listen(client, order(), until="queued")[0].name == "queued"
    assert time.monotonic() - started < 30
    for stream in streams:
        assert come_back(client, stream)[-1].name == "done"
