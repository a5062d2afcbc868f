from __future__ import annotations

from pathlib import Path

import pytest

from scripts.training.finetuning.songs import SummarisedSong, hold_out, read_moods, read_summaries

ROOT = Path(__file__).resolve().parents[4]


def test_moods_of_a_csv(tmp_path: Path) -> None:
    path = tmp_path / "moods.csv"
    path.write_text('\ufefflyric,mood,song\n"비가\n온다",Sadness,one\n춤춘다,Joyful,\n')
    first, second = read_moods(path)
    assert (first.text, first.mood, first.song) == ("비가\n온다", "Sadness", "one")
    assert second.song != first.song


def test_the_projects_passages_are_read() -> None:
    assert len(read_moods(ROOT / "scripts/data/mood_passages.jsonl")) > 2000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lyric,mood\n바다,Happy\n", "row 2: mood is 'Happy': use one of Sadness"),
        ("lyric,mood\n,Joyful\n", "row 2: there must be a 'lyric'"),
        ("text,mood\n바다,Joyful\n", "row 2: there must be a 'lyric'"),
    ],
)
def test_malformed_moods(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "moods.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_moods(tmp_path / "moods.csv")


def test_summaries_of_csv_and_json_lines(tmp_path: Path) -> None:
    csv, jsonl = tmp_path / "songs.csv", tmp_path / "songs.jsonl"
    csv.write_text('lyric,summary\n"바다 위\n파란 풍선","파란\n풍선"\n밤,\n')
    jsonl.write_text(
        '{"lyric": "바다 위\\n파란 풍선", "summary": "파란 풍선"}\n{"lines": ["밤", " "]}\n'
    )
    expected = [
        SummarisedSong(("바다 위", "파란 풍선"), "파란 풍선"),
        SummarisedSong(("밤",), None),
    ]
    assert read_summaries(csv) == read_summaries(jsonl) == expected


def test_the_projects_songs_are_read() -> None:
    songs = read_summaries(ROOT / "scripts/data/development_songs.jsonl")
    assert len(songs) > 30
    assert all(song.summary for song in songs)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 1"),
        ("[]", "line 1: give one JSON object"),
        ('{"summary": "x"}', "there must be a 'lyric'"),
        ('{"lines": "x"}', "lines must be a list"),
        ('{"lines": [" "]}', "the lyric is empty"),
        ('{"lyric": "x", "summary": 3}', "summary must be a text"),
    ],
)
def test_malformed_summaries(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "songs.jsonl").write_text(line + "\n")
    with pytest.raises(ValueError, match=message):
        read_summaries(tmp_path / "songs.jsonl")


def test_no_song_is_in_both_parts() -> None:
    items = [(f"song-{n // 3}", n) for n in range(60)]
    known, unseen = hold_out(items, 0.2, seed=1, song=lambda item: item[0])
    assert len(unseen) == 12
    assert sorted(known + unseen) == sorted(items)
    assert not {name for name, _ in known} & {name for name, _ in unseen}
    assert (known, unseen) == hold_out(items, 0.2, seed=1, song=lambda item: item[0])
    assert unseen != hold_out(items, 0.2, seed=2, song=lambda item: item[0])[1]
    assert [len(part) for part in hold_out([1, 2], 0.01, seed=0)] == [1, 1]
    with pytest.raises(ValueError, match="cannot be parted"):
        hold_out([1], 0.5, seed=0)
