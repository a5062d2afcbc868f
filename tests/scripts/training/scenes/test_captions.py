from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scripts.training.scenes.art import Concept
from scripts.training.scenes.captions import article, caption
from scripts.training.scenes.composer import SETTINGS
from scripts.training.scenes.phrases import (
    ASIDES,
    CLAUSES,
    FALLING,
    OPENERS,
    PLACES,
    SCENERY,
    STYLE_WORDS,
    TIMES,
)
from scripts.training.scenes.spec import SceneSpec
from songdalle_core.finishing.lights import LIGHTS
from songdalle_core.finishing.styles import STYLES
from songdalle_core.finishing.weather import WEATHERS
from songdalle_core.prompts import PromptOptions, build_prompt

BALLOON = Concept("balloon", "balloon", ("party balloon", "red balloon"))
PLAIN = SceneSpec(BALLOON, None, "sea", "night", "clear", "Joyful", "painting", None)


def captions(spec: SceneSpec = PLAIN, count: int = 300, complete: bool = False) -> list[str]:
    return [caption(spec, np.random.default_rng(seed), complete) for seed in range(count)]


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("balloon", "a balloon"),
        ("owl", "an owl"),
        ("ufo", "a ufo"),
        ("unicorn", "a unicorn"),
        ("shoes", "shoes"),
        ("dress", "a dress"),
        ("bus", "a bus"),
        ("music", "music"),
        ("ice cream", "an ice cream"),
    ],
)
def test_articles(noun: str, expected: str) -> None:
    assert article(noun) == expected


def test_there_are_words_for_everything() -> None:
    assert set(PLACES) == set(SCENERY) == set(SETTINGS)
    assert set(TIMES) == set(LIGHTS)
    assert set(FALLING) == set(WEATHERS) - {"clear"}
    assert set(STYLE_WORDS) == set(STYLES)


def test_every_caption_names_its_subject_and_ends_with_the_mood() -> None:
    texts = captions()
    assert all("balloon" in text for text in texts)
    assert all(text.endswith(". a mood of joyful") for text in texts)
    assert len(set(texts)) > 270
    assert np.mean(["sea" in text or "ocean" in text or "wa" in text for text in texts]) < 0.95


def test_captions_begin_and_end_as_prompts_do() -> None:
    prompt = build_prompt(["a balloon"], PromptOptions("painting", "Joyful")).text
    start, end = "a painting of a balloon", ". a mood of joyful"
    assert prompt == start + end
    texts = captions()
    assert np.mean([text.startswith("a painting of ") for text in texts]) > 0.6
    assert np.mean([" painting of " in text for text in texts]) > 0.85


@pytest.mark.parametrize("style", STYLES)
def test_the_style_is_said(style: str) -> None:
    texts = captions(replace(PLAIN, style=style), complete=True)
    starts = tuple(f"{'an' if w[0] in 'aeiou' else 'a'} {w} of " for w in STYLE_WORDS[style])
    assert all(text.startswith(starts) for text in texts)


def test_complete_captions_name_everything() -> None:
    spec = replace(PLAIN, weather="rain")
    for text in captions(spec, 100, complete=True):
        assert any(place in text for place in PLACES["sea"])
        assert any(fall in text for fall in FALLING["rain"])
        assert any(time in text for time in TIMES["night"])


def test_what_does_not_show_is_not_said() -> None:
    text = " ".join(captions(replace(PLAIN, mood=None)))
    for word in ("rain", "snow", "mood", "red", "forest"):
        assert word not in text.replace("red balloon", "").split()


def test_a_subject_without_a_place_is_named_without_one() -> None:
    bare = replace(PLAIN, setting=None, light=None, weather=None)
    for text in captions(bare, 100, complete=True):
        assert "balloon" in text
        assert not any(f" {place}" in text for place in PLACES["sea"])
        assert not any(time in text for times in TIMES.values() for time in times)


def test_the_colour_is_always_said_and_only_then() -> None:
    assert all("yellow " in text for text in captions(replace(PLAIN, colour="yellow")))
    assert not any("yellow" in text for text in captions())
    assert not any("yellow red" in text for text in captions(replace(PLAIN, colour="yellow")))


def test_synonyms_are_used_now_and_then() -> None:
    share = np.mean(
        ["party balloon" in text or "red balloon" in text for text in captions(count=900)]
    )
    assert 0.25 < share < 0.47


def test_two_subjects_are_both_named_the_first_first() -> None:
    for text in captions(replace(PLAIN, second=Concept("house", "house", ())), 100):
        assert text.index("balloon") < text.index("house")


def test_a_setting_alone_is_named() -> None:
    texts = captions(replace(PLAIN, concept=None, setting="desert"), 100)
    assert all(any(word in text for word in SCENERY["desert"]) for text in texts)


def test_other_nouns_come_after_the_subject() -> None:
    others = [f", {aside}" for aside in ASIDES if aside not in ("a balloon", "a song")]
    named = [(text, aside) for text in captions(count=900) for aside in others if aside in text]
    assert 30 < len(named) < 120
    assert all(text.index("balloon") < text.index(aside) for text, aside in named)
    assert not any(aside in text for text in captions(complete=True) for aside in others)


def test_songs_say_something_else_first_now_and_then() -> None:
    begun = [f" of {words} " for words in CLAUSES] + [f" of {words}, " for words in OPENERS]
    texts = captions(count=900)
    opened = [text for text in texts if any(words in text for words in begun)]
    assert 80 < len(opened) < 240
    assert all("balloon" in text for text in opened)
    assert not any(words in text for text in captions(complete=True) for words in begun)
    hearts = captions(replace(PLAIN, concept=Concept("heart", "heart", ())), 300)
    assert not any("a heart beating, " in text for text in hearts)


def test_no_caption_is_longer_than_a_prompt() -> None:
    spec = replace(PLAIN, weather="rain", second=Concept("house", "house", ()))
    assert max(len(text.split()) for text in captions(spec, 500, complete=True)) <= 44
