"""Build a corpus of lyrics from what you may use: songs to learn from and to measure on.

    python scripts/corpus/build.py runs/corpus --folder my_lyrics --licence "written by us"
    python scripts/corpus/build.py runs/corpus --table songs.csv --resume
    python scripts/corpus/build.py runs/corpus --titles wishes.txt --resume

A source is a folder of .txt and .lrc files, a CSV or JSON lines (lyric, and if known title, artist, year,
summary, mood, licence), songs of LRCLIB by a list of titles, or with Melon's consent its monthly charts of a
decade. Lyrics are cleaned as the service cleans them. Songs with the same words come once; songs without
lyrics are kept empty and counted. DIR gets train.jsonl and validation.jsonl (both have Korean songs, English
mixed in, and foreign ones, in the same shares), without_lyrics.jsonl, and corpus.json with the figures. A run
that was stopped goes on with --resume, and so is another source added.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from scripts.common import command_line
from scripts.common.parallel import in_order
from scripts.common.tally import Tally
from scripts.corpus.building import imports
from scripts.corpus.building.corpus import write_corpus
from scripts.corpus.building.duplicates import Duplicates
from scripts.corpus.building.files import read_folder, read_table
from scripts.corpus.building.journal import Journal
from scripts.corpus.building.songs import FoundSong, cleaned, year_of
from songdalle_core.songs import Song
from songdalle_core.songs.lrclib import ADDRESS as LRCLIB
from songdalle_core.songs.melon import ADDRESS as MELON
from songdalle_core.songs.melon import SMALLEST_GAP

CHUNK = 32  # songs that a worker cleans at once


def build(args: argparse.Namespace) -> dict[str, Any]:
    """Add the songs of a source to a corpus and write its files; returns its figures."""
    with Journal(args.corpus, resume=args.resume) as journal:
        known, duplicates, charts = _recalled(journal)
        songs = (song for song in _source(args, journal, known, charts) if song.id not in known)
        try:
            _take(songs, journal, duplicates, args)
        finally:  # what was found before a provider refused or a row was malformed is a corpus, too
            figures = write_corpus(journal, args.corpus, args.validation, args.seed)
    for name, value in figures.items():
        print(f"{name.replace('_', ' ')}: {value}")
    return figures


def _take(
    songs: Iterator[FoundSong], journal: Journal, duplicates: Duplicates, args: argparse.Namespace
) -> None:
    """Clean songs and note them."""
    # what is asked for over a network comes one by one, and is noted before the next request
    chunk = CHUNK if args.folder or args.table else 1
    tally = Tally("songs")
    for part in in_order(cleaned, _chunks(songs, chunk), args.workers if chunk > 1 else 1):
        for song in part:
            if song.status == "kept" and (same := duplicates.find(song.id, song.lyric)):
                song = replace(song, status="duplicate", duplicate_of=same)
            journal.append(song.row())
            tally.add()


def _recalled(journal: Journal) -> tuple[set[str], Duplicates, dict[str, list[Song]]]:
    """What earlier runs did: songs, their words, and charts."""
    known: set[str] = set()
    duplicates = Duplicates()
    charts: dict[str, list[Song]] = {}
    for row in journal.rows():
        if "chart" in row:
            charts[row["chart"]] = [Song(**song) for song in row["songs"]]
            continue
        known.add(row["id"])
        if row["status"] == "kept":
            duplicates.find(row["id"], row["lyric"])
    return known, duplicates, charts


def _source(
    args: argparse.Namespace, journal: Journal, known: set[str], charts: dict[str, list[Song]]
) -> Iterator[FoundSong]:
    if args.folder:
        if not args.licence:
            raise ValueError("by which right may these songs be used? Say so by --licence")
        return read_folder(args.folder, args.licence)
    if args.table:
        return read_table(args.table, args.licence)
    if args.titles:
        provider = imports.lrclib(args.lrclib, args.gap, args.contact)
        return imports.drawn(imports.by_title(provider, imports.read_wishes(args.titles), known))
    chart = imports.melon(args.melon, args.gap, args.contact, args.melon_consent)

    def note(name: str, songs: list[Song]) -> None:
        journal.append({"chart": name, "songs": [asdict(song) for song in songs]})

    return imports.drawn(imports.by_chart(chart, args.melon_decade, charts, note, known))


def _chunks(songs: Iterable[FoundSong], size: int) -> Iterator[tuple[FoundSong, ...]]:
    chunk: list[FoundSong] = []
    for song in songs:
        chunk.append(song)
        if len(chunk) == size:
            yield tuple(chunk)
            chunk = []
    if chunk:
        yield tuple(chunk)


def _decade(text: str) -> int:
    year = year_of(text)
    if year is None or year % 10:
        raise argparse.ArgumentTypeError(
            f"give the first year of a decade, such as 1990, not {text}"
        )
    return year


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__, "seed", "resume")
    add = made.add_argument
    add("corpus", type=Path, metavar="DIR", help="folder of the corpus")
    source = made.add_mutually_exclusive_group(required=True)
    source.add_argument("--folder", type=Path, metavar="DIR", help="folder of lyrics")
    source.add_argument("--table", type=Path, metavar="FILE", help="CSV or JSON lines")
    source.add_argument("--titles", type=Path, metavar="FILE",
        help="a title and artist a line, or a CSV with title, artist and year: asked from LRCLIB")  # fmt: skip
    source.add_argument("--melon-decade", type=_decade, metavar="YEAR",
        help="Melon's monthly charts from this year on, ten years")  # fmt: skip
    add(
        "--licence",
        metavar="TEXT",
        help="by which right the songs of a folder or table may be used",
    )
    add("--melon-consent", action="store_true", help="says that you have Melon's consent")
    add("--contact", help="address or page in the User-Agent, by which a provider reaches you")
    add("--gap", type=float, default=1.0, metavar="SECONDS",
        help=f"from one request to the next; Melon: {SMALLEST_GAP:g} at least")  # fmt: skip
    add("--validation", type=command_line.share, default=0.1, help="share of the songs held out")
    add("--workers", type=command_line.count, default=2, help="processes that clean lyrics")
    add("--lrclib", default=LRCLIB, metavar="URL", help="LRCLIB, or a copy of your own")
    add("--melon", default=MELON, metavar="URL", help="Melon")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    return command_line.run(parser(), build, arguments, imports.ImportStopped)


if __name__ == "__main__":
    sys.exit(main())
