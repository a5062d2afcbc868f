from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.corpus.building.files import read_folder, read_table


def test_a_folders_names_say_artist_title_and_year(tmp_path: Path) -> None:
    place = tmp_path / "1990s" / "ballads"
    place.mkdir(parents=True)
    (place / "심지 - 등불.txt").write_text("언덕 위에 등불 하나", encoding="utf-8")
    (tmp_path / "풍선.lrc").write_text("[00:01.00]노란 풍선", encoding="utf-8")
    (tmp_path / "notes.md").write_text("not a song")
    named, plain = read_folder(tmp_path, "ours")
    assert (named.artist, named.title, named.year, named.licence) == ("심지", "등불", 1990, "ours")
    assert (plain.artist, plain.title, plain.year) == ("", "풍선", None)
    assert named.source.endswith("/1990s/ballads/심지 - 등불.txt")
    assert [song.id for song in read_folder(tmp_path, "ours")] == [named.id, plain.id]


def test_rows_keep_what_they_say(tmp_path: Path) -> None:
    path = tmp_path / "songs.csv"
    path.write_text(
        "title,artist,year,lyric,summary,mood,licence\n"
        '등불,심지,1994-05-01,"언덕 위에\n등불",등불 하나,Calmness,CC0\n'
        "빈 노래,심지,,,,,\n빈 노래,심지,,,,,\n",
        encoding="utf-8",
    )
    full, empty, again = read_table(path, "ours")
    assert (full.year, full.summary, full.mood, full.licence) == (
        1994,
        "등불 하나",
        "Calmness",
        "CC0",
    )
    assert (empty.lyric, empty.missing, empty.licence) == (None, "no_lyrics", "ours")
    assert again.id == f"{empty.id}#2"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "바다"}, "line 1: there must be a 'lyric'"),
        ({"lyric": 3}, "lyric must be a text, not 3"),
        (
            {"lyric": "바다", "licence": "ours", "year": "now"},
            "year is 'now': give one such as 1994",
        ),
        ({"lyric": "바다", "licence": "ours", "mood": "Happy"}, "use one of Sadness"),
        ({"lyric": "바다"}, "by which right may this song be used"),
        ({"lines": "바다"}, "lines must be a list"),
    ],
)
def test_a_malformed_row_says_what_to_change(tmp_path: Path, row: object, message: str) -> None:
    path = tmp_path / "songs.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        list(read_table(path, None))


def test_what_is_no_source_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no lyrics"):
        list(read_folder(tmp_path, "ours"))
    with pytest.raises(ValueError, match=r"give a .csv or .jsonl file"):
        list(read_table(tmp_path / "songs.xlsx", "ours"))
