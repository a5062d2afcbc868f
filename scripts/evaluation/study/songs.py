"""The held-out songs of a study, and each one's summaries: before training, after it, and natural."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.corpus.description.reading import place_of, rows_of
from songdalle_core.moods import Mood, is_mood
from songdalle_core.pretrained import Source
from songdalle_core.sentiment import MoodClassifier
from songdalle_core.summarization.kobart import KoBartOptions, KoBartSummarizer

SUMMARIES = ("pretrained", "own", "natural")
"""Whose summary: the model as it was before, our own training's, and the one that came with the song."""


@dataclass(frozen=True)
class StudySong:
    """A song that no training saw.

    Attributes:
        number: from 0; the seeds of its covers follow from it.
        natural: the summary in the corpus.
    """

    number: int
    title: str
    lines: tuple[str, ...]
    natural: str
    mood: Mood


def read_songs(path: Path, most: int) -> list[StudySong]:
    """At most so many songs with a summary, always the same ones.

    Raises:
        ValueError: no song has a summary.
    """
    found = [row for row in rows_of(path) if row.get("summary")]
    if not found:
        raise ValueError(
            f"{path}: no song has a summary: a study needs songs with a 'summary' column"
        )
    found = sorted(found, key=place_of)[:most]
    classifier = MoodClassifier.load()
    songs = []
    for number, row in enumerate(found):
        known = row.get("mood")
        mood = known if known and is_mood(known) else classifier.classify(row["lyric"]).label
        lines = tuple(row["lyric"].split("\n"))
        songs.append(StudySong(number, row["title"], lines, row["summary"], mood))
    return songs


def summaries(model: str, songs: Sequence[StudySong], options: KoBartOptions) -> list[str]:
    """A model's summary of each song.

    Raises:
        songdalle_core.artifacts.ModelMissing: it is not to be had.
    """
    summarizer = KoBartSummarizer.load(Source(model), options)
    return [s.text for s in summarizer.summarize_many([song.lines for song in songs])]
