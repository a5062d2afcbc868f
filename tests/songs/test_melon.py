"""Pages written for these tests, in the structure that the provider's docstring and facts describe."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from songdalle_core.songs.fetching import Courtesy, Fetcher, user_agent
from songdalle_core.songs.melon import STOPS_ON, Melon
from songdalle_core.songs.provider import ProviderBusy, ProviderFailed, Song
from tests.songs.server import ProviderServer, Reply

ADULT = (
    '<span class="bullet_icons age_19 large" title="19세 미만 청소년 이용불가">'
    '<span class="none">19금</span></span>'
)
SEARCH, DETAIL = "/search/song/index.htm", "/song/detail.htm"


def row(link: str, title: str = "등불", artists: str = "심지", mark: str = "") -> str:
    links = "".join(f'<a class="fc_mgray" href="#">{name}</a>' for name in artists.split(","))
    return f"""<tr>
      <td><input type="checkbox" name="input_check" value="1"></td><td>1</td>
      <td><div class="wrap"><a href="{link}" class="btn btn_icon_detail"><span>곡정보</span></a>
        {mark}<a href="javascript:;" class="fc_gray" title="{title}">{title}</a></div></td>
      <td><div id="artistName">{links}<span class="checkEllipsis">{links}</span></div></td>
      <td><a href="#">작은 불빛</a></td></tr>"""


def results(*rows: str) -> str:
    table = f"<table><thead><tr><th>곡명</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f'<html><body><form id="frm_defaultList">{table}</form></body></html>'


def detail(lyrics: str, mark: str = "", artist: str | None = None) -> str:
    artist = (
        artist or '<div class="artist"><span class="wrap_dtl"><a>심지</a><a>성냥</a></span></div>'
    )
    return f"""<html><body><div class="info">
      <div class="song_name"><strong class="none">곡명</strong>{mark}
        언덕 위의   등불 &amp; 배</div>{artist}
      <div class="meta"><dl class="list"><dt>앨범</dt><dd><a href="#">작은 불빛</a></dd>
        <dt>발매일</dt><dd>2024.01.02</dd></dl></div></div>{lyrics}</body></html>"""


LYRICS = """<div class="wrap_lyric"><div class="lyric" id="d_video_summary"><!-- height:auto -->
  언덕 위에 등불 하나<BR>배들은 &#39;집&#39;으로<br><br/>  눈이 <b>내</b> 려요</div></div>"""


def ask(
    replies: dict[str, Sequence[Reply]], use: Callable[[Melon, ProviderServer], Awaitable[Any]]
) -> Any:
    async def run() -> Any:
        async with ProviderServer(replies) as server:
            courtesy = Courtesy(gap=0, attempts=2, patience=5, stops_on=STOPS_ON, rest=60)
            provider = Melon(Fetcher("Melon", user_agent(), courtesy), server.url)
            try:
                return await use(provider, server)
            finally:
                await provider.close()

    return asyncio.run(run())


def search(page: str) -> list[Song]:
    async def use(provider: Melon, server: ProviderServer) -> list[Song]:
        songs = await provider.search("등불 심지", 20)
        assert server.questions[0]["q"] == "등불 심지"
        assert server.asked[0].headers["User-Agent"].startswith("SongDALL-E/")
        return songs

    return ask({SEARCH: [Reply(page)]}, use)


def lyrics(page: str, key: str = "123") -> Any:
    async def use(provider: Melon, server: ProviderServer) -> Any:
        result = await provider.lyrics(key)
        assert server.questions in ([{"songId": key}], [])
        return result

    return ask({DETAIL: [Reply(page)]}, use)


def test_songs_are_found() -> None:
    detail_link = "javascript:melon.link.goSongDetail('123');"
    logged = "javascript:searchLog('web_song','SONG','SO','등불 (심지)','456');"
    nameless = row("javascript:;")
    songs = search(
        results(row(detail_link, artists="심지,성냥"), row(logged), nameless, row(detail_link))
    )
    assert songs == [
        Song("melon", "123", "등불", "심지, 성냥", "작은 불빛"),
        Song("melon", "456", "등불", "심지", "작은 불빛"),
    ]


def test_the_mark_of_songs_for_adults_is_no_title() -> None:
    (song,) = search(
        results(row("goSongDetail('1')", mark=ADULT, title=f"밤{ADULT.replace(chr(34), chr(39))}"))
    )
    assert song.title == "밤"


def test_nothing_is_found() -> None:
    assert search(results()) == []
    assert search('<html><div class="section_no_data">검색결과가 없습니다.</div></html>') == []


@pytest.mark.parametrize(
    "page", ["", "<html><p>maintenance</p></html>", "\x00\xff<<<>>", "<table>" * 5000]
)
def test_strange_pages_are_reported(page: str) -> None:
    with pytest.raises(ProviderFailed, match="structure"):
        search(page)
    with pytest.raises(ProviderFailed, match="structure"):
        lyrics(page)


def test_lyrics_are_read() -> None:
    result = lyrics(detail(LYRICS))
    assert result.lyrics == "언덕 위에 등불 하나\n배들은 '집'으로\n\n눈이 내 려요"
    assert result.song == Song("melon", "123", "언덕 위의 등불 & 배", "심지, 성냥", "작은 불빛")


def test_an_older_page_names_one_artist() -> None:
    old = '<div class="artist"><a class="artist_name" title="심지"><span>심지</span></a></div>'
    assert lyrics(detail(LYRICS, artist=old)).song.artist == "심지"


@pytest.mark.parametrize(
    ("block", "mark", "missing"),
    [
        ('<div class="lyric_none">가사 준비중</div>', "", "no_lyrics"),
        ('<div class="lyric">가사 정보 없음</div>', "", "no_lyrics"),
        ('<div class="lyric"></div>', ADULT, "no_lyrics"),
        ('<div class="lyric">작사 : 심지<br>작곡 : 성냥</div>', "", "no_lyrics"),
        ('<div class="lyric">이 곡은 연주곡입니다.</div>', "", "instrumental"),
        ("", ADULT, "adults_only"),
    ],
)
def test_songs_without_lyrics(block: str, mark: str, missing: str) -> None:
    result = lyrics(detail(block, mark))
    assert (result.lyrics, result.missing) == (None, missing)
    assert result.song.title == "언덕 위의 등불 & 배"


def test_a_page_without_a_lyrics_block_is_reported() -> None:
    with pytest.raises(ProviderFailed, match="structure"):
        lyrics(detail(""))


@pytest.mark.parametrize("key", ["", "x", "1/2", "1" * 13])
def test_a_name_that_is_no_number(key: str) -> None:
    assert lyrics(detail(LYRICS), key) is None


@pytest.mark.parametrize("status", [403, 429])
def test_a_refusal_ends_all_requests(status: int) -> None:
    async def use(provider: Melon, server: ProviderServer) -> int:
        with pytest.raises(ProviderBusy, match=str(status)):
            await provider.search("등불", 20)
        for question in (provider.search("다른", 20), provider.lyrics("1")):
            with pytest.raises(ProviderBusy):
                await question
        return len(server.asked)

    assert ask({SEARCH: [Reply(status=status), Reply(results())]}, use) == 1


def test_a_server_error_is_tried_again() -> None:
    async def use(provider: Melon, server: ProviderServer) -> int:
        assert await provider.lyrics("1") is not None
        return len(server.asked)

    assert ask({DETAIL: [Reply(status=500), Reply(detail(LYRICS))]}, use) == 2


def test_a_missing_page_is_no_song() -> None:
    async def use(provider: Melon, _: ProviderServer) -> Any:
        return await provider.lyrics("1")

    assert ask({}, use) is None


CHART = "/chart/search/list.htm"


def chart_row(number: str, name: str, kind: str = "lst50") -> str:
    return f"""<tr class="{kind}" data-song-no="{number}"><td><span class="rank">1</span></td><td>
      <div class="ellipsis rank01"><span>{ADULT}<a href="#">{name}</a></span></div>
      <div class="ellipsis rank02"><a href="#">심지, 성냥</a><span class="checkEllipsis">
        <a href="#">심지</a>, <a href="#">성냥</a></span></div></td>
      <td><div class="ellipsis rank03"><a href="#">작은 불빛</a></div></td></tr>"""


@pytest.mark.parametrize(
    ("year", "chart_class"),
    [(1994, "KPOP"), (2007, "CL0000"), (2016, "DP0000"), (2017, "GN0000")],
)
def test_a_months_chart(year: int, chart_class: str) -> None:
    rows = [chart_row("7", "등불"), chart_row("8", "배", "lst100"), chart_row("7", "등불")]
    page = f"<table>{''.join(rows)}{chart_row('', 'no number')}</table>"

    async def use(provider: Melon, server: ProviderServer) -> list[Song]:
        songs = await provider.monthly_chart(year, 5)
        assert server.questions[0]["classCd"] == chart_class
        assert server.questions[0]["age"] == f"{year // 10}0"
        assert server.questions[0]["mon"] == "05"
        return songs

    assert ask({CHART: [Reply(page)]}, use) == [
        Song("melon", "7", "등불", "심지, 성냥", "작은 불빛"),
        Song("melon", "8", "배", "심지, 성냥", "작은 불빛"),
    ]


@pytest.mark.parametrize(
    ("replies", "songs"), [({}, []), ({CHART: [Reply("<form>no chart</form>")]}, [])]
)
def test_a_month_without_a_chart(replies: dict[str, Sequence[Reply]], songs: list[Song]) -> None:
    async def use(provider: Melon, _: ProviderServer) -> list[Song]:
        return await provider.monthly_chart(1994, 5)

    assert ask(replies, use) == songs


def test_an_unknown_chart_page_is_an_error() -> None:
    async def use(provider: Melon, _: ProviderServer) -> None:
        with pytest.raises(ProviderFailed, match="another structure"):
            await provider.monthly_chart(1994, 5)

    ask({CHART: [Reply("<p>new design</p>")]}, use)
