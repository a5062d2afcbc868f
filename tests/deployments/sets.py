"""Finished cover sets for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from deployments.contract.covers import Cover, CoverSet, SentimentScores, WordNotes, image_url

NAME = "0123456789abcdef" * 2


def covers(name: str = NAME, **changes: Any) -> CoverSet:
    """A set of one cover."""
    made = CoverSet(
        id=name,
        created_at=datetime(2026, 11, 24, 12, 30, 1, 250000, tzinfo=UTC),
        status="done",
        title=None,
        artist=None,
        lyrics="바다",
        language="ko",
        summary="바다",
        translation="the sea",
        words=WordNotes(dropped=["뷁"], rude_removed=1),
        sentiment=SentimentScores(label="Power", scores={"Power": 1.0}),
        style="painting",
        prompt="a painting of the sea",
        seed=1,
        models={"generator": "m"},
        timings={"total": 1.0},
        covers=[Cover(rank=1, score=0.5, seed=1, url=image_url(name, 1))],
    )
    return made.model_copy(update=changes)
