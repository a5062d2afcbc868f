"""Nouns found, missed and too many, and the figures made of them."""

from __future__ import annotations

import pytest

from scripts.evaluation.texts.gloss_scores import figures, score_line, vocabulary
from scripts.evaluation.texts.gold import GlossLine

NOUNS = {"snow", "eye", "window", "house", "heart", "tree", "night sky", "night"}
LINE = GlossLine(
    "plain", "창밖에 눈이 와 맘이 아파", (("window",), ("snow", "snowfall")), ("heart",), "snow"
)


def is_noun(word: str) -> bool:
    return word in NOUNS


def test_a_right_phrase_has_all_and_nothing_else() -> None:
    score = score_line(LINE, "snow falling outside the windows", (), is_noun)
    assert (score.matched, score.missed, score.extra) == (("window", "snow"), (), ())


def test_a_wrong_sense_is_missed_and_too_many() -> None:
    score = score_line(LINE, "eyes at the window", (), is_noun)
    assert (score.matched, score.missed, score.extra) == (("window",), ("snow",), ("eye",))


def test_another_synonym_and_what_is_accepted_beside_are_fine() -> None:
    score = score_line(LINE, "a heart, a snowfall, a house", (), is_noun)
    assert (score.matched, score.missed, score.extra) == (("snow",), ("window",), ("house",))


def test_the_image_of_an_abstraction_is_neither_right_nor_wrong() -> None:
    score = score_line(LINE, "a tree and snow", ("tree",), is_noun)
    assert score.pictured
    assert (score.matched, score.extra) == (("snow",), ())


def test_a_gold_word_inside_a_longer_noun_excuses_it() -> None:
    line = GlossLine("plain", "밤", (("night",),), (), "night")
    assert score_line(line, "a night sky", (), is_noun).extra == ()


def test_an_extra_noun_said_twice_counts_once() -> None:
    assert score_line(LINE, "a house, a house", (), is_noun).extra == ("house",)


def test_figures_are_over_nouns_not_lines() -> None:
    abstract = GlossLine("abstract", "사랑해", (), (), "love")
    scores = [
        score_line(LINE, "snow outside the window", (), is_noun),
        score_line(LINE, "a house and an eye", (), is_noun),
        score_line(abstract, "a tree", ("tree",), is_noun),
    ]
    made = figures(scores)
    assert (made.lines, made.gold, made.extra, made.pictured) == (3, 4, 2, 1)
    assert made.precision == pytest.approx(2 / 4)
    assert made.recall == pytest.approx(2 / 4)


def test_a_share_of_nothing_is_none() -> None:
    made = figures([])
    assert made.precision is None
    assert made.recall is None


def test_the_vocabulary_is_of_first_synonyms_in_the_singular() -> None:
    line = GlossLine("plain", "별", (("night skies", "sky"), ("stars",)), ("two",), "stars")
    assert vocabulary([LINE, line]) == {"window", "snow", "night sky", "star"}
