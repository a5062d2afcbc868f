"""Ingress: HTTP in front of the pipeline."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI
from ray import serve
from ray.serve.handle import DeploymentHandle

from deployments.api.application import build_api
from deployments.api.placement import await_places
from deployments.api.routes.songs import open_catalogue
from deployments.api.service import Service
from deployments.config.application import AppOptions, data_folder, where_kept
from deployments.config.tuning import Tunable
from deployments.config.user_config import IngressTunables
from deployments.jobs.autoscaling import UNFINISHED
from deployments.pipeline.stage_calls import Stages
from deployments.telemetry import tracing

_log = logging.getLogger("ray.serve")


@serve.deployment(name="Ingress")
@serve.ingress()
class Ingress(Tunable[IngressTunables]):
    """Holds the handles, the service over them, and the routes over that."""

    Tunables = IngressTunables

    def __init__(
        self,
        preprocess: DeploymentHandle[Any],
        summarizer: DeploymentHandle[Any],
        translator: DeploymentHandle[Any],
        sentiment: DeploymentHandle[Any],
        generator: DeploymentHandle[Any],
        reranker: DeploymentHandle[Any],
        options: AppOptions,
    ) -> None:
        if options.place_timeout_s is not None:
            await_places(options.place_timeout_s)
        _log.info("%s", where_kept(options))
        stages = Stages(preprocess, summarizer, translator, sentiment, generator, reranker)
        self.service = Service(
            stages,
            data_folder(options.data),
            options.upscale,
            options.history,
            options.images,
            options.policy,
            options.release,
            options.survey,
        )
        self.catalogue = open_catalogue(options.songs)

    async def tune(self, tunables: IngressTunables) -> None:
        """Take over other limits.

        Raises:
            OSError: the folder for traces cannot be created.
        """
        self.service.runner.pipeline.calls.timeouts = tunables.timeouts
        self.service.runner.tunables = tunables.jobs
        self.service.guard.tunables = tunables.access.with_keys_of_file()
        tracing.configure(tunables.tracing)

    def __serve_build_asgi_app__(self) -> FastAPI:
        """The routes, built in the replica, where they can hold the service."""
        return build_api(self.service, catalogue=self.catalogue, refused=lambda: self.refused)

    async def record_autoscaling_stats(self) -> dict[str, float]:
        """For the autoscaling policy; Serve asks only where the Ingress has an `autoscaling_config`."""
        return {UNFINISHED: float(await self.service.runner.job_queue.unfinished())}
