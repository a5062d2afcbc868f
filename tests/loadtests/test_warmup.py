from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from yarl import URL

from loadtests.client import CoverClient
from loadtests.loads import ClosedLoad
from loadtests.objective import Objective
from loadtests.orders import CandidatesMix
from loadtests.session import ORDERS_A_USER, Session, SessionOptions
from loadtests.warmup import WarmUp, Window, agree, warm_up
from loadtests.workload import read_songs
from tests.loadtests.service import FakeService


def play(windows: Sequence[Window | None], most: int = 10) -> WarmUp:
    coming = iter(windows)

    async def following() -> Window | None:
        return next(coming)

    return asyncio.run(warm_up(following, most))


def test_three_in_a_row_end_it() -> None:
    cold, warming, warm = Window(1, 8), Window(3, 3), Window(4, 2)
    found = play([cold, warming, warm, Window(4.2, 2.1), Window(4, 1.95), cold])
    assert found.settled
    assert len(found.windows) == 5
    assert "settled after 5" in found.describe()


def test_it_gives_up_and_says_so() -> None:
    found = play([Window(1 + n, 1) for n in range(20)], most=6)
    assert not found.settled
    assert len(found.windows) == 6
    assert "NEVER SETTLED" in found.describe()
    assert found.as_dict()["settled"] is False


def test_it_can_be_left_out_or_stopped() -> None:
    assert play([], most=0).describe() == "no warm-up"
    assert len(play([Window(1, 1), None]).windows) == 1


@pytest.mark.parametrize(
    ("rates", "latencies", "expected"),
    [
        ((10, 10.5, 10.9), (2, 2, 2), True),
        ((10, 10.5, 11.1), (2, 2, 2), False),
        ((10, 10, 10), (2, 2.1, 2.3), False),
        ((10, 10), (2, 2), False),
        ((0, 0, 0), (None, None, None), False),
    ],
)
def test_ten_percent(
    rates: Sequence[float], latencies: Sequence[float | None], expected: bool
) -> None:
    assert agree([Window(r, s) for r, s in zip(rates, latencies, strict=True)]) is expected


def test_windows_ask_for_the_same_songs_with_fresh_seeds() -> None:
    async def run(url: str) -> int:
        options = SessionOptions(
            read_songs(), CandidatesMix.parse("2:1,1:1"), 7, Objective(), warm_windows=2
        )
        said: list[str] = []
        async with CoverClient(URL(url)) as client:
            session = Session(client, options, asyncio.Event(), said.append)
            first = await session.measure(ClosedLoad(1, 0.1))
            again = await session.measure(ClosedLoad(1, 0.1))
        assert len(said) == 1
        assert len(first.warm_up.windows) == 2
        assert again.warm_up is first.warm_up
        return len(first.outcomes) + len(again.outcomes)

    with FakeService() as service:
        measured = asyncio.run(run(service.url))
    size = ORDERS_A_USER
    assert len(service.bodies) == measured + 2 * size
    songs = [(body["lyrics"], body["candidates"]) for body in service.bodies]
    seeds = [body["seed"] for body in service.bodies]
    assert songs[:size] == songs[size : 2 * size]
    assert set(seeds[:size]).isdisjoint(seeds[size : 2 * size])
