from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from loadtests.load import workload
from loadtests.load.workload import (
    LYRICS,
    CandidatesMix,
    compose_song,
    compose_songs,
    count_tokens,
    read_lines,
    read_songs,
    song_lengths,
    stream_requests,
    write_songs,
)
from loadtests.service.exchange import Request
from songdalle_core.pasted import plain_lyrics


def test_the_lines_are_many_and_differ() -> None:
    lines = [line for section in read_lines().values() for line in section]
    assert len(lines) >= 120
    assert len(set(lines)) == len(lines)
    assert set(read_lines()) == set(workload.LANGUAGES)


def test_the_shipped_songs_are_those_of_the_lines(tmp_path: Path) -> None:
    again = tmp_path / "lyrics.jsonl"
    write_songs(compose_songs(read_lines()), again)
    assert again.read_bytes() == LYRICS.read_bytes()


def test_lengths_spread_as_the_original_data_did() -> None:
    songs = read_songs()
    tokens = [song.tokens for song in songs]
    assert 6 <= min(tokens) <= 8
    assert 980 <= max(tokens) <= 998
    assert 255 <= sum(tokens) / len(tokens) <= 279
    assert sorted(tokens)[len(tokens) // 2] < 255  # the tail is on the right
    assert all(song.tokens == count_tokens(song.lyrics) for song in songs if song.form == "plain")
    assert {song.language for song in songs} == set(workload.LANGUAGES)
    assert all(len(song.lyrics) <= 20_000 for song in songs)


def test_every_tenth_song_is_pasted_and_says_what_it_said() -> None:
    lines = {line for section in read_lines().values() for line in section}
    pasted = [song for song in read_songs() if song.form != "plain"]
    assert Counter(song.form for song in pasted) == dict.fromkeys(workload.FORMS, 2)
    for song in pasted:
        assert not set(filter(None, song.lyrics.split("\n"))) <= lines
        assert set(filter(None, plain_lyrics(song.lyrics).split("\n"))) <= lines


@pytest.mark.parametrize("songs", [10, 100, 500])
def test_any_number_of_lengths_has_the_same_ends(songs: int) -> None:
    lengths = song_lengths(songs)
    assert len(lengths) == songs
    assert lengths == sorted(lengths)
    assert (lengths[0], lengths[-1]) == (6, 998)


def test_a_song_repeats_its_chorus() -> None:
    lines = [f"line number {n}" for n in range(40)]
    sections = compose_song(lines, 250, random.Random(1)).split("\n\n")
    assert sections[1] == sections[3]
    assert sections[0] != sections[2]


def test_a_file_without_songs_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "songs.jsonl"
    path.write_text("")
    with pytest.raises(ValueError, match="no song"):
        read_songs(path)
    path.write_text('{"title": 1}\n')
    with pytest.raises(ValueError, match="line 1"):
        read_songs(path)


def test_lines_need_a_heading(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("alone\n")
    with pytest.raises(ValueError, match="heading"):
        read_lines(path)


SONGS = read_songs()


def requests(mix: str, seed: int, count: int) -> list[Request]:
    return list(islice(stream_requests(SONGS, CandidatesMix.parse(mix), seed), count))


def test_a_seed_decides_everything() -> None:
    assert requests("12:0.7,4:0.3", 7, 300) == requests("12:0.7,4:0.3", 7, 300)
    assert requests("12:0.7,4:0.3", 7, 300) != requests("12:0.7,4:0.3", 8, 300)


def test_counts_come_as_often_as_the_mix_says() -> None:
    counts = Counter(request.candidates for request in requests("12:7,4:2,1:1", 3, 4000))
    assert set(counts) == {12, 4, 1}
    assert counts[12] / 4000 == pytest.approx(0.7, abs=0.03)
    assert counts[4] / 4000 == pytest.approx(0.2, abs=0.03)


def test_every_song_comes_before_any_comes_again() -> None:
    first = requests("12", 1, 2 * len(SONGS))
    for half in (first[: len(SONGS)], first[len(SONGS) :]):
        assert Counter(request.lyrics for request in half) == Counter(song.lyrics for song in SONGS)


def test_an_order_is_a_request_of_the_contract() -> None:
    body = requests("4", 1, 1)[0].body()
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


def test_a_line_of_json_is_not_cut_within_a_lyric(tmp_path: Path) -> None:
    """U+2028 and U+0085 come with pasted lyrics."""
    song = replace(SONGS[0], lyrics="바다\u2028위\x85밤")
    write_songs([song, song], tmp_path / "songs.jsonl")
    assert read_songs(tmp_path / "songs.jsonl") == [song, song]
