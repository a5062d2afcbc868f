"""Stages that fail from within: an engine that dies or hangs, a call that hangs, a lyric that is poison."""

from __future__ import annotations

import threading

import httpx2
import pytest

from tests.faults.conftest import Report
from tests.faults.faulty import KILLS, RAISES
from tests.faults.load import LATER, Load, assert_nothing_lost_or_done_twice
from tests.faults.service import Service, await_that

pytestmark = pytest.mark.long


@pytest.mark.parametrize("fault", ["engine fails", "engine hangs", "summarizer hangs"])
def test_a_broken_replica_gives_way(service: Service, report: Report, fault: str) -> None:
    """What was in it is done again by the next one; no client sees it."""
    with Load(service) as load:
        stage = "Text" if fault.startswith("summarizer") else "Pictures"
        before = set(service.pids(f"ServeReplica:song-dalle:{stage}"))
        place = service.arm(fault)
        await_that(lambda: not place.exists(), lambda: "nothing failed")
        await_that(
            lambda: before != set(service.pids(f"ServeReplica:song-dalle:{stage}")),
            lambda: f"{stage} goes on as before",
        )
        healthy = service.until_healthy(*(before - set(service.pids("ServeReplica:song-dalle"))))
        load.wait_for(4)
    assert_nothing_lost_or_done_twice(load, service)
    report(healthy=healthy, asked=len(load.songs), problems=load.problems(), slowest=load.slowest())
    assert not load.refusals()


def ask(service: Service, word: str, **headers: str) -> httpx2.Response:
    song = {"lyrics": f"the {word} grows by the sea\nand I sing all night", "candidates": 1}
    url = f"{service.url}/v1/covers"
    return httpx2.post(url, json=song, headers=headers, timeout=120, trust_env=False)


def test_a_lyric_that_raises_fails_alone(service: Service, report: Report) -> None:
    answers: list[httpx2.Response] = []
    with Load(service) as load:
        asking = [
            threading.Thread(target=lambda: answers.append(ask(service, RAISES))) for _ in range(4)
        ]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
    assert_nothing_lost_or_done_twice(load, service)
    report(
        poisoned=[a.status_code for a in answers], asked=len(load.songs), problems=load.problems()
    )
    assert [answer.status_code for answer in answers] == [500] * 4
    assert all("Traceback" not in answer.text for answer in answers)
    assert not load.refusals()


def test_a_lyric_that_kills_its_stage_fails_alone(service: Service, report: Report) -> None:
    """Whoever shared the process with it is served by the next ones."""
    with Load(service, clients=6) as load:
        answer = ask(service, KILLS)
        healthy = service.until_healthy()
        load.wait_for(4)
    assert_nothing_lost_or_done_twice(load, service)
    report(healthy=healthy, asked=len(load.songs), problems=load.problems(), slowest=load.slowest())
    assert answer.status_code == 500, answer.text
    assert answer.json()["type"].endswith("crashed")
    assert not load.refusals()


def test_a_durable_job_that_kills_its_stage_is_given_up(service: Service) -> None:
    """It is not tried for ever, though it was accepted: its client is told why."""
    accepted = ask(service, KILLS, **LATER)
    assert accepted.status_code == 202
    place = f"{service.url}{accepted.headers['location']}"

    def state() -> dict[str, object]:
        job: dict[str, object] = httpx2.get(place, timeout=60, trust_env=False).json()
        return job

    await_that(lambda: state()["status"] == "failed", state, 120)
    assert "crashed" in str(state()["error"])
