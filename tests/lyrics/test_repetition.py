"""Held letters, repeated units and repeated words."""

import time

import pytest

from songdalle_core.lyrics.repetition import (
    collapse_characters,
    collapse_units,
    dedupe_words,
    shorten_runs,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("아아아 어려워", "아 어려워"),
        ("라라라라라", "라"),
        ("아아 어려워", "아아 어려워"),
        ("하하하 호호호", "하 호"),
        ("1000000", "1000000"),
        ("1000000원 2222년 0.000", "1000000원 2222년 0.000"),
        ("아 아 아", "아 아 아"),
    ],
)
def test_hangul_collapses_to_one_and_numbers_stay(text: str, expected: str) -> None:
    assert collapse_characters(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yeahhhh", "yeah"),
        ("goooood", "good"),
        ("oooh", "oh"),
        ("nooooo", "no"),
        ("soooo", "so"),
        ("looove", "love"),
        ("babyyyy", "baby"),
        ("baaaaby", "baby"),
        ("happpy", "happy"),
        ("feeeel", "feel"),
        ("moooon", "moon"),
        ("alllll", "all"),
        ("kissss", "kiss"),
        ("freeeee", "free"),
        ("heeeey", "hey"),
        ("stoppp", "stop"),
        ("hmmmm", "hm"),
        ("NOOOooo", "NO"),
        ("SOOOON", "SOON"),
        ("looooooveee", "love"),
        ("runnnnn awayyyy", "run away"),
        ("good book all been", "good book all been"),
        ("mississippi balloon", "mississippi balloon"),
        ("don'ttt", "don't"),
    ],
)
def test_english_letters(text: str, expected: str) -> None:
    assert collapse_characters(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("랄라랄라랄라", "랄라"),
        ("뚜루뚜루뚜루뚜루", "뚜루"),
        ("사랑해사랑해사랑해", "사랑해"),
        ("lalalala", "la"),
        ("hahahaha", "ha"),
        ("LaLAlala", "La"),
        ("하나하나", "하나하나"),
        ("mama", "mama"),
        ("mississippi", "mississippi"),
        ("121212", "121212"),
        ("na na na na", "na na na na"),
    ],
)
def test_units(text: str, expected: str) -> None:
    assert collapse_units(text) == expected


def test_shorten_runs_keeps_what_collapsing_needs() -> None:
    long = "가" * 500 + "나 " + "다다"
    assert shorten_runs(long) == "가가가가나 다다"
    assert shorten_runs("랄라" * 500) == "랄라" * 8
    assert shorten_runs("사랑해" * 8) == "사랑해" * 8
    assert collapse_characters(shorten_runs(long)) == collapse_characters(long)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("love love love me", "love me"),
        ("Love love me", "love me"),
        ("사랑해 사랑해 너를 사랑해", "사랑해 너를 사랑해"),
        ("너를 원해 너를 원해 오늘 밤", "너를 원해 오늘 밤"),
        ("a painting of a pretty dream of flying in a balloon",) * 2,
        ("moon, moon. star", "moon. star"),
        ("love. love. love", "love."),
        ("i love you. you love me", "i love you. you love me"),
        ("la la. la la. hey", "la. hey"),
        ("7 7 7", "7 7 7"),
        ("let it be let it be let it be now", "let it be now"),
        ("", ""),
        ("  one  ", "one"),
    ],
)
def test_dedupe_words(text: str, expected: str) -> None:
    assert dedupe_words(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a" * 20_000,
        "ab" * 10_000,
        "aaabbb" * 3_000,
        "a b " * 5_000,
        "가나다라" * 5_000,
        ". " * 10_000,
    ],
)
def test_long_input_is_fast(text: str) -> None:
    start = time.process_time()
    dedupe_words(collapse_units(collapse_characters(text)))
    assert time.process_time() - start < 1
