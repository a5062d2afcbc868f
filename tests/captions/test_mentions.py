from __future__ import annotations

from songdalle_core.captions.mentions import Mention, chosen_mentions
from songdalle_core.captions.vocabulary import Subject


def mention(name: str, start: int, **more: object) -> Mention:
    defaults = {"looseness": 0, "faint": False, "placed": False, "acting": False}
    return Mention(Subject(name, f"a {name}"), start, start + 1, **{**defaults, **more})  # type: ignore[arg-type]


def test_two_that_are_joined_are_chosen_together() -> None:
    words = ["a", "cat", "and", "a", "bird", "by", "the", "lamp"]
    cat, bird, lamp = mention("cat", 1), mention("bird", 4), mention("lamp", 7, placed=True)
    assert chosen_mentions([cat, bird, lamp], words) == [cat, bird]


def test_who_acts_goes_before_what_is_placed_and_what_is_faint() -> None:
    words = ["love", "in", "the", "garden", "of", "a", "fox", "running"]
    love, garden = mention("heart", 0, faint=True), mention("garden", 3, placed=True)
    fox = mention("fox", 6, acting=True)
    assert chosen_mentions([love, garden, fox], words) == [fox]
    assert chosen_mentions([], words) == []


def test_a_colour_stands_between_article_and_name() -> None:
    assert mention("owl", 0, colour="orange").phrase == "an orange owl"
    assert mention("owl", 0, colour="blue").phrase == "a blue owl"
