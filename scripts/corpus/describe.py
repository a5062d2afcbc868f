"""Describe a corpus: lengths, languages, repetition, moods, words and picturable nouns, by decade.

    python scripts/corpus/describe.py runs/corpus
    python scripts/corpus/describe.py runs/corpus --sample 0 --out runs/all.html

Writes an HTML page with plots, and the figures as JSON beside it, into the corpus unless --out says otherwise.
Words and moods need each song's morphemes, which takes most of the time: they are of a random part of each
decade, which is the same at every run. Memory does not grow with the corpus.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scripts.common import command_line
from scripts.common.parallel import in_order
from scripts.common.reports import write_json
from scripts.common.tally import Tally
from scripts.corpus.description.figures import Chunk, Figures, measure
from scripts.corpus.description.page import description
from scripts.corpus.description.reading import (
    decade_of,
    place_of,
    rows,
    sample,
    songs_without_lyrics,
)
from scripts.corpus.description.report import report

CHUNK = 128  # songs that a worker measures at once


def describe(args: argparse.Namespace) -> dict[str, Any]:
    """Measure a corpus and write its page; returns the figures."""
    began = time.monotonic()
    counts, limits = sample(args.corpus, args.sample)
    if not counts:
        raise ValueError(f"{args.corpus} has no song with lyrics")
    by_decade: defaultdict[str, Figures] = defaultdict(Figures)
    tally = Tally("songs", sum(counts.values()))
    for part in in_order(measure, _chunks(args.corpus, limits), args.workers):
        for decade, more in part.items():
            by_decade[decade].merge(more)
            tally.add(more.songs)
    seconds = time.monotonic() - began
    figures = report(by_decade, songs_without_lyrics(args.corpus), seconds)
    out = args.out or args.corpus / "description.html"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(description(figures, args.corpus.resolve().name), encoding="utf-8")
    write_json(out.with_suffix(".json"), figures)
    print(f"{figures['songs']:,} songs in {seconds:.0f} s: {out}")
    return figures


def _chunks(corpus: Path, limits: dict[str, int]) -> Iterator[Chunk]:
    chunk: list[tuple[dict[str, Any], bool]] = []
    for row in rows(corpus):
        chunk.append((row, place_of(row) <= limits[decade_of(row)]))
        if len(chunk) == CHUNK:
            yield tuple(chunk)
            chunk = []
    if chunk:
        yield tuple(chunk)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__)
    add = made.add_argument
    add("corpus", type=Path, metavar="DIR", help="folder of build.py")
    add("--out", type=Path, metavar="FILE", help="HTML to write; the JSON has the same name")
    add("--sample", type=command_line.amount, default=4000,
        help="songs of a decade whose words and moods are looked at; 0: all")  # fmt: skip
    add("--workers", type=command_line.count, default=2, help="processes")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    return command_line.run(parser(), describe, arguments)


if __name__ == "__main__":
    sys.exit(main())
