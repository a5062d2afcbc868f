"""The labelled lyric passages: one JSON object a line, checked on reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from scripts.common.text_files import read_json_lines
from songdalle_core.moods import MOODS, Mood, is_mood

LANGUAGES = ("ko", "en", "mixed")
FIELDS = {"song", "mood", "language", "text"}


@dataclass(frozen=True)
class Passage:
    """A few lines of one song, with the mood a listener would name."""

    song: str
    mood: Mood
    language: str
    text: str


def read_passages(path: Path) -> list[Passage]:
    """The passages of a JSON-lines file.

    Raises:
        ValueError: a line is no object of the four fields, or a value is out of range; the message
            names the line.
    """
    passages = []
    for where, record in read_json_lines(path):
        try:
            passages.append(_passage(record))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{where}: {error}") from error
    return passages


def _passage(record: dict[str, Any]) -> Passage:
    if set(record) != FIELDS:
        raise ValueError(f"give an object with exactly the fields {sorted(FIELDS)}")
    if not all(isinstance(value, str) and value.strip() for value in record.values()):
        raise ValueError("every field must be a text that is not empty")
    if not is_mood(record["mood"]):
        raise ValueError(f"mood is {record['mood']!r}: use one of {', '.join(get_args(Mood))}")
    if record["language"] not in LANGUAGES:
        raise ValueError(f"language is {record['language']!r}: use one of {', '.join(LANGUAGES)}")
    return Passage(**record)


def labels_of(passages: Sequence[Passage]) -> NDArray[np.int64]:
    """Index of each passage's mood in `MOODS`."""
    return np.array([MOODS.index(passage.mood) for passage in passages])
