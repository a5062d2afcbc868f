"""Melon (melon.com), for operators with its consent: off unless the configuration turns it on.

Melon's robots.txt forbids automated reading of all but one page, and its terms of use, articles 17(7) and
20(1)(2), forbid commercial use, redistribution and copying without prior consent. Turning this provider on
declares that consent. It sends an honest User-Agent, requests one song at a time for a user, waits two seconds
or more between requests and stops when it is refused (403, 429).

The structure of the pages follows published descriptions and was not tried on Melon itself. A page of another
structure is an error.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode
from yarl import URL

from songdalle_core.pasted import is_instrumental
from songdalle_core.songs.fetching import Fetcher
from songdalle_core.songs.provider import ProviderFailed, Song, SongLyrics
from songdalle_core.songs.texts import tidy_lyrics, tidy_name

ADDRESS = "https://www.melon.com"
SMALLEST_GAP = 2.0
STOPS_ON = frozenset({403, 429})
LEGAL_NOTE = (
    "Melon's robots.txt and terms of use (articles 17(7) and 20(1)(2)) forbid automated reading without its "
    "prior consent"
)
UNKNOWN_PAGE = "Melon answers with a page of another structure than this provider knows"

_KEY = re.compile(r"[0-9]{1,12}")
_DETAIL_LINK = re.compile(r"goSongDetail\(\s*['\"]([0-9]{1,12})['\"]")
_LOGGED = re.compile(r"searchLog\(.{0,500}?['\"]([0-9]{1,12})['\"]\s*\)")
_SPACE = re.compile(r"\s+")
_CHART_CLASSES = ((2017, "GN0000"), (2009, "DP0000"), (2006, "CL0000"), (0, "KPOP"))


class Melon:
    """The provider "melon"."""

    name = "melon"

    def __init__(self, fetcher: Fetcher, address: str = ADDRESS) -> None:
        self._fetcher = fetcher
        self._site = URL(address)

    async def search(self, query: str, limit: int) -> list[Song]:
        """The first songs of Melon's song search."""
        parameters = {"q": query, "section": "", "searchGnbYn": "Y", "kkoSpl": "N", "kkoDpType": ""}
        page = await self._page((self._site / "search/song/index.htm").with_query(parameters))
        if page is None:
            raise ProviderFailed(UNKNOWN_PAGE)
        if (
            page.css_first("#frm_defaultList") is None
            and page.css_first("form, .section_no_data") is None
        ):
            raise ProviderFailed(UNKNOWN_PAGE)
        rows = page.css("#frm_defaultList table tbody tr")
        songs: dict[str, Song] = {}
        for song in filter(None, map(_read_row, rows)):
            songs.setdefault(song.key, song)
        return list(songs.values())[:limit]

    async def lyrics(self, key: str) -> SongLyrics | None:
        """The song of a number; without lyrics if it is for adults only, which Melon then does not show."""
        if not _KEY.fullmatch(key):
            return None
        page = await self._page((self._site / "song/detail.htm").with_query(songId=key))
        if page is None:
            return None
        name = page.css_first(".song_name")
        if name is None:
            raise ProviderFailed(UNKNOWN_PAGE)
        song = Song(self.name, key, _text(name), _artists(page), _album(page))
        block = page.css_first("div.lyric")
        text = "" if block is None else _lines(block)
        if is_instrumental(text):
            return SongLyrics(song, None, "instrumental")
        if words := tidy_lyrics(text):
            return SongLyrics(song, words)
        if block is None and name.css_first(".age_19") is not None:
            return SongLyrics(song, None, "adults_only")
        if block is None and page.css_first(".lyric_none") is None:
            raise ProviderFailed(UNKNOWN_PAGE)
        return SongLyrics(song, None, "no_lyrics")

    async def monthly_chart(self, year: int, month: int) -> list[Song]:
        """The songs of a month's chart, at most 100, the first first; empty if there was none.

        Raises:
            SongsError: the request failed.
        """
        parameters = {"chartType": "MO", "age": f"{year // 10 * 10}", "year": f"{year}"}
        parameters |= {"mon": f"{month:02}"}
        parameters |= {"classCd": _chart_class(year), "startDay": "", "endDay": "", "moved": "Y"}
        page = await self._page((self._site / "chart/search/list.htm").with_query(parameters))
        if page is None:
            return []
        rows = page.css("tr.lst50, tr.lst100")
        if not rows and page.css_first("form, table, .section_no_data") is None:
            raise ProviderFailed(UNKNOWN_PAGE)
        songs: dict[str, Song] = {}
        for song in filter(None, map(_read_chart_row, rows)):
            songs.setdefault(song.key, song)
        return list(songs.values())

    async def close(self) -> None:
        """End its connections."""
        await self._fetcher.close()

    async def _page(self, url: URL) -> LexborHTMLParser | None:
        body = await self._fetcher.get(url)
        return None if body is None else LexborHTMLParser(body.decode("utf-8", "replace"))


def _read_row(row: LexborNode) -> Song | None:
    """A row of search results, or None where it is none."""
    number = _DETAIL_LINK.search(row.html or "") or _LOGGED.search(row.html or "")
    title = row.css_first("td:nth-child(3) a.fc_gray")
    if number is None or title is None:
        return None
    artists = dict.fromkeys(_text(a) for a in row.css("#artistName a.fc_mgray"))
    album = row.css_first("td:nth-child(5) a")
    names = (_text(title), tidy_name(", ".join(artists)))
    return Song(Melon.name, number.group(1), *names, _text(album) or None if album else None)


def _read_chart_row(row: LexborNode) -> Song | None:
    """A row of a chart, or None where it names no song."""
    number = row.attributes.get("data-song-no") or ""
    title = row.css_first(".rank01 a")
    if not _KEY.fullmatch(number) or title is None:
        return None
    artists = dict.fromkeys(_text(a) for a in row.css(".rank02 .checkEllipsis a"))
    album = row.css_first(".rank03 a")
    names = (_text(title), tidy_name(", ".join(artists)))
    return Song(Melon.name, number, *names, _text(album) or None if album else None)


def _chart_class(year: int) -> str:
    """Melon's name for the chart of all Korean songs, which has changed over time."""
    return next(name for since, name in _CHART_CLASSES if year >= since)


def _text(node: LexborNode) -> str:
    """The visible text of a name, without its hidden label and the mark of songs for adults."""
    visible = node.clone()
    for hidden in visible.css(".none, .bullet_icons"):
        hidden.decompose(recursive=True)
    return tidy_name(visible.text())


def _artists(page: LexborHTMLParser) -> str:
    """Newer pages list artists as links, older ones name one."""
    links = page.css("div.artist span.wrap_dtl a") or page.css("div.artist a.artist_name")
    return tidy_name(", ".join(dict.fromkeys(filter(None, map(_text, links)))))


def _album(page: LexborHTMLParser) -> str | None:
    terms = page.css("div.meta dl.list dt")
    values = page.css("div.meta dl.list dd")
    named = {_text(dt): _text(dd) for dt, dd in zip(terms, values, strict=False)}
    return named.get("앨범") or None


def _lines(block: LexborNode) -> str:
    """Text of a lyrics block, a line for each <br>; comments are no text."""
    parts = []
    for child in block.traverse(include_text=True):
        if child.is_text_node:
            parts.append(_SPACE.sub(" ", child.text_content or ""))
        elif child.tag == "br":
            parts.append("\n")
    return re.sub(" {2,}", " ", "".join(parts))
