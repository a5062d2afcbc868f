"""A corpus from files and from providers, which a server on this machine plays."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from scripts.corpus.build import main
from scripts.corpus.building import imports
from scripts.corpus.building.songs import FoundSong
from scripts.training.finetuning.songs import read_summaries
from songdalle_core.songs import Courtesy, Fetcher, Melon, Song, user_agent
from songdalle_core.songs.melon import STOPS_ON
from tests.serve.lyrics_provider import lyrics_provider
from tests.songs.server import ProviderServer, Reply

NOUNS = [
    *("등불", "우산", "나무", "기차", "고양이", "바다", "별", "창문"),
    *("편지", "달", "풍선", "배", "꽃", "눈", "새"),
]


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Thirty songs, one of them twice, one empty."""
    songs = [
        {"title": f"{noun} {n}", "year": 1980 + 10 * n, "lyric": "\n".join(lines), "summary": noun}
        for n in range(2)
        for noun in NOUNS
        for lines in [[f"{noun} {m} 앞에서 {n}번 {noun} 노래" for m in range(4)]]
    ]
    songs += [{**songs[0], "title": "again"}, {"title": "빈 노래", "lyric": ""}]
    songs += [{"title": f"song {n}", "lyric": f"the sea number {n} and a ship"} for n in range(4)]
    path = tmp_path / "songs.jsonl"
    path.write_text("\n".join(json.dumps(song, ensure_ascii=False) for song in songs) + "\n")
    return path


def test_a_table_becomes_a_corpus_that_training_reads(table: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    words = [str(corpus), "--table", str(table), "--licence", "ours", "--validation", "0.2"]
    assert main([*words, "--workers", "2"]) == 0
    figures = json.loads((corpus / "corpus.json").read_text())
    assert (figures["songs"], figures["duplicates_left_out"], figures["without_lyrics"]) == (
        34,
        1,
        1,
    )
    assert figures["split"] == {
        "train": {"korean": 24, "foreign": 3},
        "validation": {"korean": 6, "foreign": 1},
    }
    assert figures["licences"] == {"ours": 34}
    assert figures["decades"] == {"1980s": 15, "1990s": 15, "unknown": 4}
    assert len(read_summaries(corpus / "train.jsonl")) == 27
    [empty] = rows(corpus / "without_lyrics.jsonl")
    assert (empty["title"], empty["lyric"], empty["missing"]) == ("빈 노래", "", "no_lyrics")
    before = {path.name: path.read_bytes() for path in corpus.iterdir()}
    with pytest.raises(SystemExit):
        main(words)
    assert main([*words, "--resume"]) == 0  # nothing new: nothing changes
    assert {path.name: path.read_bytes() for path in corpus.iterdir()} == before


def test_a_stopped_run_ends_as_if_it_had_not_stopped(table: Path, tmp_path: Path) -> None:
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    words = ["--table", str(table), "--licence", "ours", "--workers", "1"]
    assert main([str(whole), *words]) == 0
    parted.mkdir()
    journal = (whole / "journal.jsonl").read_bytes()
    (parted / "journal.jsonl").write_bytes(journal[: len(journal) // 2])
    assert main([str(parted), *words, "--resume"]) == 0
    for path in whole.iterdir():
        assert (parted / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_folder_is_added_and_a_malformed_row_loses_nothing(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus, folder = tmp_path / "corpus", tmp_path / "folder"
    folder.mkdir()
    (folder / "심지 - 새 노래.txt").write_text("아무도 없는 언덕에\n새 노래 하나", encoding="utf-8")
    with pytest.raises(SystemExit):
        main([str(corpus), "--folder", str(folder)])
    assert "Say so by --licence" in capsys.readouterr().err
    assert main([str(corpus), "--folder", str(folder), "--licence", "ours", "--resume"]) == 0
    with table.open("a", encoding="utf-8") as file:
        file.write('{"lyric": "바다", "year": "soon"}\n')
    with pytest.raises(SystemExit):
        main(
            [
                str(corpus),
                "--table",
                str(table),
                "--licence",
                "theirs",
                "--resume",
                "--workers",
                "1",
            ]
        )
    assert "songs.jsonl, line 37: year is 'soon'" in capsys.readouterr().err
    figures = json.loads((corpus / "corpus.json").read_text())
    assert figures["songs"] >= 1
    assert figures["licences"]["ours"] == 1


def test_songs_are_imported_by_title_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wishes = tmp_path / "wishes.txt"
    wishes.write_text("등불 심지\n없는 노래\n등불 심지\n이름은 down\n", encoding="utf-8")
    corpus = tmp_path / "corpus"
    with lyrics_provider() as address:
        words = [str(corpus), "--titles", str(wishes), "--lrclib", address, "--gap", "0.01"]
        assert main(words) == 0
        assert "left out for now: LRCLIB answers with status 500" in capsys.readouterr().err
        wishes.write_text("등불 심지\n", encoding="utf-8")
        assert main([*words, "--resume"]) == 0
    figures = json.loads((corpus / "corpus.json").read_text())
    assert (figures["songs"], figures["why_without"]) == (1, {"not_found": 1})
    [song] = rows(corpus / "train.jsonl")
    assert (song["title"], song["artist"], song["source"]) == ("등불", "심지", "lrclib/4711")
    assert song["lyric"] == "언덕 위에 등불 하나\n눈이 내리는 밤바다"
    assert song["licence"].startswith("none stated")


def test_a_wish_is_a_line_or_a_row(tmp_path: Path) -> None:
    path = tmp_path / "wishes.csv"
    path.write_text("title,artist,year\n등불,심지,1994\n", encoding="utf-8")
    assert imports.read_wishes(path) == [imports.Wish("등불", "심지", 1994)]
    path.write_text("title\n", encoding="utf-8")
    with pytest.raises(ValueError, match="names no song"):
        imports.read_wishes(path)


def chart(*numbers: int) -> Reply:
    songs = "".join(
        f'<tr class="lst50" data-song-no="{n}"><td><div class="ellipsis rank01"><a>노래 {n}</a></div>'
        f'<div class="ellipsis rank02"><span class="checkEllipsis"><a>심지</a></span></div></td></tr>'
        for n in numbers
    )
    return Reply(f"<html><body><table>{songs}</table></body></html>")


def detail(lyric: str) -> str:
    return f'<html><div class="song_name">노래</div><div class="artist"></div>{lyric}</html>'


def collect(replies: dict[str, list[Reply]], charts: dict[str, list[Song]], known: set[str]) -> Any:
    async def run() -> tuple[list[FoundSong], list[dict[str, Any]], str]:
        async with ProviderServer(replies) as server:
            courtesy = Courtesy(gap=0, attempts=1, stops_on=STOPS_ON)
            provider = Melon(Fetcher("Melon", user_agent(), courtesy), server.url)
            found: list[FoundSong] = []
            stopped = ""
            songs: AsyncIterator[FoundSong] = imports.by_chart(
                provider, 1990, charts, charts.__setitem__, known
            )
            try:
                async for song in songs:
                    found.append(song)
            except imports.ImportStopped as reason:
                stopped = str(reason)
            return found, server.questions, stopped

    return asyncio.run(run())


def test_charts_of_a_decade_give_each_song_once_and_keep_the_empty_ones() -> None:
    empty = detail('<div class="lyric_none"></div>')
    replies = {
        "/chart/search/list.htm": [chart(1, 2), chart(2, 1)],
        "/song/detail.htm": [
            Reply(detail('<div class="lyric">언덕 위에<br>등불</div>')),
            Reply(empty),
        ],
    }
    charts: dict[str, list[Song]] = {}
    songs, questions, stopped = collect(replies, charts, set())
    assert [(song.id, song.lyric, song.missing) for song in songs] == [
        ("melon:1", "언덕 위에\n등불", None),
        ("melon:2", None, "no_lyrics"),
    ]
    assert not stopped
    assert {song.year for song in songs} == {1990}
    assert len(charts) == 120
    asked = [q for q in questions if "mon" in q]
    assert (asked[16]["year"], asked[16]["mon"], asked[16]["classCd"]) == ("1991", "05", "KPOP")
    again, questions, _ = collect(replies, charts, {"melon:1"})
    assert [song.id for song in again] == ["melon:2"]
    assert len(questions) == 1  # charts are not read twice


def test_a_refusal_stops_the_import_at_once() -> None:
    refusing = {"/chart/search/list.htm": [chart(1)], "/song/detail.htm": [Reply(status=403)]}
    charts: dict[str, list[Song]] = {}
    songs, questions, stopped = collect(refusing, charts, set())
    assert (songs, len(questions), list(charts)) == ([], 2, ["1990-01"])
    assert "refuses to be asked (403)" in stopped
    assert "run again with --resume" in stopped


def test_failures_in_a_row_stop_the_import() -> None:
    songs, questions, stopped = collect({"/chart/search/list.htm": [Reply(status=400)]}, {}, set())
    assert (songs, len(questions)) == ([], imports.FAILURES)
    assert "5 requests in a row failed" in stopped


def test_melon_wants_consent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path / "corpus"), "--melon-decade", "1990"])
    assert "add --melon-consent if you have it" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([str(tmp_path / "corpus"), "--melon-decade", "1994"])
    assert "first year of a decade" in capsys.readouterr().err
