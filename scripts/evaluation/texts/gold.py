"""The evaluation sets, checked on reading; scripts/data/evaluation/README.md describes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from scripts.common.text_files import read_json_lines, read_lines

FOLDER = Path(__file__).resolve().parents[2] / "data" / "evaluation"
KINDS = ("plain", "homograph", "compound", "loan", "slang", "abstract", "mixed", "english")
SONG_LANGUAGES = ("ko", "mixed", "en")
RUDE_HEADER = "label\ttext\tspans"
NO_SPANS = "-"

Synonyms = tuple[str, ...]
Item = TypeVar("Item")


@dataclass(frozen=True)
class GlossLine:
    """A lyric line, and the nouns of it that one could paint, each as its accepted English.

    `also` are English words that are neither asked for nor wrong (words, heart, two).
    """

    kind: str
    line: str
    nouns: tuple[Synonyms, ...]
    also: Synonyms
    gloss: str


@dataclass(frozen=True)
class RudeLine:
    """A line, whether it is rude, and the rude stretches of it, letter for letter."""

    rude: bool
    text: str
    spans: tuple[str, ...]


@dataclass(frozen=True)
class Song:
    """A song, the line or two of it that give its image, and the nouns of these, with synonyms."""

    id: str
    title: str
    language: str
    genre: str
    lines: tuple[str, ...]
    summary: tuple[str, ...]
    picturable: tuple[Synonyms, ...]


def read_gloss(path: Path) -> list[GlossLine]:
    """The lines of `gloss_gold.jsonl`.

    Raises:
        ValueError: a line has other fields or a value out of range; the message names the line.
    """
    return list(_records(path, _gloss))


def read_songs(path: Path) -> list[Song]:
    """The songs of `song_summaries.jsonl`.

    Raises:
        ValueError: a line has other fields or a value out of range; the message names the line.
    """
    return list(_records(path, _song))


def read_rude(path: Path) -> list[RudeLine]:
    """The lines of `rude_gold.tsv`.

    Raises:
        ValueError: the header or a row is malformed; the message names the line.
    """
    header, *rows = read_lines(path) or [""]
    if header != RUDE_HEADER:
        raise ValueError(f"{path}, line 1: the header must be label, text, spans, parted by tabs")
    return [_rude(row.split("\t"), f"{path}, line {n}") for n, row in enumerate(rows, start=2)]


def _records(path: Path, read: Callable[[dict[str, Any]], Item]) -> Iterator[Item]:
    for where, record in read_json_lines(path):
        try:
            yield read(record)
        except (ValueError, TypeError) as error:
            raise ValueError(f"{where}: {error}") from error


def _gloss(record: dict[str, Any]) -> GlossLine:
    _only(record, {"kind", "line", "nouns", "also", "gloss"})
    kind, line, gloss = (_text(record, name) for name in ("kind", "line", "gloss"))
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}: use one of {', '.join(KINDS)}")
    return GlossLine(kind, line, _synonyms(record["nouns"]), _texts(record["also"]), gloss)


def _song(record: dict[str, Any]) -> Song:
    _only(record, {"id", "title", "language", "genre", "lines", "summary", "picturable"})
    identifier, title, language, genre, summary = (
        _text(record, name) for name in ("id", "title", "language", "genre", "summary")
    )
    if language not in SONG_LANGUAGES:
        raise ValueError(f"language is {language!r}: use one of {', '.join(SONG_LANGUAGES)}")
    lines, chosen = _texts(record["lines"]), tuple(summary.split("\n"))
    foreign = [line for line in chosen if line not in lines]
    if foreign:
        raise ValueError(f"the summary's line {foreign[0]!r} is no line of the song")
    nouns = _synonyms(record["picturable"])
    if not nouns:
        raise ValueError("picturable must name at least one noun")
    return Song(identifier, title, language, genre, lines, chosen, nouns)


def _rude(fields: list[str], where: str) -> RudeLine:
    if len(fields) != 3 or fields[0] not in ("rude", "clean") or not all(fields):
        raise ValueError(f"{where}: give rude or clean, a text and spans, parted by tabs")
    label, text, written = fields
    spans = () if written == NO_SPANS else tuple(written.split(";"))
    if (label == "rude") != bool(spans):
        raise ValueError(f"{where}: a rude line has spans, a clean one {NO_SPANS!r}")
    missing = [span for span in spans if span not in text]
    if missing:
        raise ValueError(f"{where}: {missing[0]!r} does not stand in the text")
    return RudeLine(label == "rude", text, spans)


def _only(record: dict[str, Any], fields: set[str]) -> None:
    if set(record) != fields:
        raise ValueError(f"give an object with exactly the fields {sorted(fields)}")


def _text(record: dict[str, Any], name: str) -> str:
    value = record[name]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} must be a text that is not empty")
    return value


def _texts(values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
        raise ValueError(f"give a list of texts that are not empty, not {values!r}")
    return tuple(values)


def _synonyms(values: object) -> tuple[Synonyms, ...]:
    if not isinstance(values, list) or [] in values:
        raise ValueError("nouns must be a list of lists of synonyms, none of them empty")
    return tuple(_texts(value) for value in values)
