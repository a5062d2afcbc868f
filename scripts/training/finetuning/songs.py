"""Lyrics with a mood or a summary, read from CSV or JSON lines and checked on reading."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from scripts.common.text_files import MARK, read_csv, read_json_lines
from scripts.training.sentiment.passages import Passage, read_passages
from songdalle_core.moods import MOODS, is_mood

Item = TypeVar("Item")
TABLES = (".csv", ".tsv")  # the second is refused with the reason


@dataclass(frozen=True)
class SummarisedSong:
    """The lines of a song, and its summary; none for songs that only denoising learns from."""

    lines: tuple[str, ...]
    summary: str | None


def read_moods(path: Path) -> list[Passage]:
    """Labelled lyrics: `mood_passages.jsonl`, or a CSV with the columns lyric, mood and, if songs have
    several passages, song.

    Raises:
        ValueError: the file has another encoding or separator, no song, or a malformed row; the message names
            the file, the line, and what to change.
    """
    if path.suffix.lower() in TABLES:
        return _some([_passage(row, where) for where, row in read_csv(path, "lyric")], path)
    return _some(read_passages(path), path)


def read_summaries(path: Path) -> list[SummarisedSong]:
    """Songs with a summary each: a CSV or JSON lines with lyric (or a list of `lines`) and summary.

    A summary that is missing or empty leaves the song to denoising.

    Raises:
        ValueError: the file has another encoding or separator, no song, or a malformed row; the message names
            the file, the line, and what to change.
    """
    table = path.suffix.lower() in TABLES
    rows = read_csv(path, "lyric") if table else read_json_lines(path)
    return _some([_song(row, where) for where, row in rows], path)


def hold_out(
    items: Sequence[Item], share: float, seed: int, song: Callable[[Item], str] | None = None
) -> tuple[list[Item], list[Item]]:
    """Items to learn from and to measure on, no song in both.

    Args:
        song: identifier of an item's song; by default each item is a song of its own.

    Raises:
        ValueError: there are fewer than two songs.
    """
    names = [song(item) if song else str(number) for number, item in enumerate(items)]
    songs = list(dict.fromkeys(names))
    if len(songs) < 2:
        raise ValueError(f"{len(songs)} song cannot be parted into training and validation")
    random.Random(seed).shuffle(songs)
    held_out = set(songs[: min(max(1, round(share * len(songs))), len(songs) - 1)])
    known = [item for name, item in zip(names, items, strict=True) if name not in held_out]
    return known, [item for name, item in zip(names, items, strict=True) if name in held_out]


def _some(songs: list[Item], path: Path) -> list[Item]:
    if not songs:
        raise ValueError(f"{path} holds no song")
    return songs


def _passage(row: dict[str, Any], where: str) -> Passage:
    text, mood = _text(row, "lyric", where), _text(row, "mood", where)
    if not is_mood(mood):
        raise ValueError(f"{where}: mood is {mood!r}: use one of {', '.join(MOODS)}")
    return Passage(row.get("song") or where, mood, "ko", text)


def _song(row: dict[str, Any], where: str) -> SummarisedSong:
    lines = row.get("lines")
    if lines is None:
        lines = _text(row, "lyric", where).splitlines()
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise ValueError(f"{where}: lines must be a list of texts")
    lines = tuple(line.strip() for line in lines if line.strip())
    if not lines:
        raise ValueError(f"{where}: the lyric is empty")
    summary = row.get("summary")
    if summary is not None and not isinstance(summary, str):
        raise ValueError(f"{where}: summary must be a text, not {summary!r}")
    return SummarisedSong(lines, " ".join((summary or "").split()) or None)


def _text(row: dict[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    text = value.replace(MARK, "").strip() if isinstance(value, str) else ""
    if not text:
        raise ValueError(f"{where}: there must be a {name!r} that is a text and not empty")
    return text
