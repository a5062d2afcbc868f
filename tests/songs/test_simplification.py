from __future__ import annotations

import time
import unicodedata

import pytest

from songdalle_core.songs.simplification import simplified


@pytest.mark.parametrize(
    ("query", "simple"),
    [
        ("밤편지 (Feat. 아무개)", "밤편지"),
        ("Blueming [Official MV]", "Blueming"),
        ("밤편지 [가사/Lyrics]", "밤편지"),
        ("Lamp on the Hill (Live)", "Lamp on the Hill"),
        ("Bohemian Rhapsody - Remastered 2011", "Bohemian Rhapsody"),
        ("Bohemian Rhapsody - 2011 Remaster", "Bohemian Rhapsody"),
        ("Here Comes the Sun (Remastered 2009)", "Here Comes the Sun"),
        ("밤편지.mp3", "밤편지"),
        ("IU(아이유) _ Blueming(블루밍) [Official MV].mp3", "IU Blueming"),
        ("[MV] IU(아이유) _ Palette(팔레트) (Feat. G-DRAGON)", "IU Palette"),
        ("01. 아이유 - 밤편지.flac", "아이유 밤편지"),
        ("01 아이유 - 밤편지", "아이유 밤편지"),
        ("12 - Oasis - Wonderwall.mp3", "Oasis Wonderwall"),
        ("1-03 Wonderwall.m4a", "Wonderwall"),
        ("Track 04 - Wonderwall", "Wonderwall"),
        ("Wonderwall - 2009 Remaster", "Wonderwall"),
        ("봄날 듣기/가사", "봄날"),
        ("Adele - Hello (Official Music Video) [4K]", "Adele Hello"),
        ("Adele - Hello Official Music Video", "Adele Hello"),
        ("Adele Hello lyrics", "Adele Hello"),
        ("아이유 밤편지 가사", "아이유 밤편지"),
        ("아이유 밤편지 뮤비", "아이유 밤편지"),
        ("아이유 '밤편지' MV", "아이유 밤편지"),
        ("아이유 <밤편지> 라이브 직캠", "아이유 밤편지"),
        ("아이유 「밤편지」 노래방", "아이유 밤편지"),
        ("【MV】아이유 - 밤편지", "아이유 밤편지"),
        ("🎵 밤편지 🎵", "밤편지"),
        ("밤편지 ♪", "밤편지"),
        ("Oasis - Live Forever - Live at Knebworth", "Oasis Live Forever"),
        ("Wonderwall - Live", "Wonderwall"),
        ("Wonderwall | Oasis | Official Audio", "Wonderwall Oasis"),
        ("Song Title ft. Somebody Else", "Song Title"),
        ("Song Title feat Somebody - Some Artist", "Song Title Some Artist"),
        ("Some Artist - Topic", "Some Artist"),
        ("Some Song - Single Version", "Some Song"),
        ("Some Song - Radio Edit", "Some Song"),
        ("Some Song (From \"A Film\") [Remix]", "Some Song"),
        ("Never Gonna Give You Up-dQw4w9WgXcQ.mp4", "Never Gonna Give You Up"),
        ("Never Gonna Give You Up [dQw4w9WgXcQ].webm", "Never Gonna Give You Up"),
        ("#아이유 #밤편지 #shorts", "아이유 밤편지"),
        ("[직캠] 180512 아이유 - 밤편지 @ 어느 축제", "아이유 밤편지"),
        ("밤편지 ((가사) 자막)", "밤편지"),
        ("밤편지 (가사", "밤편지"),
        ("ＩＵ － Ｂｌｕｅｍｉｎｇ", "IU Blueming"),
        ("[밤편지] MV", "밤편지"),
        ("Sunset (Prod. Somebody)", "Sunset"),
        ("밤편지 cover by 누구", "밤편지"),
        ("From the Start - Laufey", "From the Start Laufey"),
        ("Some Song - From the Motion Picture", "Some Song"),
        ("Sunset prod. by Somebody", "Sunset"),
    ],
)  # fmt: skip
def test_what_is_added_to_a_name_goes(query: str, simple: str) -> None:
    assert simplified(query) == simple
    assert simplified(unicodedata.normalize("NFD", query)) == simple
    assert simplified(simple) is None, "once is enough"


@pytest.mark.parametrize(
    "query",
    [
        "밤편지", "아이유 밤편지", "Live Forever", "Long Live", "Video Killed the Radio Star", "1999",
        "7 rings", "99 Problems", "24 Hours", "MV", "(MV)", "lyrics", "가사", "Music", "Official",
        "The Cover of Love", "Radio",
        "Don't Stop", "Rock'n'Roll", "G-DRAGON", "A$AP", "Part 2",
        "노래", "라이브", "5 ft tall", "", "!!!", "  ",
        "Take On Me", "Dance Dance Dance", "Mr. Brightside",
    ],
)  # fmt: skip
def test_names_stay(query: str) -> None:
    assert simplified(query) is None


def test_long_queries_take_no_time() -> None:
    for unit in ("(", "[x](", "- ", "feat. ", "a-", "'", "MV ", "\u1112\u1161\u11ab"):
        began = time.perf_counter()
        simplified(unit * (200 // len(unit)))
        assert time.perf_counter() - began < 0.5
