"""Clients by the hundred: those that leave in the middle, and three times as many as can be served."""

from __future__ import annotations

import asyncio
import copy
import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import psutil
import pytest

from tests.faults.conftest import Report
from tests.faults.load import Load, assert_nothing_lost_or_done_twice
from tests.faults.service import Service, await_that, tuned

pytestmark = pytest.mark.long

STORM = 200
FREE_SECONDS = 2.0
SETTLING_SECONDS = 3.0
LAG = 1.5
"""Seconds until a metric can be read: each process reports twice a second."""
OVERLOAD_SECONDS = float(os.environ.get("SONGDALLE_OVERLOAD_SECONDS", "12"))
LONG = 60.0
"""From this many seconds on the figures are no luck, and the sharper promises are tested."""
PROBE_SECONDS = 8.0
USERS = 8
EXCESS = 3
SLOWEST = 60.0
GOODPUT = 0.7
"""Share of capacity; measured 0.79, the aim is 0.9: docs/reliability.md."""
FLAT = 60 * 2**20
"""Bytes: what allocators keep of the busiest moment is more than nothing."""
RECOVERY_SECONDS = 10.0
SONG = {"lyrics": "풍선을 타고 날아가는 예쁜 꿈"}
"""With the default number of candidates, as people ask."""


def open_client(service: Service) -> httpx2.AsyncClient:
    every = httpx2.Limits(max_connections=None, max_keepalive_connections=50)
    return httpx2.AsyncClient(base_url=service.url, timeout=120, trust_env=False, limits=every)


def under_way(service: Service) -> list[tuple[str, str, str]]:
    """Jobs that are not at their end."""
    return [row for row in service.jobs() if row[2] in ("queued", "running")]


def last_drawing(service: Service, since: float, watched: float = 8.0) -> float:
    """Seconds from `since` until no slot was in use, nothing waited and no cover came any more."""
    last, drawn = 0.0, -1.0
    while (now := time.monotonic() - since) < watched:
        images = service.gauge("engine_images_total")
        if service.gauge("engine_slots_in_use") or service.gauge("queue_depth") or images != drawn:
            last, drawn = now, images
        time.sleep(0.2)
    return last


@pytest.fixture
def patient(service: Service) -> Iterator[Service]:
    """The service with a line that is long enough for a storm."""
    document = copy.deepcopy(service.document)
    tuned(document, "Ingress")["user_config"]["jobs"] |= {"waiting": STORM, "wait_s": 600}
    service.deploy(document)
    time.sleep(SETTLING_SECONDS)
    service.until_healthy()
    yield service
    service.deploy(service.document)
    time.sleep(SETTLING_SECONDS)


def test_a_storm_of_clients_that_leave(patient: Service, report: Report) -> None:
    """Every slot is free soon after the last of them has gone, and nothing is drawn for nobody."""
    service = patient

    async def leave_early(client: httpx2.AsyncClient, number: int) -> int:
        order = SONG | {"candidates": 24, "seed": number}
        headers = {"Accept": "text/event-stream"} if number % 2 else {}
        try:
            async with (
                asyncio.timeout(3.0),
                client.stream("POST", "/v1/covers", json=order, headers=headers) as answer,
            ):
                async for _ in answer.aiter_bytes():
                    if number % 2:
                        break  # the first event is enough
                return answer.status_code
        except TimeoutError:
            return 0

    async def storm() -> list[int]:
        async with open_client(service) as client:
            return await asyncio.gather(*(leave_early(client, n) for n in range(STORM)))

    statuses = asyncio.run(storm())
    left = time.monotonic()
    await_that(lambda: not under_way(service), lambda: under_way(service)[:3])
    over = time.monotonic() - left
    free = last_drawing(service, left)
    report(jobs_over=over, slots_free=free, refused=sum(status == 503 for status in statuses))
    assert set(statuses) <= {0, 200, 503}
    assert free < FREE_SECONDS + LAG
    with Load(service) as load:
        load.wait_for(4)
    assert_nothing_lost_or_done_twice(load, service)
    assert not load.refusals()


@dataclass
class Answer:
    due: float
    finished: float
    status: int
    retry_after: str | None


async def ask(client: httpx2.AsyncClient, began: float, due: float) -> Answer:
    """One request at its time, seconds from `began`."""
    await asyncio.sleep(max(0.0, began + due - time.monotonic()))
    try:
        answer = await client.post("/v1/covers", json=SONG)
        status, retry = answer.status_code, answer.headers.get("retry-after")
    except httpx2.HTTPError:
        status, retry = 0, None
    return Answer(due, time.monotonic() - began, status, retry)


async def closed(client: httpx2.AsyncClient, seconds: float) -> list[Answer]:
    """Users who ask again as soon as they are answered."""
    began = time.monotonic()

    async def user() -> list[Answer]:
        answers = []
        while (now := time.monotonic() - began) < seconds:
            answers.append(await ask(client, began, now))
        return answers

    return [
        answer for user in await asyncio.gather(*(user() for _ in range(USERS))) for answer in user
    ]


async def overload(service: Service) -> dict[str, Any]:
    async with open_client(service) as client:
        await closed(client, 3.0)
        probe = await closed(client, PROBE_SECONDS)
        capacity = len(probe) / max(answer.finished for answer in probe)
        usual = statistics.median(answer.finished - answer.due for answer in probe)
        before = memory(service)
        rate, began = EXCESS * capacity, time.monotonic()
        times = [number / rate for number in range(int(rate * OVERLOAD_SECONDS))]
        asking = [asyncio.create_task(ask(client, began, due)) for due in times]
        await asyncio.sleep(OVERLOAD_SECONDS)
        while True:  # recovered: a newcomer is served as if nothing had been
            newcomer = await ask(client, began, time.monotonic() - began)
            if newcomer.status == 200 and newcomer.finished - newcomer.due < 2 * usual + 0.5:
                break
            assert time.monotonic() - began < OVERLOAD_SECONDS + 90, newcomer
            await asyncio.sleep(0.2)
        recovery = newcomer.due - OVERLOAD_SECONDS
        answers = await asyncio.gather(*asking)
        grown = {name: memory(service)[name] - level for name, level in before.items()}
    served = [answer for answer in answers if answer.status == 200]
    filled = OVERLOAD_SECONDS / 3  # by then as many are under way as may be
    in_time = [answer for answer in served if filled < answer.finished <= OVERLOAD_SECONDS]
    return {
        "capacity": capacity,
        "offered": rate,
        "asked": len(answers),
        "served": len(served),
        "refused": sum(answer.status == 503 for answer in answers),
        "statuses": {answer.status for answer in answers},
        "retry_after": all(answer.retry_after for answer in answers if answer.status == 503),
        "goodput": len(in_time) / (OVERLOAD_SECONDS - filled) / capacity,
        "slowest": max(answer.finished - answer.due for answer in served),
        "recovery": recovery,
        "grown_mib": {name: round(grew / 2**20, 1) for name, grew in grown.items()},
        "most_grown": max(grown.values()),
    }


def memory(service: Service) -> dict[str, int]:
    """Resident bytes of each of the service's processes that serve."""
    pids = [*service.pids("ServeReplica:song-dalle"), *service.pids("ProxyActor")]
    return {str(pid): psutil.Process(pid).memory_info().rss for pid in pids}


def test_three_times_what_can_be_served(service: Service, report: Report) -> None:
    """What is accepted is done within bounds, the rest is told when to come back, and then all is as before."""
    figures = asyncio.run(overload(service))
    report(seconds=OVERLOAD_SECONDS, **figures)
    assert figures["statuses"] == {200, 503}
    assert figures["retry_after"]
    assert figures["slowest"] < SLOWEST
    assert figures["most_grown"] < FLAT
    if OVERLOAD_SECONDS < LONG:
        assert figures["goodput"] > 0.5
        return
    assert figures["goodput"] >= GOODPUT
    assert figures["recovery"] <= RECOVERY_SECONDS
