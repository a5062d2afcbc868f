from __future__ import annotations

import random

from scripts.corpus.building.duplicates import Duplicates

NOUNS = ("등불", "우산", "나무", "기차", "고양이", "바다", "별", "창문", "편지", "달")
SONG = "\n".join(f"{number}번째 골목에 {noun} 하나" for number, noun in enumerate(NOUNS))


def test_other_spelling_order_and_choruses_are_the_same_song() -> None:
    songs = Duplicates()
    assert songs.find("a", SONG) is None
    lines = SONG.split("\n")
    shuffled = random.Random(1).sample(lines, len(lines))
    assert songs.find("b", "\n".join(shuffled + lines[:3])) == "a"
    assert songs.find("c", SONG.replace(" ", "")) == "a"
    assert songs.find("d", "oh oh\n" + "\n".join(lines[:9]) + "\nyeah") == "a"


def test_songs_that_share_a_chorus_are_not() -> None:
    songs = Duplicates()
    lines = SONG.split("\n")
    others = [f"다른 노래의 줄 {n} 번" for n in range(6)]
    assert songs.find("a", SONG) is None
    assert songs.find("b", "\n".join(lines[:6] + others)) is None
    assert songs.find("c", "\n".join(others + lines[:6])) == "b"


def test_songs_of_sounds_alone_are_compared_by_them() -> None:
    songs = Duplicates()
    assert songs.find("a", "라라라\noh oh") is None
    assert songs.find("b", "라라라\noh oh") == "a"
    assert songs.find("c", "우우우") is None
