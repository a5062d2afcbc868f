"""Nouns in a summary."""

from __future__ import annotations

import pytest

from scripts.evaluation.texts.pictures import recall


def test_recall_counts_each_noun_once_by_any_synonym() -> None:
    nouns = (("가로등",), ("버스", "막차"), ("비",))
    assert recall("막차가 떠난 뒤 가로등 아래", nouns) == pytest.approx(2 / 3)


def test_a_syllable_of_a_verb_is_no_noun() -> None:
    assert recall("멀리 달려가네", (("달",),)) == 0
    assert recall("밝은 달이 뜨네", (("달",),)) == 1


def test_english_is_matched_by_whole_words_and_plurals() -> None:
    assert recall("Lanterns on the river", (("lantern",),)) == 1
    assert recall("a deliverer", (("river",),)) == 0
    assert recall("city light 아래", (("light",),)) == 1
