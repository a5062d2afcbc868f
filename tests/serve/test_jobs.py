"""Jobs of the running application: they outlive their connection, their ingress and their generator."""

from __future__ import annotations

import os
import signal
import time
import uuid
from typing import Any

import httpx2
import psutil

from tests.serve.test_crowd import order, settle, stats
from tests.serve.test_streaming import come_back, listen

LATER = {"Prefer": "respond-async"}
WAIT_SECONDS = 150.0


def replica(deployment: str) -> psutil.Process:
    """The process of a deployment's replica, among those that this one began."""
    named = f"ray::ServeReplica:song-dalle:{deployment}"
    for process in psutil.Process().children(recursive=True):
        try:
            if process.cmdline() and process.cmdline()[0].startswith(named):
                return process
        except psutil.NoSuchProcess:
            continue
    raise AssertionError(f"no replica of {deployment} runs")


def kill(deployment: str) -> None:
    """kill -9."""
    os.kill(replica(deployment).pid, signal.SIGKILL)


def begin(client: httpx2.Client, **changes: Any) -> str:
    """URL of a new job."""
    response = client.post("/v1/covers", json=order(**changes), headers=LATER)
    assert response.status_code == 202, response.text
    return str(response.headers["location"])


def ended(client: httpx2.Client, url: str) -> dict[str, Any]:
    """What a job came to; an ingress that is being replaced is waited for."""
    end = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            response = client.get(url)
            job: dict[str, Any] = response.json() if response.status_code == 200 else {}
            if job.get("status") in ("done", "failed", "cancelled"):
                return job
        except (httpx2.HTTPError, ValueError):
            pass
        assert time.monotonic() < end, f"{url} did not end"
        time.sleep(0.2)


def until_drawing(generator: Any) -> None:
    end = time.monotonic() + 60
    while not stats(generator)["occupied"]:
        assert time.monotonic() < end, "drawing never began"
        time.sleep(0.02)


def test_a_job_is_done_while_nobody_waits(client: httpx2.Client) -> None:
    url = begin(client)
    status = client.get(url).json()
    assert status["status"] in ("queued", "running", "done")
    made = ended(client, url)
    assert made["status"] == "done"
    assert len(made["covers"]) == 12
    newest = client.get("/v1/covers", params={"limit": 1}).json()["covers"]
    assert [summary["id"] for summary in newest] == [made["id"]]


def test_a_cancelled_job_frees_its_slots_and_no_others(
    client: httpx2.Client, generator: Any
) -> None:
    settle(generator)
    first, second = begin(client, candidates=24, seed=1), begin(client, candidates=12, seed=2)
    until_drawing(generator)
    before = stats(generator)["cancelled"]
    assert client.delete(first).status_code == 204
    assert ended(client, first)["status"] == "cancelled"
    assert ended(client, second)["status"] == "done"
    assert stats(generator)["cancelled"] > before
    assert settle(generator)["occupied"] == 0


def test_a_killed_ingress_loses_no_job(client: httpx2.Client, generator: Any) -> None:
    settle(generator)
    events = listen(client, order(candidates=24, seed=3), until="prompt")
    urls = [begin(client, candidates=24, seed=4 + n) for n in range(3)]
    until_drawing(generator)
    kill("Ingress")
    made = [ended(client, url) for url in [events[0].data["url"], *urls]]
    assert [each["status"] for each in made] == ["done"] * 4
    rest = come_back(client, events)
    assert rest[-1].name == "done"
    assert rest[-1].data["id"] == events[0].data["id"]
    numbers = [event.number for event in events + rest]
    assert numbers == sorted(set(numbers))
    listed = client.get("/v1/covers", params={"limit": 4}).json()["covers"]
    assert sorted(each["id"] for each in listed) == sorted(each["id"] for each in made)
    for each in made:
        assert client.get(each["covers"][-1]["url"]).status_code == 200


def test_a_killed_generator_loses_no_job(client: httpx2.Client, generator: Any) -> None:
    settle(generator)
    url = begin(client, candidates=24, seed=9)
    until_drawing(generator)
    kill("Pictures")
    made = ended(client, url)
    assert made["status"] == "done"
    assert len(made["covers"]) == 24
    again = client.post("/v1/covers", json=order(candidates=24, seed=9)).json()
    assert [c["seed"] for c in again["covers"]] == [c["seed"] for c in made["covers"]]


def test_a_repeated_request_with_a_key_is_drawn_once(client: httpx2.Client, generator: Any) -> None:
    before = settle(generator)["drawn"]
    key = {"Idempotency-Key": uuid.uuid4().hex}
    answers = [client.post("/v1/covers", json=order(candidates=3), headers=key) for _ in range(3)]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert settle(generator)["drawn"] - before == 3
