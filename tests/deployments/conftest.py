"""Stages that answer at once and count their calls, behind the handles' interface."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import psycopg
import pytest
from starlette.testclient import TestClient

from deployments.api.application import build_api
from deployments.api.service import Service
from deployments.config.user_config import JobTunables
from deployments.contract.messages import (
    CandidatePicture,
    DrawRequest,
    FinishedAnew,
    FinishRequest,
    Judgement,
    PreprocessedLyrics,
    PreprocessRequest,
    StageInfo,
    SummaryRequest,
)
from deployments.pipeline.pipeline import Pipeline
from deployments.pipeline.stage_calls import Stages
from deployments.stages.encoding import picture_of, preview_of
from deployments.storage.database import Database
from deployments.storage.pictures import CoverStore
from songdalle_core.moods import MOODS
from songdalle_core.translation import Translation
from tests.deployments.databases import pgbouncer, pgbouncer_program, postgresql, programs


class Handle:
    """Acts like a DeploymentHandle over the async methods of an object."""

    def __init__(self, target: Any) -> None:
        self.target = target

    def options(self, **_: Any) -> Handle:
        return self

    def __getattr__(self, name: str) -> Any:
        def remote(*arguments: Any) -> Any:
            self.target.calls.append((name, *arguments))
            if self.target.failures and name != "describe":
                failure = self.target.failures.pop(0)
                if failure is not None:
                    return _raise(failure)
            return getattr(self.target, name)(*arguments)

        return SimpleNamespace(remote=remote)


class _raise:  # noqa: N801
    """Awaited or iterated, raises."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __await__(self) -> Any:
        raise self.error
        yield

    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> Any:
        raise self.error


@dataclass
class Fake:
    """All six stages in one; `failures` are raised by the next calls, None lets one pass."""

    name: str
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    failures: list[BaseException | None] = field(default_factory=list)
    missing: int = 0
    broken: bool = False
    anew: Callable[[FinishRequest], FinishedAnew] | None = None
    withhold: Callable[[np.ndarray], str | None] = lambda pixels: None

    async def describe(self) -> StageInfo:
        if self.broken:
            raise RuntimeError("secret detail")
        return StageInfo(self.name, f"fake {self.name}")

    async def preprocess(self, request: PreprocessRequest) -> PreprocessedLyrics:
        lines = [line.strip() for line in request.lyrics.split("\n")]
        clean = tuple(line for line in lines if any(map(str.isalpha, line)))
        whole: Any = SimpleNamespace(text=". ".join(clean), lines=clean, language="en")
        if not request.remove_profanity:
            return PreprocessedLyrics(whole, clean, request.prompt, request.style, 0)
        polite = tuple(line for line in clean if "rude" not in line)
        prompt = request.prompt
        if prompt is not None and "rude" in prompt:
            prompt = ""
        removed = len(clean) - len(polite) + (prompt != request.prompt)
        return PreprocessedLyrics(whole, polite, prompt, request.style, removed)

    async def summarize(self, order: SummaryRequest) -> Any:
        sentences = order.lines[: order.sentences]
        return SimpleNamespace(sentences=sentences, text=". ".join(sentences))

    async def translate(self, sentence: str) -> Any:
        return Translation(
            sentence.lower(), unknown=("뷁",), images=("사랑",), borrowed=(("푸들", "개"),)
        )

    async def classify(self, text: str) -> Any:
        scores = dict(zip(MOODS, (0.1, 0.1, 0.1, 0.6, 0.1), strict=True))
        return SimpleNamespace(label="Joyful", scores=scores)

    async def draw(self, drawing: DrawRequest) -> AsyncIterator[Sequence[CandidatePicture]]:
        for i in range(drawing.previews):
            pixels = np.full((64, 64, 3), 10 * i, dtype=np.uint8)
            fraction = (i + 1) / (drawing.previews + 1)
            yield (preview_of(pixels, drawing, i % drawing.candidates, drawing.seed, fraction),)
        for i in reversed(range(drawing.candidates - self.missing)):
            seed = (drawing.seed + drawing.first + i) % 2**32
            stream = np.random.default_rng([seed, *drawing.prompt.encode()])
            pixels = stream.integers(0, 256, (64, 64, 3), dtype=np.uint8)
            yield (picture_of(pixels, drawing, i, seed, self.name, drawing.delivery.upscale),)

    async def finish_anew(self, asked: FinishRequest) -> FinishedAnew | None:
        return self.anew(asked) if self.anew else None

    async def judge(self, prompt: str, images: np.ndarray, summary: str) -> list[Judgement]:
        return [Judgement(float(image.mean()), self.withhold(image)) for image in images]


@pytest.fixture
def stages() -> Stages:
    names = ("preprocess", "summarizer", "translator", "sentiment", "generator", "reranker")
    return Stages(**{name: Handle(Fake(name)) for name in names})


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """URL of a PostgreSQL server of the tests' own."""
    with postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """URL of an empty database of each kind; None is a file in the data folder."""
    if request.param == "sqlite":
        return None
    return _new_database(request)


@pytest.fixture
def pooled_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of an empty PostgreSQL database behind a pooler of transactions."""
    url = _new_database(request)
    if pgbouncer_program() is None:
        _missing("PgBouncer is not installed (Debian: apt install pgbouncer)")
    with pgbouncer(url) as pooled:
        yield pooled


def _new_database(request: pytest.FixtureRequest) -> str:
    if programs() is None:
        _missing("PostgreSQL is not installed (Debian: apt install postgresql)")
    url: str = request.getfixturevalue("postgresql_url")
    name = f"test{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return url.replace("/postgres?", f"/{name}?")


def _missing(reason: str) -> NoReturn:
    """Skip the test, except where the programs must be there."""
    assert "CI" not in os.environ, reason
    pytest.skip(reason)


@pytest.fixture
def database(database_url: str | None, tmp_path: Path) -> Iterator[Database]:
    """A database of each kind, tables made."""
    database = Database(database_url, tmp_path)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def pipeline(stages: Stages, tmp_path: Path) -> Pipeline:
    return Pipeline(stages, CoverStore(tmp_path), upscale=1)


@pytest.fixture
def service(stages: Stages, tmp_path: Path) -> Iterator[Service]:
    service = Service(stages, tmp_path, upscale=1)
    service.runner.tunables = JobTunables(pauses_s=(0.01, 0.01))
    yield service
    service.database.close()


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(build_api(service), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def song() -> Callable[..., dict[str, Any]]:
    def build(**changes: Any) -> dict[str, Any]:
        return {"lyrics": "A balloon over the sea\nand nothing else", "seed": 7} | changes

    return build


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Runs coroutines of a deployment's class as if it were a replica, which Ray's batches ask for."""
    config = SimpleNamespace(max_ongoing_requests=32)
    context = SimpleNamespace(_deployment_config=config)
    monkeypatch.setattr("ray.serve.get_replica_context", lambda: context)
    with asyncio.Runner() as runner:
        yield runner.run
