"""What stands behind the routes: jobs, listening, history; begun and ended with the application."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from deployments.api.access import AccessControl
from deployments.config.application import (
    HistoryOptions,
    ImagesOptions,
    ReleaseOptions,
    SurveyOptions,
    database_url,
    named_pictures,
)
from deployments.config.pictures import PolicyOptions
from deployments.jobs.runner import Runner
from deployments.jobs.streams import EventStreams
from deployments.pipeline.pipeline import Pipeline
from deployments.pipeline.releases import ReleaseMaker, signer_of
from deployments.pipeline.stage_calls import Stages
from deployments.storage.database import Database
from deployments.storage.draw_limits import DrawLimits
from deployments.storage.history import History
from deployments.storage.job_queue import JobQueue
from deployments.storage.people_pictures import PeoplePictures
from deployments.storage.pictures import open_store
from deployments.storage.ratings import Ratings
from deployments.storage.survey import Survey

FORGET_SECONDS = 60.0

_log = logging.getLogger("ray.serve")


class Service:
    """One ingress's part in the service.

    Args:
        stages: handles to call.
        data: the data folder.
        upscale: whole factor from the generator's pictures to the PNGs.
    """

    def __init__(
        self,
        stages: Stages,
        data: Path,
        upscale: int,
        history: HistoryOptions | None = None,
        images: ImagesOptions | None = None,
        policy: PolicyOptions | None = None,
        release: ReleaseOptions | None = None,
        survey: SurveyOptions | None = None,
    ) -> None:
        history = history or HistoryOptions()
        self.store = open_store(named_pictures(images or ImagesOptions()), data)
        self.database = Database(database_url(history), data)
        self.database.migrate()
        job_queue = JobQueue(self.database, uuid.uuid4().hex, keep_lyrics=history.keep_lyrics)
        self.runner = Runner(Pipeline(stages, self.store, upscale, policy), job_queue)
        self.releases = ReleaseMaker(self.runner.pipeline.calls, self.store, signer_of(release))
        self.event_streams = EventStreams(self.runner)
        self.ratings = Ratings(self.database)
        self.draw_limits = DrawLimits(self.database)
        self.guard = AccessControl(self.draw_limits)
        self.survey: Survey | None = None
        if survey is not None and survey.enabled:
            self.survey = Survey(self.database, PeoplePictures(survey.covers_by_people))
        days = history.retention_days
        self.history = History(self.database, self.store, timedelta(days=days) if days else None)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """From the beginning of the application to its end."""
        await self.runner.start()
        forgetting = asyncio.create_task(self._forget())
        try:
            yield
        finally:
            forgetting.cancel()
            await self.runner.stop()
            self.database.close()

    async def _forget(self) -> None:
        while True:
            try:
                await self.history.forget()
                if self.guard.tunables.shared:
                    await self.draw_limits.forget()
            except Exception:
                _log.exception("the history could not be cleared and will be later")
            await asyncio.sleep(FORGET_SECONDS)
