"""The original's way over small models: a real request from lyrics to files."""

from __future__ import annotations

import pytest

from loadtests.apps.original import OriginalModels
from tests.serve.tiny_models import write_clip, write_generator


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> OriginalModels:
    folder = tmp_path_factory.mktemp("models")
    generator = str(write_generator(folder / "generator"))
    return OriginalModels(1, generator, f"local-dir:{write_clip(folder / 'clip')}", folder)


def test_every_stage_runs_and_is_timed(models: OriginalModels) -> None:
    scores, timings = models.make("노란 풍선을 타고\n푸른 하늘로 날아가네", 3, 7)
    assert len(scores) == 3
    total = timings.pop("total")
    assert list(timings) == [
        "clean", "summarize", "translate", "sentiment", "prompt", "generate", "rerank", "label", "store",
    ]  # fmt: skip
    assert sum(timings.values()) == pytest.approx(total)
    assert all(seconds > 0 for seconds in timings.values())


def test_a_seed_repeats_its_covers(models: OriginalModels) -> None:
    first = models.make("a balloon over the sea", 2, 7)[0]
    assert models.make("a balloon over the sea", 2, 7)[0] == first
    assert models.make("a balloon over the sea", 2, 8)[0] != first
