from __future__ import annotations

import numpy as np
import pytest

from scripts.scenes.art import Concept
from scripts.scenes.captions import Subject, article, caption

BALLOON = Concept("balloon", "balloon", ("party balloon",))


def captions(count: int = 300, **parts: str | None) -> list[str]:
    known = {"setting": None, "light": None, "weather": None, "mood": None, **parts}
    return [
        caption(Subject(BALLOON), rng=np.random.default_rng(seed), **known)  # type: ignore[arg-type]
        for seed in range(count)
    ]


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("balloon", "a balloon"),
        ("owl", "an owl"),
        ("shoes", "shoes"),
        ("dress", "a dress"),
        ("bus", "a bus"),
        ("music", "music"),
    ],
)
def test_articles(noun: str, expected: str) -> None:
    assert article(noun) == expected


def test_every_caption_names_its_subject() -> None:
    texts = captions(setting="sea", light="night", mood="Joyful")
    assert all("balloon" in text for text in texts)
    assert all(text.endswith("a mood of joyful") for text in texts)
    assert len(set(texts)) > 250


def test_what_is_left_out_is_not_said() -> None:
    text = " ".join(captions())
    for word in ("sea", "night", "rain", "mood"):
        assert word not in text.split()


def test_synonyms_are_used_now_and_then() -> None:
    share = np.mean(["party balloon" in text for text in captions(900)])
    assert 0.25 < share < 0.42


def test_two_subjects_are_both_named() -> None:
    rng = np.random.default_rng(0)
    pair = Subject(BALLOON, Concept("house", "house", ()))
    assert "house" in caption(pair, None, None, None, None, rng)
