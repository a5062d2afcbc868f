from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest
from yarl import URL

from loadtests.load.loads import Arrivals, ClosedLoad, Load, OpenLoad, schedule
from loadtests.load.run import Run
from loadtests.service.client import CoverClient
from loadtests.service.exchange import Kind, Request
from loadtests.session import progress_line
from tests.loadtests.fake_service import FakeService


def requests() -> Iterator[Request]:
    while True:
        yield Request("a yellow balloon", 2, 1)


def drive(
    load: Load,
    service: FakeService,
    *,
    connections: int = 100,
    patience: float = 30,
    stop_after: int | None = None,
) -> Run:
    """The run of a load, stopped once the service has had so many requests."""

    async def stop_in_time(stop: asyncio.Event) -> None:
        while stop_after is None or len(service.bodies) < stop_after:
            await asyncio.sleep(0.01)
        stop.set()

    async def drive_load() -> Run:
        stop = asyncio.Event()
        async with CoverClient(URL(service.url), connections=connections) as client:
            run = Run(client, patience, stop)
            stopping = asyncio.create_task(stop_in_time(stop))
            await load.drive(run, requests())
            stopping.cancel()
            return run

    return asyncio.run(drive_load())


@pytest.mark.parametrize("connections", [100, 1], ids=["waits in the service", "in the client"])
def test_latencies_of_an_open_loop_hold_the_backlog(connections: int) -> None:
    """One worker of 30 ms against 100 requests a second: the n-th set cannot come before n x 30 ms."""
    with FakeService(delay=0.03, workers=1) as service:
        run = drive(OpenLoad(100, 0.2, Arrivals.CONSTANT, 1), service, connections=connections)
    assert len(run.outcomes) == 20
    assert sorted(o.due for o in run.outcomes) == pytest.approx([n / 100 for n in range(20)])
    for number, outcome in enumerate(sorted(run.outcomes, key=lambda o: o.finished), 1):
        assert outcome.answer.kind is Kind.DONE
        assert outcome.finished >= number * 0.03 - 0.005
    assert max(o.latency for o in run.outcomes) >= 20 * 0.03 - 0.2
    assert run.span == pytest.approx(0.2)


def test_an_open_loop_does_not_wait_for_a_silent_service() -> None:
    with FakeService(["hang"]) as service:
        run = drive(OpenLoad(50, 0.4, Arrivals.POISSON, 1), service, patience=0.5)
    assert len(run.outcomes) > 5
    assert {o.answer.kind for o in run.outcomes} == {Kind.TIMEOUT}
    assert all(o.latency >= 0.49 for o in run.outcomes)


def test_a_closed_loop_has_as_many_under_way_as_users() -> None:
    with FakeService(delay=0.02) as service:
        run = drive(ClosedLoad(3, 0.5), service)
    assert service.most <= 3
    assert len(run.outcomes) == len(service.bodies) >= 3
    assert all(o.due <= o.started <= o.finished for o in run.outcomes)
    assert all(o.due < 0.5 for o in run.outcomes)


def test_users_heed_retry_after() -> None:
    with FakeService(["503"]) as service:
        run = drive(ClosedLoad(2, 0.3), service)
    assert [o.answer.kind for o in run.outcomes] == [Kind.REFUSED] * 2


def test_users_stay_away_after_a_failure() -> None:
    with FakeService(["500"]) as service:
        run = drive(ClosedLoad(1, 0.5, pause=0.2), service)
    assert 1 <= len(run.outcomes) <= 3


def test_a_closed_loop_ends_with_its_orders() -> None:
    async def run(url: str) -> int:
        async with CoverClient(URL(url)) as client:
            ended = Run(client, 30, asyncio.Event())
            await ClosedLoad(4, 600).drive(ended, iter([Request("x", 1, n) for n in range(7)]))
            return len(ended.outcomes)

    with FakeService() as service:
        assert asyncio.run(run(service.url)) == 7


@pytest.mark.parametrize(
    "load", [ClosedLoad(3, 600), OpenLoad(20, 600, Arrivals.POISSON, 1)], ids=["closed", "open"]
)
def test_a_stop_leaves_requests_unfinished_and_ends_at_once(load: Load) -> None:
    with FakeService(["hang"]) as service:
        run = drive(load, service, stop_after=3)
    assert run.outcomes
    assert len(run.outcomes) == run.sent
    assert run.sent == 3 or isinstance(load, OpenLoad)
    assert {o.answer.kind for o in run.outcomes} == {Kind.UNFINISHED}
    assert run.span < 60


def test_progress_tells_done_from_refused_from_failed() -> None:
    with FakeService(["covers", "503", "500", "covers"]) as service:
        run = drive(OpenLoad(40, 0.1, Arrivals.CONSTANT, 1), service)
    line = progress_line(run, "constant 40/s", 0.1)
    assert "4 sent, 2 done, 1 refused, 1 failed, 0 under way, p50" in line


def test_poisson_counts_have_equal_mean_and_variance() -> None:
    counts = [len(schedule(Arrivals.POISSON, 20, 5, seed)) for seed in range(600)]
    assert np.mean(counts) == pytest.approx(100, rel=0.03)
    assert np.var(counts) == pytest.approx(100, rel=0.2)


def test_poisson_gaps_are_exponential() -> None:
    gaps = np.diff(schedule(Arrivals.POISSON, 4, 2000, seed=1))
    assert gaps.mean() == pytest.approx(0.25, rel=0.05)
    assert gaps.std() == pytest.approx(0.25, rel=0.05)
    assert np.mean(gaps > 0.25) == pytest.approx(np.exp(-1), abs=0.02)


def test_a_seed_decides_the_times_and_a_rate_only_scales_them() -> None:
    slow = schedule(Arrivals.POISSON, 2, 60, seed=7)
    assert slow == schedule(Arrivals.POISSON, 2, 60, seed=7)
    assert slow != schedule(Arrivals.POISSON, 2, 60, seed=8)
    fast = schedule(Arrivals.POISSON, 4, 60, seed=7)
    assert np.array(fast[: len(slow)]) == pytest.approx(np.array(slow) / 2)


def test_constant_arrivals() -> None:
    times = schedule(Arrivals.CONSTANT, 2, 3, seed=1)
    assert times == [0, 0.5, 1, 1.5, 2, 2.5]


@pytest.mark.parametrize("arrivals", Arrivals)
def test_all_are_within_the_duration(arrivals: Arrivals) -> None:
    times = schedule(arrivals, 100, 2.5, seed=3)
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] < 2.5
