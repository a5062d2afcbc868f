from __future__ import annotations

import pytest

from songdalle_core.translation.aggregation import aggregate, shorten
from songdalle_core.translation.phrases import Clause, NounPhrase


def test_parts_are_parted_by_commas_and_times_go_last() -> None:
    balloon = NounPhrase("balloon", True, ["red"])
    items = [NounPhrase("night", True), balloon, Clause("fly", subjects=[NounPhrase("bird", True)])]
    assert aggregate(items) == ("a red balloon, a bird flying at night", True)


def test_a_thing_is_named_once() -> None:
    assert aggregate([NounPhrase("bird", True), NounPhrase("bird", True)]) == ("a bird", True)


@pytest.mark.parametrize(("verb", "phrase"), [("walk", "walking"), ("know", "")])
def test_without_a_thing_only_visible_actions_remain(verb: str, phrase: str) -> None:
    assert aggregate([Clause(verb, hidden_subject=True)]) == (phrase, False)


def test_function_words_are_a_last_choice() -> None:
    assert aggregate(["you and i"]) == ("you and i", False)
    assert aggregate(["you and i", Clause("walk")]) == ("walking", False)


def test_a_place_alone_is_a_thing() -> None:
    place = Clause(places=[NounPhrase("lamp", True, preposition="under")])
    assert aggregate([place]) == ("a lamp", True)


def test_nothing_gives_nothing() -> None:
    assert aggregate([]) == ("", False)


@pytest.mark.parametrize(
    ("chunks", "max_words", "fitting"),
    [
        (["walking home", "a red balloon"], 5, ["walking home", "a red balloon"]),
        (["walking home", "a red balloon"], 4, ["a red balloon"]),
        (["a red balloon", "the sea"], 3, ["a red balloon"]),
        (["a cat in the garden"], 4, ["a cat"]),
        (["a cat in the garden", "rain"], 3, ["a cat", "rain"]),
        ([], 4, []),
    ],
)
def test_things_come_before_actions_where_room_is_short(
    chunks: list[str], max_words: int, fitting: list[str]
) -> None:
    assert shorten(chunks, max_words) == fitting
