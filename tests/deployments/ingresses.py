"""Ingresses over one database, each with stages of its own, and what tests do to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from deployments.api.service import Service
from deployments.config.application import HistoryOptions
from deployments.config.user_config import JobTunables
from deployments.contract.covers import CoverRequest
from deployments.contract.messages import CandidatePicture, DrawRequest
from deployments.pipeline.stage_calls import Stages
from deployments.storage.tables import IngressRow
from tests.deployments.conftest import Fake, Handle

Build = Callable[..., Service]
PATIENCE = 60.0
"""Seconds until a test gives up what it waits for."""


@pytest.fixture
def build(database_url: str | None, tmp_path: Path) -> Iterator[Build]:
    """Ingresses that share a database and a data folder; each has stages of its own."""
    built: list[Service] = []

    def make(**tunables: Any) -> Service:
        names = ("preprocess", "summarizer", "translator", "sentiment", "generator", "reranker")
        stages = Stages(**{name: Handle(Fake(name)) for name in names})
        service = Service(stages, tmp_path, 1, HistoryOptions(url=database_url))
        quick = {"pauses_s": (0.01,) * 3, "poll_s": 0.02, "look_s": 0.02, "save_s": 0.01}
        service.runner.tunables = JobTunables(**{**quick, **tunables})
        built.append(service)
        return service

    yield make
    for service in built:
        service.database.close()


class Brush:
    """A generator that draws only when it is told to."""

    def __init__(self, service: Service) -> None:
        self.target = service.runner.pipeline.calls.stages.generator.target
        self.inner = self.target.draw
        self.target.draw = self.draw
        self.go = asyncio.Event()
        self.begun = 0
        self.stopped = 0

    async def draw(self, drawing: DrawRequest) -> AsyncIterator[Sequence[CandidatePicture]]:
        self.begun += 1
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        async for cover in self.inner(drawing):
            yield cover


def order(**changes: Any) -> CoverRequest:
    return CoverRequest.model_validate(
        {"lyrics": "a balloon", "candidates": 2, "seed": 7} | changes
    )


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


async def status(service: Service, id: str) -> str:
    return (await service.runner.job_queue.state(id, "")).status


async def finished(service: Service, id: str) -> str:
    async with asyncio.timeout(PATIENCE):
        while (now := await status(service, id)) in ("queued", "running"):
            await asyncio.sleep(0.02)
        return now


async def expire_lease(service: Service) -> None:
    """Let the lease of an ingress run out at once."""
    mine = IngressRow.id == service.runner.job_queue.ingress
    over = update(IngressRow).where(mine).values(lease_until=0.0)
    await service.database.write(lambda session: session.execute(over))


def stop_chores(service: Service) -> None:
    """Make an ingress renew, claim and save no more, like a stopped process."""
    for chore in service.runner._chores:
        chore.cancel()


async def crash(service: Service) -> None:
    """What kill -9 leaves once the lease has run out: no chores, no tasks, no outcomes."""
    stop_chores(service)
    for job in list(service.runner.jobs.values()):
        job.lose()
    await expire_lease(service)


def run(work: Awaitable[Any]) -> Any:
    async def wait() -> Any:
        return await work

    return asyncio.run(wait())
