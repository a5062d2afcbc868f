from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from loadtests.orders import CandidatesMix, Order, stream_orders
from loadtests.workload import read_songs

SONGS = read_songs()


def orders(mix: str, seed: int, count: int) -> list[Order]:
    return list(islice(stream_orders(SONGS, CandidatesMix.parse(mix), seed), count))


def test_a_seed_decides_everything() -> None:
    assert orders("12:0.7,4:0.3", 7, 300) == orders("12:0.7,4:0.3", 7, 300)
    assert orders("12:0.7,4:0.3", 7, 300) != orders("12:0.7,4:0.3", 8, 300)


def test_counts_come_as_often_as_the_mix_says() -> None:
    counts = Counter(order.candidates for order in orders("12:7,4:2,1:1", 3, 4000))
    assert set(counts) == {12, 4, 1}
    assert counts[12] / 4000 == pytest.approx(0.7, abs=0.03)
    assert counts[4] / 4000 == pytest.approx(0.2, abs=0.03)


def test_every_song_comes_before_any_comes_again() -> None:
    first = orders("12", 1, 2 * len(SONGS))
    for half in (first[: len(SONGS)], first[len(SONGS) :]):
        assert Counter(order.lyrics for order in half) == Counter(song.lyrics for song in SONGS)


def test_an_order_is_a_request_of_the_contract() -> None:
    body = orders("4", 1, 1)[0].body()
    assert set(body) == {"lyrics", "candidates", "seed"}
    assert body["candidates"] == 4
    assert 0 <= body["seed"] < 2**32


def test_a_mix_reads_back() -> None:
    mix = CandidatesMix.parse("12:7,4:3")
    assert str(mix) == "12:0.7,4:0.3"
    assert CandidatesMix.parse("12") == CandidatesMix((12,), (1.0,))


@pytest.mark.parametrize(
    "text", ["", "0", "25", "12:0", "12:-1", "12:nan", "12:inf", "4,4", "twelve", "12:0.5,"]
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - some come from int() and float()
        CandidatesMix.parse(text)
