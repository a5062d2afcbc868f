"""Words in the singular, and nouns without a tagger."""

from __future__ import annotations

import pytest

from scripts.evaluation.texts.nouns import covered, find_nouns, positions, words

NOUNS = {"moon", "night", "night sky", "red", "crossing", "spring", "rose", "roller coaster ride"}


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("Stars", "star"),
        ("cherries", "cherry"),
        ("branches", "branch"),
        ("glasses", "glass"),
        ("leaves", "leaf"),
        ("waves", "wave"),
        ("shoes", "shoe"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("mother's", "mother"),
        ("cafés", "café"),
        ("gas", "gas"),
    ],
)
def test_words_are_compared_in_the_singular(plural: str, singular: str) -> None:
    assert words(plural) == [singular]


def test_hyphens_and_punctuation_part_words() -> None:
    assert words("a tree-lined road, at night.") == ["a", "tree", "lined", "road", "at", "night"]


def test_positions_are_those_of_every_whole_occurrence() -> None:
    text = words("the sky, the night sky and night")
    assert positions(["night", "sky"], text) == {3, 4}
    assert positions(["sky"], text) == {1, 4}
    assert positions([], text) == set()
    assert covered(["night skies", "moon"], text) == {3, 4}


def test_the_longest_noun_wins() -> None:
    spans = find_nouns(words("a moon in the night sky, at night"), NOUNS.__contains__)
    assert spans == [range(1, 2), range(4, 6), range(7, 8)]
    assert find_nouns(words("roller coaster ride"), NOUNS.__contains__) == [range(3)]


def test_colours_and_participles_are_no_nouns() -> None:
    assert find_nouns(words("crossing a red road in spring"), NOUNS.__contains__) == [range(5, 6)]
