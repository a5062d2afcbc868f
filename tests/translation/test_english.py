from __future__ import annotations

import pytest

from songdalle_core.translation import english


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("balloon", "a balloon"),
        ("old umbrella", "an old umbrella"),
        ("umbrella", "an umbrella"),
        ("hourglass", "an hourglass"),
        ("unicorn", "a unicorn"),
        ("ukulele", "a ukulele"),
    ],
)
def test_articles(phrase: str, expected: str) -> None:
    assert english.article(phrase) == expected


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("star", "stars"),
        ("leaf", "leaves"),
        ("city", "cities"),
        ("boy", "boys"),
        ("dress", "dresses"),
        ("bus", "buses"),
        ("child", "children"),
        ("rain", "rain"),
        ("footprints", "footprints"),
        ("cherry blossom", "cherry blossoms"),
        ("cup of coffee", "cups of coffee"),
    ],
)
def test_plurals(noun: str, expected: str) -> None:
    assert english.plural(noun) == expected


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("fly away", "flying away"),
        ("dance", "dancing"),
        ("run", "running"),
        ("lie down", "lying down"),
        ("see", "seeing"),
        ("be covered", "covered"),
        ("to sing", "singing"),
        ("burn", "burning"),
        ("swing", "swinging"),
        ("sing", "singing"),
        ("bring", "bringing"),
    ],
)
def test_participles(verb: str, expected: str) -> None:
    assert english.participle(verb) == expected


@pytest.mark.parametrize(
    ("verb", "thing", "expected"),
    [
        ("hold", "a rose", "holding a rose"),
        ("wait", "a bus", "waiting for a bus"),
        ("look at", "the sea", "looking at the sea"),
        ("be covered", "snow", "covered in snow"),
        ("be filled", "stars", "filled with stars"),
    ],
)
def test_verbs_with_their_objects(verb: str, thing: str, expected: str) -> None:
    assert english.with_object(verb, thing) == expected


def test_prepositions_of_places() -> None:
    assert english.preposition("street") == "on"
    assert english.preposition("train station") == "at"
    assert english.preposition("room") == "in"
    assert english.passage("road") == "along"


@pytest.mark.parametrize(
    ("noun", "described", "expected"),
    [
        ("night", False, "at night"),
        ("winter night", False, "on a winter night"),
        ("quiet night", True, "on a quiet night"),
        ("winter", False, "in winter"),
        ("cold winter", True, "in cold winter"),
        ("day", False, ""),
        ("street", False, None),
    ],
)
def test_time_phrases(noun: str, described: bool, expected: str | None) -> None:
    assert english.time_phrase(noun, described) == expected
