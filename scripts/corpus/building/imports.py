"""Songs by way of the providers: LRCLIB by a list of titles, Melon's monthly charts by decade."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from scripts.common.text_files import read_csv, read_lines
from scripts.corpus.building.songs import FoundSong, year_of
from songdalle_core.songs import (
    Catalogue,
    Courtesy,
    Fetcher,
    Lrclib,
    Melon,
    ProviderBusy,
    Song,
    SongLyrics,
    SongsError,
    user_agent,
)
from songdalle_core.songs.melon import LEGAL_NOTE, SMALLEST_GAP, STOPS_ON
from songdalle_core.songs.simplification import simplified

Result = TypeVar("Result")

LICENCES = {
    "lrclib": "none stated by LRCLIB; for your own study only",
    "melon": "with Melon's consent, as declared by who built the corpus",
}
LONGEST_PAUSE = 120.0
"""Seconds that a busy provider is waited for, once; it asks for more: the run ends and can be resumed."""
FAILURES = 5
"""So many failed requests in a row end the run."""


class ImportStopped(Exception):
    """A provider takes no more requests; what was imported is kept."""


@dataclass(frozen=True)
class Wish:
    """A song to look for."""

    title: str
    artist: str = ""
    year: int | None = None

    @property
    def query(self) -> str:
        """What is searched for."""
        return f"{self.title} {self.artist}".strip()


def read_wishes(path: Path) -> list[Wish]:
    """A title (and artist) a line, or a CSV with the columns title and, if known, artist and year.

    Raises:
        ValueError: the file names no song.
    """
    if path.suffix.lower() == ".csv":
        rows = (row for _, row in read_csv(path, "title"))
        wishes = [
            Wish(r["title"], r.get("artist", ""), year_of(r.get("year", "")))
            for r in rows
            if r["title"]
        ]
    else:
        wishes = [Wish(line.strip()) for line in read_lines(path) if line.strip()]
    if not wishes:
        raise ValueError(f"{path} names no song: write a title and artist a line")
    return list({wish.query.casefold(): wish for wish in wishes}.values())


def lrclib(address: str, gap: float, contact: str | None) -> Lrclib:
    """LRCLIB, asked one song at a time."""
    return Lrclib(Fetcher("LRCLIB", user_agent(contact), Courtesy(gap=gap)), address)


def melon(address: str, gap: float, contact: str | None, consent: bool) -> Melon:
    """Melon, for those who have its consent; a `gap` below `SMALLEST_GAP` is that.

    Raises:
        ValueError: consent was not declared.
    """
    if not consent:
        raise ValueError(
            f"{LEGAL_NOTE}: leave --melon-decade out, or add --melon-consent if you have it"
        )
    slow = Courtesy(gap=max(gap, SMALLEST_GAP), stops_on=STOPS_ON)
    return Melon(Fetcher("Melon", user_agent(contact), slow), address)


async def by_title(
    provider: Lrclib, wishes: Sequence[Wish], known: Collection[str]
) -> AsyncIterator[FoundSong]:
    """Each wish that is not known, with lyrics, or empty with the reason.

    Raises:
        ImportStopped: the provider takes no more requests.
    """
    catalogue = Catalogue([provider])
    asking = _Patience()
    try:
        for wish in wishes:
            id = f"{provider.name}:{wish.query.casefold()}"
            if id in known:
                continue
            songs = await asking(partial(catalogue.search, wish.query))
            match = next((song for song in songs or () if _is_wished(song, wish)), None)
            found = await asking(partial(catalogue.lyrics, match.id)) if match else None
            if songs is None or (match and found is None):
                continue  # a failure: not noted, so that the next run asks again
            yield _found(id, found, wish.title, wish.artist, wish.year, provider.name)
    finally:
        await catalogue.close()


async def by_chart(
    provider: Melon,
    decade: int,
    charts: dict[str, list[Song]],
    note: Callable[[str, list[Song]], None],
    known: Collection[str],
) -> AsyncIterator[FoundSong]:
    """The songs of a decade's monthly charts that are not known, each once, dated by its first chart.

    Songs without lyrics are kept empty, as the original did.

    Args:
        decade: its first year.
        charts: those that were read before, by "1994-05".
        note: is told each one that is read.

    Raises:
        ImportStopped: Melon takes no more requests.
    """
    asking = _Patience()
    seen = set(known)
    try:
        for year in range(decade, decade + 10):
            for month in range(1, 13):
                name = f"{year}-{month:02}"
                songs = charts.get(name)
                if songs is None:
                    songs = await asking(partial(provider.monthly_chart, year, month))
                    if songs is None:
                        continue
                    note(name, songs)
                for song in songs:
                    if song.id in seen:
                        continue
                    seen.add(song.id)
                    found = await asking(partial(provider.lyrics, song.key))
                    if found is not None:
                        yield _found(song.id, found, song.title, song.artist, year, provider.name)
    finally:
        await provider.close()


def drawn(songs: AsyncIterator[FoundSong]) -> Iterator[FoundSong]:
    """The songs of an asynchronous source, one by one as they are asked for."""
    with asyncio.Runner() as runner:
        while True:
            song = runner.run(_next(songs))
            if song is None:
                return
            yield song


async def _next(songs: AsyncIterator[FoundSong]) -> FoundSong | None:
    return await anext(songs, None)


class _Patience:
    """Calls that wait for a busy provider and go on after a failure, both within bounds."""

    def __init__(self) -> None:
        self._failures = 0

    async def __call__(self, call: Callable[[], Awaitable[Result]]) -> Result | None:
        """The result; None after a failure."""
        try:
            result = await self._waiting(call)
        except ProviderBusy as busy:
            raise ImportStopped(
                f"{busy}; run again with --resume in {busy.retry_after} s"
            ) from busy
        except SongsError as error:
            self._failures += 1
            if self._failures >= FAILURES:
                raise ImportStopped(
                    f"{FAILURES} requests in a row failed ({error}); run again with --resume later"
                ) from error
            print(f"left out for now: {error}", file=sys.stderr, flush=True)
            return None
        self._failures = 0
        return result

    async def _waiting(self, call: Callable[[], Awaitable[Result]]) -> Result:
        try:
            return await call()
        except ProviderBusy as busy:
            if busy.retry_after > LONGEST_PAUSE:
                raise
            print(f"{busy}: waiting {busy.retry_after} s", file=sys.stderr, flush=True)
            await asyncio.sleep(busy.retry_after)
            return await call()


def _is_wished(song: Song, wish: Wish) -> bool:
    """Whether a result has the title that was asked for: an import must not take the next best song."""
    title = _letters(simplified(song.title) or song.title)
    wanted = _letters(wish.title) if wish.artist else _letters(wish.query)
    if wish.artist:
        return title == wanted or title == _letters(simplified(wish.title) or wish.title)
    return bool(title) and title in wanted


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _found(
    id: str, lyrics: SongLyrics | None, title: str, artist: str, year: int | None, provider: str
) -> FoundSong:
    """A song as its provider has it; what it lacks comes from who asked."""
    song = lyrics.song if lyrics else None
    return FoundSong(
        id,
        (song.title if song else "") or title,
        (song.artist if song else "") or artist,
        lyrics.lyrics if lyrics else None,
        f"{provider}/{song.key}" if song else provider,
        LICENCES[provider],
        year,
        missing=(lyrics.missing or None) if lyrics else "not_found",
    )
