from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import numpy as np
import pytest

from songdalle_core.morphology import analyse, warm_up
from songdalle_core.summarization import Summary, SummaryOptions, TextRankSummarizer
from songdalle_core.summarization.splitting import content_lemmas, width
from songdalle_core.summarization.textrank import MAX_LINES, Piece, rank_pieces
from songdalle_core.translation import Lexicon

SONGS_FILE = Path(__file__).parents[1] / "data" / "songs.jsonl"


class Song(TypedDict):
    title: str
    lyrics: str
    reference_summary: str


SONGS: list[Song] = [
    json.loads(line) for line in SONGS_FILE.read_text(encoding="utf-8").splitlines()
]
by_title = pytest.mark.parametrize("song", SONGS, ids=lambda song: song["title"])


@pytest.fixture(scope="module")
def picturable() -> Callable[[str], bool]:
    return Lexicon.load().is_picturable


@pytest.fixture(scope="module")
def summarizer(picturable: Callable[[str], bool]) -> TextRankSummarizer:
    return TextRankSummarizer(picturable)


def lemmas(text: str) -> frozenset[str]:
    return content_lemmas(text, analyse(text))[0]


def overlap(summary: str, reference: str) -> float:
    """F1 of content lemmas."""
    ours, wanted = lemmas(summary), lemmas(reference)
    return 2 * len(ours & wanted) / (len(ours) + len(wanted))


@by_title
def test_one_sentence_within_the_limits(summarizer: TextRankSummarizer, song: Song) -> None:
    summary = summarizer.summarize(song["lyrics"].split("\n"))
    assert len(summary.sentences) == 1
    assert 28 <= len(summary.text) <= 42
    assert set(summary.text.split()) <= set(song["lyrics"].split())


@by_title
def test_it_names_something_one_can_paint(
    summarizer: TextRankSummarizer, picturable: Callable[[str], bool], song: Song
) -> None:
    text = summarizer.summarize(song["lyrics"].split("\n")).text
    assert any(picturable(noun) for noun in content_lemmas(text, analyse(text))[1])


@by_title
def test_three_sentences_differ_and_keep_song_order(
    summarizer: TextRankSummarizer, song: Song
) -> None:
    sentences = summarizer.summarize(song["lyrics"].split("\n"), SummaryOptions(3)).sentences
    assert len(sentences) == 3
    assert all(width(sentence) <= 42 for sentence in sentences)
    flat = " ".join(song["lyrics"].split("\n"))
    places = [flat.index(sentence) for sentence in sentences]
    assert places == sorted(places)
    sets = [lemmas(sentence) for sentence in sentences]
    for i, a in enumerate(sets):
        assert all(len(a & b) / max(len(a | b), 1) < 0.5 for b in sets[i + 1 :])


def recall(summary: str, reference: str) -> float:
    """Share of the reference's nouns that the summary has."""
    wanted = content_lemmas(reference, analyse(reference))[1]
    return len(wanted & lemmas(summary)) / len(wanted)


def test_it_beats_the_first_lines_and_recalls_more_than_the_most_repeated_line(
    summarizer: TextRankSummarizer,
) -> None:
    ours, first, recalls, repeated = [], [], [], []
    for song in SONGS:
        lines = song["lyrics"].split("\n")
        reference = song["reference_summary"]
        ours.append(overlap(summarizer.summarize(lines).text, reference))
        first.append(overlap(" ".join(lines[:2]), reference))
        recalls.append(recall(summarizer.summarize(lines).text, reference))
        repeated.append(recall(Counter(lines).most_common(1)[0][0], reference))
    assert np.mean(ours) > np.mean(first) + 0.3
    assert np.mean(recalls) > np.mean(repeated) + 0.05


def test_a_chorus_outweighs_a_line_sung_once() -> None:
    lines = ["노란 기차가 들판을 지나 달려가", "붉은 우산이 거리를 지나 걸어가"]
    once = TextRankSummarizer(lambda _: True).summarize(lines, SummaryOptions(1, 10, 20))
    assert once.text == lines[0]
    sung = [*lines, lines[1], lines[1]]
    chorus = TextRankSummarizer(lambda _: True).summarize(sung, SummaryOptions(1, 10, 20))
    assert chorus.text == lines[1]


def test_picturable_nouns_decide_between_equal_lines() -> None:
    lines = ["오래된 약속을 기억하는 사람들", "오래된 등대를 기억하는 사람들"]
    options = SummaryOptions(1, 10, 20)
    assert TextRankSummarizer(lambda n: n == "등대").summarize(lines, options).text == lines[1]
    assert TextRankSummarizer(lambda n: n == "약속").summarize(lines, options).text == lines[0]


def test_vocables_are_dropped(summarizer: TextRankSummarizer) -> None:
    lines = ["라라라 라라라", "하얀 나비가 꽃밭을 날아", "oh yeah oh yeah", "푸른 바다가 보이네"]
    text = summarizer.summarize(lines, SummaryOptions(3)).text
    assert "라라" not in text
    assert "oh" not in text
    assert "나비" in text


def test_short_neighbours_are_joined(summarizer: TextRankSummarizer) -> None:
    lines = ["별이 지고", "달이 뜨고", "바람이 불고", "꽃이 피고", "새가 울고", "강이 흘러"]
    summary = summarizer.summarize(lines)
    assert 28 <= len(summary.text) <= 42
    assert summary.text in " ".join(lines)


def test_english_limits_are_twice_as_long(summarizer: TextRankSummarizer) -> None:
    lines = [
        "Walking down the empty street in the pouring rain",
        "I do not know what to say to you",
        "A silver moon is on the sea",
        "White birds over the lighthouse",
        "Oh oh oh",
    ]
    text = summarizer.summarize(lines).text
    assert 56 <= len(text) <= 84
    assert "moon" in text or "birds" in text


def test_a_line_too_long_to_be_joined_stands_alone(summarizer: TextRankSummarizer) -> None:
    lines = [
        "A silver moon is shining on the sleeping sea",
        "Two white birds are flying over the lighthouse",
        "I do not know what to say to you, my love",
    ]
    assert summarizer.summarize(lines).text in lines[:2]


def test_mixed_lyrics(summarizer: TextRankSummarizer) -> None:
    lines = [
        "Baby tonight",
        "네온사인 아래 춤추는 고양이",
        "catch me if you can",
        "빨간 달이 떠올라",
    ]
    summary = summarizer.summarize(lines, SummaryOptions(2))
    assert "고양이" in summary.text


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["달"], ("달",)),
        (["love"], ("love",)),
        (["라라라", "oh yeah"], ("라라라",)),
        (["", "  ", "별"], ("별",)),
        (["별", "별", "별"], ("별",)),
    ],
)
def test_very_little_text(
    summarizer: TextRankSummarizer, lines: list[str], expected: tuple[str, ...]
) -> None:
    assert summarizer.summarize(lines, SummaryOptions(3)) == Summary(expected)


@pytest.mark.parametrize("lines", [[], [""], ["   ", "..."], ["!!!"]])
def test_no_words_at_all(summarizer: TextRankSummarizer, lines: list[str]) -> None:
    with pytest.raises(ValueError, match="no words"):
        summarizer.summarize(lines)


def test_many_equal_one_by_one(summarizer: TextRankSummarizer) -> None:
    songs = [song["lyrics"].split("\n") for song in SONGS[:3]]
    options = SummaryOptions(2)
    assert summarizer.summarize_many(songs, options) == [
        summarizer.summarize(song, options) for song in songs
    ]
    assert summarizer.summarize_many([]) == []


@pytest.mark.parametrize(
    "arguments", [(0,), (4,), (1, 0, 10), (1, 30, 20)], ids=["none", "four", "zero", "reversed"]
)
def test_impossible_options(arguments: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="must be"):
        SummaryOptions(*arguments)


def test_textrank_favours_the_line_others_share_words_with() -> None:
    def piece(*words: str) -> Piece:
        return Piece(" ".join(words), frozenset(words), frozenset(words), ())

    ranks = rank_pieces([piece("a", "b"), piece("a", "c"), piece("b", "c", "a"), piece("z")])
    assert ranks.argmax() == 2
    assert ranks.argmin() == 3
    assert ranks.mean() == pytest.approx(1)


def varied_lines(count: int) -> list[str]:
    words = [w for song in SONGS for w in song["lyrics"].split()]
    rng = np.random.default_rng(7)
    return [" ".join(rng.choice(words, 4)) for _ in range(count)]


def seconds(action: Callable[[], object]) -> float:
    """Median CPU seconds of three runs; other processes on the machine do not count."""
    times = []
    for _ in range(3):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return sorted(times)[1]


def test_five_thousand_lines(summarizer: TextRankSummarizer) -> None:
    lines = varied_lines(5000)
    summary = summarizer.summarize(lines, SummaryOptions(3))
    assert len(summary.sentences) == 3
    assert len(lines) > MAX_LINES
    assert seconds(lambda: summarizer.summarize(lines)) < 1.5


def test_speed(summarizer: TextRankSummarizer) -> None:
    warm_up()
    song = "\n".join(SONGS[i]["lyrics"] for i in range(5))[:1000].split("\n")
    assert seconds(lambda: summarizer.summarize(song)) < 0.06  # 0.02 on a quiet machine
    pasted = [" ".join(varied_lines(2000))[:20_000]]
    assert seconds(lambda: summarizer.summarize(pasted)) < 1.5
