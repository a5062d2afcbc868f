from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from deployments.api.service import Service
from deployments.config.application import HistoryOptions, ImagesOptions
from deployments.contract.covers import CoverRequest
from deployments.contract.errors import NotFound
from deployments.pipeline.stage_calls import Stages
from deployments.storage.tables import JobRow

ORDER = CoverRequest.model_validate({"lyrics": "a balloon", "candidates": 1, "seed": 7})


def test_old_covers_are_gone_after_a_start(stages: Stages, tmp_path: Path) -> None:
    async def draw() -> str:
        service = Service(stages, tmp_path, 1)
        async with service.lifespan(None):  # type: ignore[arg-type]
            made = await service.runner.result(await service.runner.accept(ORDER))
            old = update(JobRow).values(finished_at=datetime.now(UTC) - timedelta(days=3))
            await service.database.write(lambda session: session.execute(old))
        return made.id

    async def look(name: str, days: float | None) -> None:
        service = Service(stages, tmp_path, 1, HistoryOptions(retention_days=days))
        async with service.lifespan(None):  # type: ignore[arg-type]
            if days is None:
                assert await listed(service) == [name]
                return
            async with asyncio.timeout(60):
                while await listed(service):
                    await asyncio.sleep(0.02)
            with pytest.raises(NotFound):
                service.store.read(name, 1)

    async def listed(service: Service) -> list[str]:
        return [
            summary.id for summary in (await service.history.page("", 5, None, None, None)).covers
        ]

    name = asyncio.run(draw())
    asyncio.run(look(name, None))
    asyncio.run(look(name, 2))


def test_lyrics_and_pictures_go_where_the_configuration_says(
    stages: Stages, tmp_path: Path
) -> None:
    async def draw() -> None:
        images = ImagesOptions(url=f"file://{tmp_path}/elsewhere")
        database = HistoryOptions(url=f"sqlite:///{tmp_path}/db/jobs.db", keep_lyrics=False)
        service = Service(stages, tmp_path / "data", 1, database, images)
        async with service.lifespan(None):  # type: ignore[arg-type]
            made = await service.runner.result(await service.runner.accept(ORDER))
            assert made.lyrics == ORDER.lyrics
            state = await service.runner.job_queue.state(made.id, "")
            assert state.answer is not None
            assert state.answer.lyrics == ""
            assert (tmp_path / "elsewhere" / made.id / "1.png").is_file()
        content = b"".join(path.read_bytes() for path in (tmp_path / "db").iterdir())
        assert made.id.encode() in content

    asyncio.run(draw())
    assert not (tmp_path / "data").exists()


def test_an_unusable_url_stops_the_start(stages: Stages, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"history\.url"):
        Service(stages, tmp_path, 1, HistoryOptions(url="mysql://x/y"))
