"""A pasted text as its plain text: what is sung stays, what stands around it goes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from songdalle_core.pasted import is_instrumental, plain_lyrics

DATA = Path(__file__).parents[1] / "data" / "pasted"
SUNG = [song.strip() for song in (DATA / "sung.txt").read_text(encoding="utf-8").split("---\n")]
DIRECTIONS = (DATA / "directions.txt").read_text(encoding="utf-8").splitlines()
CREDITS = (DATA / "credits.txt").read_text(encoding="utf-8").splitlines()
SONG = [
    "노란 풍선이 하늘을 나네",
    "강가에 앉은 소년이 웃어",
    "the lantern burns on the hill",
    "우리는 노래를 불렀지",
]


def lines(text: str) -> list[str]:
    return [line for line in plain_lyrics(text).split("\n") if line]


def test_there_are_enough_forms() -> None:
    assert sum(len(song.splitlines()) for song in SUNG) >= 250
    assert len(DIRECTIONS) >= 200
    assert len(CREDITS) >= 110


@pytest.mark.parametrize("song", SUNG, ids=range(len(SUNG)))
def test_nothing_sung_is_lost(song: str) -> None:
    assert plain_lyrics(song) == song


@pytest.mark.parametrize("song", SUNG, ids=range(len(SUNG)))
def test_nothing_sung_is_lost_among_what_goes(song: str) -> None:
    pasted = f"작사 : 빨간 나비\n[Verse 1]\n{song}\n\n[Outro]\n{SONG[2]}\n(간주중)\n© 2020 Nobody"
    assert lines(pasted) == [line for line in song.split("\n") if line] + [SONG[2]]


def test_nothing_sung_is_lost_line_by_line() -> None:
    """A line that stands alone has no evidence for it but itself. (빗소리) without its echo is a direction."""
    every = [
        line for song in SUNG for line in song.split("\n") if line not in ("(빗소리)", "(발소리)")
    ]
    lost = [
        line for line in every if lines(f"{SONG[0]}\n{line}\n{SONG[2]}") != [SONG[0], line, SONG[2]]
    ]
    assert lost == []


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_directions_go(direction: str) -> None:
    assert lines("\n".join([*SONG[:2], direction, *SONG[2:]])) == SONG
    assert lines("\n".join([direction, *SONG])) == SONG


@pytest.mark.parametrize("credit", CREDITS)
def test_credits_and_furniture_go(credit: str) -> None:
    assert lines("\n".join([credit, *SONG])) == SONG
    assert lines("\n".join([*SONG, credit])) == SONG
    assert lines(credit) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("[Sound of rain]", "Sound of rain"),
        ("[Chorus]\n[빗소리]\n[Outro]", "빗소리"),
        ("[Mood: dreamy]\n[Verse]", "Mood: dreamy"),
        ("[Chorus]\n[Verse 2]", ""),
        ("Chorus", "Chorus"),
        ("작사 : 김하늘\n작곡 : 이바다\n편곡 : 박산", ""),
    ],
)
def test_a_direction_stays_where_there_is_nothing_else(text: str, left: str) -> None:
    assert plain_lyrics(text) == left


def test_a_page_of_a_lyric_site() -> None:
    page = """12 ContributorsTranslationsRomanizationPaper Moon Lyrics[Verse 1: Anna & Ben]
A lantern on the hill tonight
[Pre-Chorus]
Slowly the rain

See Moon LiveGet tickets as low as $45You might also like[Chorus]
Paper moon, paper moon
(Ooh) fall on me
[Outro]
Goodnight7Embed"""
    sung = ["A lantern on the hill tonight", "Slowly the rain", "Paper moon, paper moon"]
    assert lines(page) == [*sung, "(Ooh) fall on me", "Goodnight"]


def test_a_page_of_a_korean_player() -> None:
    page = """아티스트
하늘
앨범
봄날
발매일
2020.01.01
작사
김하늘
작곡
이바다

가사
노란 풍선 하나 손에 쥐고
푸른 하늘 위로 날아가고 싶어
가사 더보기
접기"""
    assert lines(page) == ["노란 풍선 하나 손에 쥐고", "푸른 하늘 위로 날아가고 싶어"]


def test_a_timed_file_with_credits() -> None:
    pasted = """[ti:종이 달]
[ar:하늘]
[00:00.10] 作词 : 김하늘
[00:00.20] 作曲 : 이바다
[00:12.34]노란 풍선 하나
[00:20.10][01:20.10]날아가고 싶어
[00:25.00]
[01:30.00]未经著作权人许可，不得翻唱"""
    assert lines(pasted) == ["노란 풍선 하나", "날아가고 싶어", "날아가고 싶어"]


def test_a_text_comes_back_with_its_own_signs() -> None:
    text = "“Café” — 愛してる, 1/2 〜\n\n  하늘🎈을…  \n\n\n\n(oh)"
    assert plain_lyrics(text) == "“Café” — 愛してる, 1/2 〜\n\n하늘🎈을…\n\n(oh)"


@pytest.mark.parametrize(
    "text",
    [
        "纯音乐，请欣赏",
        "[00:00.00]純音樂，請欣賞",
        "[00:00.000] 作词 : 김하늘\n[00:05.00]此歌曲为没有填词的纯音乐，请您欣赏",
        "[Instrumental]",
        "(instrumental)",
        "Instrumental",
        "This song is instrumental.",
        "연주곡입니다",
        "[연주곡]",
        "작곡: 김하늘\n\n이 곡은 연주곡입니다.",
    ],
)
def test_instrumental_tracks(text: str) -> None:
    assert is_instrumental(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "작사: 김하늘",
        "[Instrumental]\n노란 풍선",
        "Instrumental, you were, to my ruin",
        "[Verse 1]",
    ],
)
def test_other_tracks(text: str) -> None:
    assert not is_instrumental(text)


PIECES = (DATA / "pieces.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("piece", PIECES)
def test_long_input_is_fast(piece: str) -> None:
    piece = piece.replace("_", " ").replace("^", "\n")
    text = (piece * 20_000)[:20_000]
    start = time.process_time()
    plain_lyrics(text)
    assert time.process_time() - start < 1
