from __future__ import annotations

import math
from typing import Any

import pytest

from scripts.corpus.description import figures as module
from scripts.corpus.description.figures import Figures, Moments, measure, merged

SONG: dict[str, Any] = {
    "id": "a",
    "decade": "1990s",
    "language": "ko",
    "lyric": "노란 풍선 하나\n고양이가 노래하네\n노란 풍선 하나\n그리워서 눈물이 나",
    "summary": "노란 풍선 하나",
}


def test_a_song_is_counted_and_analysed() -> None:
    figures = measure(((SONG, True),))["1990s"]
    assert (figures.songs, figures.analysed, dict(figures.languages)) == (1, 1, {"ko": 1})
    assert dict(figures.lines) == {4: 1}
    assert figures.repeated.total == 0.25
    assert list(figures.characters) == [len(SONG["lyric"])]
    assert figures.words["풍선"] == 1, "a chorus counts once"
    assert {"풍선", "고양이", "눈물"} <= set(figures.picturable)
    assert figures.pictured.total == len(figures.picturable)
    assert figures.moods.total() == 1
    assert 0 < next(iter(figures.summary_tokens)) < next(iter(figures.tokens))


def test_a_song_outside_the_sample_is_only_counted() -> None:
    figures = measure(((SONG, False), ({**SONG, "decade": "2000s"}, True)))
    assert (figures["1990s"].songs, figures["1990s"].analysed) == (1, 0)
    assert not figures["1990s"].words
    assert figures["2000s"].analysed == 1


def test_parts_add_up_to_the_whole() -> None:
    songs = [{**SONG, "id": f"{n}", "lyric": f"{SONG['lyric']}\n{'별 ' * n}"} for n in range(6)]
    whole = measure(tuple((song, True) for song in songs))
    parts = [measure(((song, True),))["1990s"] for song in songs]
    together = merged(parts)
    assert together.words == whole["1990s"].words
    assert together.tokens == whole["1990s"].tokens
    assert together.packed.total == pytest.approx(whole["1990s"].packed.total)


def test_rare_words_go_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WORDS", 4)
    figures = Figures()
    figures.merge(Figures(words=module.Counter(바다=9, 별=8, 달=1, 눈=1, 비=1)))
    assert dict(figures.words) == {"바다": 9, "별": 8}


def test_the_interval_is_that_of_the_mean() -> None:
    moments = Moments()
    for value in (1.0, 2.0, 3.0, 4.0):
        moments.add(value)
    figures = moments.as_json()
    assert figures is not None
    assert (figures["mean"], figures["songs"]) == (2.5, 4)
    assert figures["high"] - figures["mean"] == pytest.approx(1.96 * math.sqrt(1.25 / 4))
    assert Moments().as_json() is None
