"""Stages that answer at once and count their calls, behind the handles' interface."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from deployments.messages import Drawing, DrawnCover, PoliteLines, StageInfo, SummaryOrder
from deployments.pipeline import Pipeline
from deployments.runner import Runner
from deployments.stages import Stages
from deployments.storage import CoverStore
from songdalle_core.moods import MOODS
from songdalle_core.prompts import Prompt, PromptOptions, build_prompt
from songdalle_core.translation import Translation


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

    async def describe(self) -> StageInfo:
        if self.broken:
            raise RuntimeError("secret detail")
        return StageInfo(self.name, f"fake {self.name}")

    async def clean(self, lyrics: str) -> Any:
        lines = tuple(line.strip() for line in lyrics.split("\n") if any(map(str.isalpha, line)))
        return SimpleNamespace(text=". ".join(lines), lines=lines, language="en")

    async def without_rude_words(self, lines: tuple[str, ...]) -> PoliteLines:
        kept = tuple(line for line in lines if "rude" not in line)
        return PoliteLines(kept, len(lines) - len(kept))

    async def write_prompt(self, sentences: list[str], options: PromptOptions) -> Prompt:
        return build_prompt(sentences, options)

    async def summarize(self, order: SummaryOrder) -> Any:
        kept = order.lines[: order.sentences]
        return SimpleNamespace(sentences=kept, text=". ".join(kept))

    async def translate(self, sentence: str) -> Any:
        return Translation(
            sentence.lower(), unknown=("뷁",), images=("사랑",), borrowed=(("푸들", "개"),)
        )

    async def classify(self, text: str) -> Any:
        scores = dict(zip(MOODS, (0.1, 0.1, 0.1, 0.6, 0.1), strict=True))
        return SimpleNamespace(label="Joyful", scores=scores)

    async def draw(self, drawing: Drawing) -> AsyncIterator[DrawnCover]:
        for i in range(drawing.previews):
            pixels = np.full((64, 64, 3), 10 * i, dtype=np.uint8)
            fraction = (i + 1) / (drawing.previews + 1)
            yield DrawnCover(i % drawing.candidates, drawing.seed, pixels, fraction=fraction)
        for i in reversed(range(drawing.candidates - self.missing)):
            seed = (drawing.seed + i) % 2**32
            stream = np.random.default_rng([seed, *drawing.prompt.encode()])
            yield DrawnCover(i, seed, stream.integers(0, 256, (64, 64, 3), dtype=np.uint8))

    async def score(self, prompt: str, images: np.ndarray) -> list[float]:
        return [float(image.mean()) for image in images]


@pytest.fixture
def stages() -> Stages:
    names = ("preprocess", "summarizer", "translator", "sentiment", "generator", "reranker")
    return Stages(**{name: Handle(Fake(name)) for name in names})


@pytest.fixture
def pipeline(stages: Stages, tmp_path: Path) -> Pipeline:
    return Pipeline(stages, CoverStore(tmp_path), upscale=1)


@pytest.fixture
def runner(pipeline: Pipeline) -> Runner:
    return Runner(pipeline)


@pytest.fixture
def song() -> Callable[..., dict[str, Any]]:
    def build(**changes: Any) -> dict[str, Any]:
        return {"lyrics": "A balloon over the sea\nand nothing else", "seed": 7} | changes

    return build
