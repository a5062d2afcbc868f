"""The real routes, jobs and autoscaling policy over a Generator that is a deployment and only sleeps.

Annotations must stay real objects here: Ray reads the builder's.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from ray import serve

from deployments.api.application import build_api
from deployments.api.service import Service
from deployments.config.user_config import IngressTunables
from deployments.contract.messages import CandidatePicture, DrawRequest, StageInfo
from deployments.jobs.autoscaling import UNFINISHED
from deployments.pipeline.stage_calls import Stages
from tests.deployments.conftest import Fake, Handle

OTHERS = ("preprocess", "summarizer", "translator", "sentiment", "reranker")
DRAWING_SECONDS = 1.0
AT_ONCE = 2  # requests that a replica draws; others wait in it, as for the slots of an engine


@serve.deployment(name="Generator", max_ongoing_requests=64, ray_actor_options={"num_cpus": 0.1})
class Generator:
    """Draws as long as an engine would."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._fake = Fake("generator")

    async def draw(self, drawing: DrawRequest) -> AsyncIterator[CandidatePicture]:
        """The covers, after a while."""
        async with self._slots:
            await asyncio.sleep(DRAWING_SECONDS)
        async for cover in self._fake.draw(drawing):
            yield cover

    async def describe(self) -> StageInfo:
        """Say what draws here."""
        return StageInfo("generator", "sleeper")


@serve.deployment(name="Ingress", max_ongoing_requests=200, ray_actor_options={"num_cpus": 0.1})
@serve.ingress()
class Ingress:
    """As deployments/api/ingress.py, with stages of its own but for the Generator."""

    def __init__(self, generator: Any) -> None:
        fakes = {name: Handle(Fake(name)) for name in OTHERS}
        stages = Stages(**fakes, generator=generator)
        self.service = Service(stages, Path(os.environ["SONGDALLE_DATA"]), 1)

    def reconfigure(self, user_config: dict[str, Any]) -> None:
        """Take over a changed `user_config`."""
        self.service.runner.tunables = IngressTunables.model_validate(user_config).jobs

    async def record_autoscaling_stats(self) -> dict[str, float]:
        """As the real one."""
        return {UNFINISHED: float(await self.service.runner.job_queue.unfinished())}

    def __serve_build_asgi_app__(self) -> FastAPI:
        """The real routes."""
        return build_api(self.service)


def build(args: dict[str, Any]) -> serve.Application:
    """The ingress over the Generator."""
    return Ingress.bind(Generator.bind())
