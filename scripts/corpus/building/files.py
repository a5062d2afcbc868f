"""Songs from a folder of lyrics, a CSV or JSON lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from scripts.common.text_files import read_csv, read_json_lines, read_lyrics
from scripts.corpus.building.songs import FoundSong, digest_of, year_of
from songdalle_core.moods import MOODS, is_mood

LYRICS = (".txt", ".lrc")
TABLES = (".csv", ".jsonl")


def read_folder(folder: Path, licence: str) -> Iterator[FoundSong]:
    """Each `.txt` and `.lrc` below a folder: "Artist - Title.txt" or "Title.txt".

    A folder on the way that is named after a year or a decade (1994, 1990s) dates its songs.

    Raises:
        ValueError: there is no such file, or one is not in UTF-8; the message says which and what to do.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in LYRICS)
    if not paths:
        raise ValueError(f"{folder} holds no lyrics: give a folder of {' or '.join(LYRICS)} files")
    for path in paths:
        place = path.relative_to(folder)
        artist, dash, title = path.stem.partition(" - ")
        text = read_lyrics(path)
        yield FoundSong(
            f"{place.as_posix()}:{digest_of(text)}",
            title if dash else path.stem,
            artist if dash else "",
            text,
            f"{folder.name}/{place.as_posix()}",
            licence,
            next(filter(None, map(year_of, place.parts[:-1])), None),
        )


def read_table(path: Path, licence: str | None) -> Iterator[FoundSong]:
    """Each row of a CSV or of JSON lines with lyric (or a list of `lines`); title, artist, year, summary, mood
    and licence if there are such columns. An empty lyric is a song without lyrics.

    Args:
        licence: of rows that name none.

    Raises:
        ValueError: a row is malformed or has no licence; the message names the file, the line, and what to
            change.
    """
    suffix = path.suffix.lower()
    if suffix not in TABLES:
        raise ValueError(f"{path}: give a {' or '.join(TABLES)} file")
    rows = read_csv(path, "lyric") if suffix == ".csv" else read_json_lines(path)
    seen: Counter[str] = Counter()
    for where, row in rows:
        song = _song(row, where, licence, path.name)
        seen[song.id] += 1  # the same row twice is a duplicate, not the same song read again
        yield song if seen[song.id] == 1 else replace(song, id=f"{song.id}#{seen[song.id]}")


def _song(row: dict[str, Any], where: str, licence: str | None, name: str) -> FoundSong:
    lines = row.get("lines")
    if lines is not None and not (
        isinstance(lines, list) and all(isinstance(line, str) for line in lines)
    ):
        raise ValueError(f"{where}: lines must be a list of texts")
    if lines is None and "lyric" not in row:
        raise ValueError(f"{where}: there must be a 'lyric' or a list of 'lines'")
    lyric = "\n".join(lines) if lines is not None else _text(row, "lyric", where)
    title, artist = _text(row, "title", where), _text(row, "artist", where)
    right = _text(row, "licence", where) or licence
    if not right:
        raise ValueError(
            f"{where}: by which right may this song be used? Give a 'licence' or --licence"
        )
    mood = _text(row, "mood", where) or None
    if mood is not None and not is_mood(mood):
        raise ValueError(f"{where}: mood is {mood!r}: use one of {', '.join(MOODS)}")
    return FoundSong(
        f"{name}:{digest_of(title, artist, lyric)}",
        title,
        artist,
        lyric if lyric.strip() else None,
        _text(row, "source", where) or name,
        right,
        _year(row, where),
        _text(row, "summary", where) or None,
        mood,
        None if lyric.strip() else "no_lyrics",
    )


def _text(row: dict[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{where}: {name} must be a text, not {value!r}")
    return value.strip()


def _year(row: dict[str, Any], where: str) -> int | None:
    value = row.get("year")
    if value in (None, ""):
        return None
    year = year_of(str(value))
    if year is None:
        raise ValueError(f"{where}: year is {value!r}: give one such as 1994, or leave it empty")
    return year
