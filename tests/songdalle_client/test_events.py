from __future__ import annotations

import json

import pytest

from songdalle_client import events
from songdalle_client.errors import Unexpected
from songdalle_client.sse import Message
from tests.songdalle_client.service import Job, picture


def job_events(candidates: int = 2) -> list[events.Event | None]:
    job = Job("0" * 32, {"lyrics": "la", "candidates": candidates})
    job.complete()
    return [events.read_event(Message("1", name, json.dumps(data))) for name, data in job.events]


def test_every_kind_is_read() -> None:
    read = job_events()
    assert {type(event) for event in read if event} == {*events.EVENTS.values(), events.Done}
    assert read[7] is None
    done = read[-1]
    assert isinstance(done, events.Done)
    assert [cover.rank for cover in done.covers.covers] == [1, 2]


def test_pictures_are_files() -> None:
    previews = [event for event in job_events() if isinstance(event, events.Previewed)]
    assert previews[1].file == picture(1, "WEBP")
    with pytest.raises(Unexpected, match="base64"):
        _ = previews[0].model_copy(update={"image": "data:image/webp;base64,???"}).file


@pytest.mark.parametrize("name", ["failed", "error"])
def test_a_failure_is_a_problem(name: str) -> None:
    failed = events.read_event(Message("9", name, '{"status": 503, "detail": "gone"}'))
    assert isinstance(failed, events.Failed)
    assert failed.problem.describe() == "gone"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("queued", "{"),
        ("queued", "[]"),
        ("done", "{}"),
        ("cover", '{"candidate": -1}'),
        ("failed", ""),
    ],
)
def test_malformed_events(name: str, data: str) -> None:
    with pytest.raises(Unexpected, match=name):
        events.read_event(Message("1", name, data))
