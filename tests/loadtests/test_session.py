from __future__ import annotations

import asyncio

from yarl import URL

from loadtests.load.loads import ClosedLoad
from loadtests.load.workload import CandidatesMix, read_songs
from loadtests.report.latency import Objective
from loadtests.service.client import CoverClient
from loadtests.session import REQUESTS_A_USER, Session, SessionOptions
from tests.loadtests.fake_service import FakeService


def test_windows_ask_for_the_same_songs_with_fresh_seeds() -> None:
    async def run(url: str) -> int:
        options = SessionOptions(
            read_songs(), CandidatesMix.parse("2:1,1:1"), 7, Objective(), warm_windows=2
        )
        lines: list[str] = []
        async with CoverClient(URL(url)) as client:
            session = Session(client, options, asyncio.Event(), lines.append)
            first = await session.measure(ClosedLoad(1, 0.1))
            again = await session.measure(ClosedLoad(1, 0.1))
        assert len(lines) == 1
        assert len(first.warm_up.windows) == 2
        assert again.warm_up is first.warm_up
        return len(first.outcomes) + len(again.outcomes)

    with FakeService() as service:
        measured = asyncio.run(run(service.url))
    size = REQUESTS_A_USER
    assert len(service.bodies) == measured + 2 * size
    songs = [(body["lyrics"], body["candidates"]) for body in service.bodies]
    seeds = [body["seed"] for body in service.bodies]
    assert songs[:size] == songs[size : 2 * size]
    assert set(seeds[:size]).isdisjoint(seeds[size : 2 * size])
