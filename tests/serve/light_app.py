"""The real routes, jobs and access control in a real Serve replica, over stages that only pretend to draw.

It starts in seconds. Annotations must stay real objects here: Ray reads the builder's.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from ray import serve

from deployments.api.application import build_api
from deployments.api.service import Service
from deployments.config.user_config import IngressTunables
from deployments.contract.messages import CandidatePicture, DrawRequest
from deployments.pipeline.stage_calls import Stages
from tests.deployments.conftest import Fake, Handle

STAGES = ("preprocess", "summarizer", "translator", "sentiment", "generator", "reranker")


class Painter(Fake):
    """Takes as many seconds as the prompt says ("wait 3")."""

    async def draw(self, drawing: DrawRequest) -> AsyncIterator[Sequence[CandidatePicture]]:
        """The covers, after a while."""
        seconds = re.search(r"wait (\d+)", drawing.prompt)
        await asyncio.sleep(int(seconds[1]) if seconds else 0)
        async for cover in super().draw(drawing):
            yield cover


@serve.deployment(name="Ingress", max_ongoing_requests=100, ray_actor_options={"num_cpus": 0.1})
@serve.ingress()
class Ingress:
    """As deployments/api/ingress.py, with stages of its own."""

    def __init__(self) -> None:
        fakes = {name: Fake(name) for name in STAGES} | {"generator": Painter("generator")}
        stages = Stages(**{name: Handle(fake) for name, fake in fakes.items()})
        self.service = Service(stages, Path(os.environ["SONGDALLE_DATA"]), 1)

    def reconfigure(self, user_config: dict[str, Any]) -> None:
        """Take over a changed `user_config`."""
        tunables = IngressTunables.model_validate(user_config)
        self.service.runner.tunables = tunables.jobs
        self.service.guard.tunables = tunables.access

    def __serve_build_asgi_app__(self) -> FastAPI:
        """The real routes."""
        return build_api(self.service)


def build(args: dict[str, Any]) -> serve.Application:
    """The ingress alone."""
    return Ingress.bind()
