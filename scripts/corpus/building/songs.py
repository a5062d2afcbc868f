"""A song on its way into a corpus: as it was found, and as its row of the journal."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Literal

from songdalle_core.lyrics import Language, clean_lyrics
from songdalle_core.lyrics.language import korean_share
from songdalle_core.songs import Missing
from songdalle_core.songs.texts import tidy_name

Status = Literal["kept", "duplicate", "empty"]
Reason = Missing | Literal["not_found", "unreadable"]
"""Why a song has no lyrics; "unreadable": in a script that no stage reads, or nothing but signs."""
Group = Literal["korean", "foreign"]

_YEAR = re.compile(r"(1[89]|20)\d\d")


@dataclass(frozen=True)
class FoundSong:
    """A song as a source has it.

    Attributes:
        id: the same whenever the same source is read again.
        lyric: as it was written or pasted; None if `missing` says why.
        year: of release or of the chart it was found in.
        source: where it comes from, for people.
        licence: by which right it may be used.
    """

    id: str
    title: str
    artist: str
    lyric: str | None
    source: str
    licence: str
    year: int | None = None
    summary: str | None = None
    mood: str | None = None
    missing: Reason | None = None


@dataclass(frozen=True)
class CorpusSong:
    """A song as the corpus keeps it: cleaned as the service cleans lyrics.

    Attributes:
        lyric: clean lines, one a row; empty for songs without lyrics, which are kept and counted.
        group: "korean" (with English mixed in or without) or "foreign"; None without lyrics.
        duplicate_of: id of the song that has the same words.
    """

    id: str
    status: Status
    title: str
    artist: str
    year: int | None
    decade: str | None
    lyric: str
    language: Language | None
    korean_share: float | None
    group: Group | None
    source: str
    licence: str
    summary: str | None = None
    mood: str | None = None
    missing: Reason | None = None
    duplicate_of: str | None = None

    def row(self) -> dict[str, Any]:
        """For a line of JSON, without what is not known."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def cleaned(songs: tuple[FoundSong, ...]) -> list[CorpusSong]:
    """Songs with their words as the stages read them, kept or empty."""
    return [_cleaned(song) for song in songs]


def _cleaned(song: FoundSong) -> CorpusSong:
    clean = clean_lyrics(song.lyric or "")
    missing = song.missing
    if not clean.lines and missing is None:
        missing = "unreadable" if (song.lyric or "").strip() else "no_lyrics"
    share = korean_share(clean.text)
    known = bool(clean.lines)
    return CorpusSong(
        song.id,
        "kept" if known else "empty",
        tidy_name(song.title),
        tidy_name(song.artist),
        song.year,
        f"{song.year // 10 * 10}s" if song.year else None,
        "\n".join(clean.lines),
        clean.language if known else None,
        round(share, 3) if share is not None else None,
        group_of(clean.language) if known else None,
        song.source,
        song.licence,
        song.summary,
        song.mood,
        None if known else missing,
    )


def group_of(language: Language) -> Group:
    """The original's two sets: Korean with English mixed in, and foreign."""
    return "korean" if language in ("ko", "mixed") else "foreign"


def digest_of(*texts: str) -> str:
    """Twelve digits that tell texts apart."""
    return sha256("\0".join(texts).encode()).hexdigest()[:12]


def year_of(text: str) -> int | None:
    """The first year from 1800 to 2099 in "1994", "1994-05-01" or "1990s"; None without one."""
    found = _YEAR.search(text)
    return int(found.group()) if found else None
