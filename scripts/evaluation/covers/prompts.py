"""The evaluation prompts, checked on reading; scripts/data/evaluation/README.md describes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.common.text_files import read_lines
from scripts.evaluation.texts.gold import FOLDER
from scripts.training.scenes.composer import SETTINGS
from songdalle_core.moods import MOODS, Mood, is_mood

FILE = FOLDER / "cover_prompts.tsv"
HALVES = ("plain", "lyric")
HEADER = "half\ttext\tsubjects\tsettings\tmood"
LINE_BREAK = " / "
NO_SETTING = "-"


@dataclass(frozen=True)
class CoverPrompt:
    """Something to draw and what counts as right.

    Attributes:
        number: its place in the file, from 0; the seeds of its covers follow from it.
        half: "plain" (English for the image model) or "lyric" (lines for the text stages).
        text: without style and mood; lyrics with line breaks.
        subjects: names of concepts, the one meant first.
        settings: names of settings; empty if none is named.
        mood: the mood asked for.
    """

    number: int
    half: str
    text: str
    subjects: tuple[str, ...]
    settings: tuple[str, ...]
    mood: Mood

    @property
    def korean(self) -> bool:
        """Whether the text has a Korean letter."""
        return any("가" <= letter <= "힣" for letter in self.text)


def read_prompts(path: Path = FILE) -> list[CoverPrompt]:
    """The prompts of a TSV file.

    Raises:
        ValueError: the header or a row is malformed; the message names the line.
    """
    header, *rows = read_lines(path) or [""]
    if header != HEADER:
        raise ValueError(f"{path}, line 1: the header must be {HEADER.split()}, parted by tabs")
    return [_prompt(number, row.split("\t"), path) for number, row in enumerate(rows)]


def _prompt(number: int, fields: Sequence[str], path: Path) -> CoverPrompt:
    where = f"{path}, line {number + 2}"
    if len(fields) != 5 or not all(fields):
        raise ValueError(f"{where}: give half, text, subjects, settings and mood, parted by tabs")
    half, text, subjects, settings, mood = fields
    if half not in HALVES:
        raise ValueError(f"{where}: half is {half!r}: use one of {', '.join(HALVES)}")
    if not is_mood(mood):
        raise ValueError(f"{where}: mood is {mood!r}: use one of {', '.join(MOODS)}")
    places = () if settings == NO_SETTING else tuple(settings.split(";"))
    unknown = [place for place in places if place not in SETTINGS]
    if unknown:
        raise ValueError(f"{where}: no scene is set in {unknown[0]!r}: see SETTINGS")
    lines = text.replace(LINE_BREAK, "\n")
    return CoverPrompt(number, half, lines, tuple(subjects.split(";")), places, mood)


def spread(prompts: Sequence[CoverPrompt], count: int) -> list[CoverPrompt]:
    """`count` of the prompts at even distances, so that both halves are among them."""
    count = min(count, len(prompts))
    return [prompts[k * len(prompts) // count] for k in range(count)]
