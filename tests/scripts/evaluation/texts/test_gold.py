"""The evaluation sets as shipped, and what their readers refuse."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from scripts.evaluation.texts.gold import (
    FOLDER,
    KINDS,
    RUDE_HEADER,
    GlossLine,
    read_gloss,
    read_rude,
    read_songs,
)
from scripts.evaluation.texts.pictures import recall
from scripts.training.sentiment.passages import read_passages
from songdalle_core.moods import MOODS

SONG: dict[str, Any] = {
    "id": "a",
    "title": "달",
    "language": "ko",
    "genre": "folk",
    "lines": ["달이 뜬다", "별이 진다"],
    "summary": "달이 뜬다",
    "picturable": [["달"]],
}
GLOSS: dict[str, Any] = {
    "kind": "plain",
    "line": "달이 뜬다",
    "nouns": [["moon"]],
    "also": [],
    "gloss": "a moon rising",
}


def test_gloss_lines_of_every_kind_and_each_once() -> None:
    lines = read_gloss(FOLDER / "gloss_gold.jsonl")
    counts = Counter(line.kind for line in lines)
    assert len(lines) == len({line.line for line in lines}) == 240
    assert set(counts) == set(KINDS)
    assert counts["abstract"] == 40
    assert counts["mixed"] + counts["english"] == 30
    for line in lines:
        assert bool(re.search("[가-힣]", line.line)) == (line.kind != "english"), line
        assert not (line.kind == "abstract" and line.nouns), line


def test_the_second_gloss_set_has_lines_of_its_own() -> None:
    first = {line.line for line in read_gloss(FOLDER / "gloss_gold.jsonl")}
    second = [line.line for line in read_gloss(FOLDER / "gloss_second.jsonl")]
    developed = (FOLDER.parent / "gloss_lines.txt").read_text(encoding="utf-8").splitlines()
    assert len(set(second)) == len(second) == 150
    assert not set(second) & (first | set(developed))


@pytest.mark.parametrize("name", ["gloss_gold.jsonl", "gloss_second.jsonl"])
def test_accepted_english_is_not_accepted_beside_the_nouns_too(name: str) -> None:
    for line in read_gloss(FOLDER / name):
        words = {word for synonyms in line.nouns for word in synonyms}
        assert not words & set(line.also), line


def test_songs_are_whole_songs_in_three_languages() -> None:
    songs = read_songs(FOLDER / "song_summaries.jsonl")
    languages = Counter(song.language for song in songs)
    assert len({song.id for song in songs}) == len({song.title for song in songs}) == len(songs)
    assert languages["ko"] >= 34
    assert languages["mixed"] >= 8
    assert languages["en"] >= 6
    for song in songs:
        assert 12 <= len(song.lines) <= 30, song.title
        assert 1 <= len(song.summary) <= 2, song.title
        assert max(Counter(song.lines).values()) >= 2, f"{song.title} has no chorus"
        assert len({line for line in song.lines if len(line) > 60}) == 0 or song.language == "en"


def test_each_reference_names_its_own_nouns() -> None:
    for song in read_songs(FOLDER / "song_summaries.jsonl"):
        assert recall(" ".join(song.summary), song.picturable) == 1, song.title


def test_the_image_is_not_always_in_the_chorus_nor_at_the_start() -> None:
    songs = read_songs(FOLDER / "song_summaries.jsonl")
    repeats = [song.lines.count(song.summary[0]) for song in songs]
    assert sum(count == 1 for count in repeats) >= len(songs) / 4
    assert sum(count >= 3 for count in repeats) >= len(songs) / 4
    assert sum(song.lines[0] == song.summary[0] for song in songs) <= len(songs) / 4


def test_rude_and_clean_lines_balance() -> None:
    lines = read_rude(FOLDER / "rude_gold.tsv")
    assert Counter(line.rude for line in lines) == {True: 120, False: 120}
    assert len({line.text for line in lines}) == 240


def test_passages_balance_and_have_hard_cases_of_every_mood() -> None:
    passages = read_passages(FOLDER / "mood_gold.jsonl")
    assert Counter(p.mood for p in passages) == dict.fromkeys(MOODS, 30)
    hard = Counter(p.mood for p in passages if p.song.endswith("-f"))
    assert min(hard[mood] for mood in MOODS) >= 8
    assert len({p.song for p in passages}) == len(passages)
    assert {2 <= len(p.text.split("\n")) <= 8 for p in passages} == {True}
    english = sum(p.language != "ko" for p in passages)
    assert 0.12 <= english / len(passages) <= 0.25


def test_no_passage_shares_a_line_with_the_training_passages() -> None:
    def lines(path: Path) -> set[str]:
        return {
            re.sub(r"\W", "", line.lower())
            for passage in read_passages(path)
            for line in passage.text.split("\n")
        }

    trained = lines(FOLDER.parent / "mood_passages.jsonl")
    assert not lines(FOLDER / "mood_gold.jsonl") & trained


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "odd"}, "kind is 'odd'"),
        ({"line": " "}, "line must be a text"),
        ({"nouns": [[]]}, "none of them empty"),
        ({"nouns": ["moon"]}, "list of texts"),
        ({"also": "sky"}, "list of texts"),
        ({"extra": 1}, "exactly the fields"),
    ],
)
def test_a_bad_gloss_line_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "gloss.jsonl"
    path.write_text(json.dumps(GLOSS) + "\n" + json.dumps({**GLOSS, **change}) + "\n")
    with pytest.raises(ValueError, match=f"line 2: .*{message}"):
        read_gloss(path)


def test_a_line_of_other_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gloss.jsonl"
    path.write_text("[]\n")
    with pytest.raises(ValueError, match="line 1: give one JSON object"):
        read_gloss(path)


def test_a_gloss_line_is_read_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "gloss.jsonl"
    path.write_text(json.dumps(GLOSS, ensure_ascii=False), encoding="utf-8")
    expected = GlossLine("plain", "달이 뜬다", (("moon",),), (), "a moon rising")
    assert read_gloss(path) == [expected]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"summary": "해가 뜬다"}, "no line of the song"),
        ({"picturable": []}, "at least one noun"),
        ({"language": "fr"}, "language is 'fr'"),
    ],
)
def test_a_bad_song_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "songs.jsonl"
    path.write_text(json.dumps({**SONG, **change}) + "\n")
    with pytest.raises(ValueError, match=f"line 1: .*{message}"):
        read_songs(path)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("rude\t바보", "parted by tabs"),
        ("odd\t바보\t-", "rude or clean"),
        ("rude\t바보\t-", "a rude line has spans"),
        ("clean\t바보\t바보", "a rude line has spans"),
        ("rude\t바보\t멍청이", "does not stand in the text"),
    ],
)
def test_a_bad_rude_row_is_named(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "rude.tsv"
    path.write_text(f"{RUDE_HEADER}\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=f"line 2: .*{message}"):
        read_rude(path)


def test_a_rude_file_without_its_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rude.tsv"
    path.write_text("rude\t바보\t바보\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 1: the header"):
        read_rude(path)
