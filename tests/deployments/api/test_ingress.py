from __future__ import annotations

import asyncio
from types import SimpleNamespace

from deployments.api.ingress import Ingress
from deployments.api.service import Service
from deployments.contract.covers import CoverRequest
from deployments.jobs.autoscaling import UNFINISHED
from deployments.storage.job_records import Capacity, NewJob


def test_serve_is_told_what_the_queue_has(service: Service) -> None:
    """Serve looks for a method of this name, and takes numbers alone."""
    tell = Ingress.func_or_class.record_autoscaling_stats  # type: ignore[union-attr]

    async def work() -> None:
        request = CoverRequest.model_validate({"lyrics": "바다", "seed": 7, "candidates": 5})
        assert await tell(SimpleNamespace(service=service)) == {UNFINISHED: 0.0}
        await service.runner.job_queue.accept(NewJob(request, "x" * 64), Capacity(0, 9))
        assert await tell(SimpleNamespace(service=service)) == {UNFINISHED: 5.0}

    asyncio.run(work())
