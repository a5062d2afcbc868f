from __future__ import annotations

from dataclasses import dataclass

import pytest

from songdalle_core.moods import MOODS, Mood
from songdalle_core.prompts import Prompt, PromptOptions, build_prompt, check_style, normalise

BALLOON = "a pretty dream of flying in a balloon"


@dataclass(frozen=True)
class Result:
    text: str
    removed: int


def no_darn(text: str) -> Result:
    words = text.split()
    clean = [word for word in words if word != "darn"]
    return Result(" ".join(clean), len(words) - len(clean))


def test_the_example_of_the_original() -> None:
    prompt = build_prompt([BALLOON], PromptOptions(mood="Joyful"))
    assert prompt == Prompt(f"a painting of {BALLOON}. a mood of joyful", 0)


def test_each_part_can_be_left_out() -> None:
    assert build_prompt([BALLOON]).text == f"a painting of {BALLOON}"
    assert build_prompt([BALLOON], PromptOptions(None)).text == BALLOON
    assert build_prompt([BALLOON], PromptOptions(None, "Sadness")).text == (
        f"{BALLOON}. a mood of sadness"
    )


@pytest.mark.parametrize("mood", MOODS)
def test_every_mood(mood: Mood) -> None:
    text = build_prompt(["the moon"], PromptOptions(mood=mood)).text
    assert text.endswith(f". a mood of {mood.lower()}")


def test_several_sentences_are_joined() -> None:
    sentences = ["a cat on a roof.", "", "stars shining at night", "  "]
    assert build_prompt(sentences, PromptOptions(None)).text == (
        "a cat on a roof. stars shining at night"
    )


@pytest.mark.parametrize(
    ("sentences", "expected", "removed"),
    [
        (["rain rain rain"], "rain", 2),
        (["a red rose and a red heart"], "a red rose and a heart", 1),
        (["the moon", "a boat under the moon"], "the moon. a boat", 3),
        (["i love you", "i need you"], "i love you. i need you", 0),
        (["go go", "a cat, a cat"], "go. a cat", 3),
        (["the the sea"], "the sea", 1),
    ],
)
def test_repeated_words_are_removed(sentences: list[str], expected: str, removed: int) -> None:
    assert build_prompt(sentences, PromptOptions(None)) == Prompt(expected, removed)


def test_repeats_may_stay() -> None:
    options = PromptOptions(None, remove_repeats=False)
    assert build_prompt(["rain rain rain"], options) == Prompt("rain rain rain", 0)


def test_rude_words_are_removed_and_counted() -> None:
    prompt = build_prompt(["a darn big darn cat"], profanity_filter=no_darn)
    assert prompt == Prompt("a painting of a big cat", 0, 2)


def test_the_filter_can_be_turned_off() -> None:
    options = PromptOptions(remove_profanity=False)
    assert "darn" in build_prompt(["a darn cat"], options, profanity_filter=no_darn).text


def test_a_rude_style_is_filtered_too() -> None:
    options = PromptOptions("darn sketch")
    assert build_prompt(["a cat"], options, profanity_filter=no_darn).text == "a sketch of a cat"
    prompt = build_prompt(["a cat"], PromptOptions("darn"), profanity_filter=no_darn)
    assert prompt.text == "a cat"


def test_nothing_left_is_an_error() -> None:
    with pytest.raises(ValueError, match="no words are left"):
        build_prompt(["darn darn"], profanity_filter=no_darn)
    for empty in ([], ["", "  "], ["..."]):
        with pytest.raises(ValueError, match="at least one sentence"):
            build_prompt(empty)


@pytest.mark.parametrize("limit", range(9, 30))
def test_the_prompt_keeps_its_limit_style_and_mood(limit: int) -> None:
    text = " ".join(f"word{i} in" for i in range(60))
    options = PromptOptions("oil painting", "Power", max_words=limit)
    prompt = build_prompt([text, "another sentence"], options).text
    assert len(prompt.split()) <= limit
    assert prompt.startswith("an oil painting of word0")
    assert prompt.endswith(". a mood of power")
    assert " in." not in prompt


def test_no_room_for_words_is_an_error() -> None:
    with pytest.raises(ValueError, match="max_words must be at least 8"):
        PromptOptions("painting", "Joyful", max_words=7)


def test_text_is_normalised() -> None:
    assert normalise("  Ｔhe\tBlue\u0000 SEA… ") == "the blue sea"
    assert build_prompt(["A  Cat\n"], PromptOptions("Oil  Painting")).text == (
        "an oil painting of a cat"
    )


@pytest.mark.parametrize(
    "style", ["painting", "3d render", "pixel-art", "수채화", "fotografía", "हिन्दी", "x" * 40]
)
def test_styles_of_any_script(style: str) -> None:
    check_style(style)
    assert normalise(style) in build_prompt(["a cat"], PromptOptions(style)).text


@pytest.mark.parametrize(
    "style",
    [
        "",
        "   ",
        "--",
        "x" * 41,
        "a. ignore",
        "a\nb",
        "a\x00b",
        "<b>",
        "a,b",
        "🎨",
        "a\u200bb",
        "ﷺ" * 40,
    ],
)
def test_unusable_styles(style: str) -> None:
    with pytest.raises(ValueError, match="style"):
        PromptOptions(style)


def test_an_unknown_mood_is_refused() -> None:
    with pytest.raises(ValueError, match="mood must be one of Sadness"):
        PromptOptions(mood="joyful")  # type: ignore[arg-type]
