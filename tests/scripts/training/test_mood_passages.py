"""The labelled passages: well formed, balanced, and without repeats that would flatter a score."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from scripts.training.sentiment.passages import Passage, labels_of, read_passages
from songdalle_core.moods import MOODS

DATA = Path(__file__).resolve().parents[3] / "scripts" / "data" / "mood_passages.jsonl"

MOST_SHARED = 0.4


@pytest.fixture(scope="module")
def passages() -> list[Passage]:
    return read_passages(DATA)


def test_enough_passages_of_every_mood(passages: list[Passage]) -> None:
    counts = Counter(passage.mood for passage in passages)
    assert set(counts) == set(MOODS)
    assert min(counts.values()) >= 400
    assert max(counts.values()) <= 1.1 * min(counts.values())


def test_languages_are_labelled_right_and_mixed_as_documented(passages: list[Passage]) -> None:
    for passage in passages:
        korean = bool(re.search("[가-힣]", passage.text))
        english = bool(re.search("[A-Za-z]", passage.text))
        expected = {(True, False): "ko", (False, True): "en", (True, True): "mixed"}
        assert passage.language == expected[korean, english], passage
    shares = Counter(passage.language for passage in passages)
    assert 0.12 <= shares["en"] / len(passages) <= 0.18
    assert shares["mixed"] >= 100
    assert shares["ko"] / len(passages) >= 0.7


def test_passages_have_two_to_eight_lines_without_stray_space(passages: list[Passage]) -> None:
    for passage in passages:
        lines = passage.text.split("\n")
        assert 2 <= len(lines) <= 8, passage
        assert all(line and line == " ".join(line.split()) for line in lines), passage


def test_a_song_has_two_to_four_passages_and_an_identifier(passages: list[Passage]) -> None:
    songs = Counter(passage.song for passage in passages)
    assert set(songs.values()) <= {2, 3, 4}
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", song) for song in songs)


def test_no_line_is_written_twice(passages: list[Passage]) -> None:
    songs_of = defaultdict(list)
    for passage in passages:
        for line in passage.text.split("\n"):
            songs_of[re.sub(r"\W", "", line.lower())].append(passage.song)
    assert {line: songs for line, songs in songs_of.items() if len(songs) > 1} == {}


def test_no_two_passages_are_alike(passages: list[Passage]) -> None:
    """Share of the shorter passage's character 4-grams that another one has, too."""
    grams = []
    holders = defaultdict(list)
    for number, passage in enumerate(passages):
        text = re.sub(r"\W", "", passage.text.lower())
        grams.append({text[start : start + 4] for start in range(len(text) - 3)})
        for gram in grams[-1]:
            holders[gram].append(number)
    for number, own in enumerate(grams):
        shared = Counter(other for gram in own for other in holders[gram] if other < number)
        for other, count in shared.most_common(1):
            pair = passages[number].text, passages[other].text
            assert count <= MOST_SHARED * min(len(own), len(grams[other])), pair


def test_labels_index_the_moods(passages: list[Passage]) -> None:
    assert [MOODS[label] for label in labels_of(passages)] == [p.mood for p in passages]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"song": "a", "mood": "Joyful", "language": "ko"}', "exactly the fields"),
        ('{"song": "a", "mood": "Happy", "language": "ko", "text": "ㄱ"}', "mood is 'Happy'"),
        ('{"song": "a", "mood": "Joyful", "language": "fr", "text": "b"}', "language is 'fr'"),
        ('{"song": "a", "mood": "Joyful", "language": "ko", "text": " "}', "not empty"),
        ('{"song": 1, "mood": "Joyful", "language": "ko", "text": "b"}', "must be a text"),
        ("[]", "one JSON object a line"),
        ("{}", "exactly the fields"),
        ("{", "Expecting property name"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    good = '{"song": "a", "mood": "Joyful", "language": "ko", "text": "봄"}\n'
    path = tmp_path / "bad.jsonl"
    path.write_text(good + line + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=f"line 2: .*{message}"):
        read_passages(path)
