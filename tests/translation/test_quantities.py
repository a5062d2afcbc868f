"""Words for counts, hours and months."""

from __future__ import annotations

import pytest

from songdalle_core.translation.numbers import Quantity
from songdalle_core.translation.quantities import MANY, add_quantity, settle_hours
from songdalle_core.translation.vocabulary import Word


@pytest.mark.parametrize(
    ("quantity", "kind", "english", "number", "plural"),
    [
        (Quantity("count", 3, 1, "송이", counted=True), "number", "", 3, False),
        (Quantity("count", 3, 1, "잔", counted=True), "number", "cup", 3, False),
        (Quantity("count", MANY, 1, "송이"), "number", "", 0, True),
        (Quantity("count", None, 1, "송이"), "number", "", 0, True),
        (Quantity("month", 5, 1, "월"), "noun", "may", 0, False),
        (Quantity("hour", 14, 1, "시"), "noun", "afternoon", 0, False),
        (Quantity("pronoun", 2, 1, "둘"), "pronoun", "", 0, False),
        (Quantity("unit", 20, 1, "살", "NNB"), "noun", "", 0, False),
    ],
)
def test_a_quantity_is_a_word(
    quantity: Quantity, kind: str, english: str, number: int, plural: bool
) -> None:
    words: list[Word] = []
    add_quantity(words, quantity)
    (word,) = words
    assert (word.kind, word.english, word.number, word.plural) == (kind, english, number, plural)


def test_a_turn_and_a_month_that_is_none_are_no_words() -> None:
    words: list[Word] = []
    add_quantity(words, Quantity("unit", 2, 1))
    add_quantity(words, Quantity("month", 13, 1))
    assert words == []


def test_an_hour_takes_the_place_of_the_part_of_the_day_before_it() -> None:
    words = [Word("noun", "새벽", "dawn", tag="NNG")]
    add_quantity(words, Quantity("hour", 2, 1, "시"))
    assert [word.english for word in words] == ["night"]


@pytest.mark.parametrize(
    ("beside", "english"), [("moonlight", "night"), ("morning", ""), ("cafe", "afternoon")]
)
def test_its_sentence_decides_on_an_hour(beside: str, english: str) -> None:
    words: list[Word] = []
    add_quantity(words, Quantity("hour", 2, 1, "시"))
    words.append(Word("noun", "x", beside, tag="NNG"))
    settle_hours(words)
    assert words[0].english == english
    words = [words[1], Word("break", ".")]
    add_quantity(words, Quantity("hour", 2, 1, "시"))
    settle_hours(words)
    assert words[-1].english == "afternoon"
