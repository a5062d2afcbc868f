"""How fast the text stages are: clean, filter, summarise, translate, sentiment; one by one and in batches.

    python scripts/benchmarks/benchmark_text.py
    python scripts/benchmarks/benchmark_text.py --characters 300,1000,3000 --json text.json

One process on one core, warm; no song is measured twice. "of a song" is a stage's share of the median song.
"batched" is songs a second in batches over songs a second one by one. A batch only saves calls: kiwi, which
does most of the work, reads line after line either way, and its threads are turned off, since replicas share
the cores. The service cleans and filters song by song. Ratios travel between machines, milliseconds do not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from scripts.common.reports import markdown
from songdalle_core.hangul import contains_syllables
from songdalle_core.lyrics import CleanLyrics, clean_lyrics, remove_profanity_many
from songdalle_core.sentiment import MoodClassifier
from songdalle_core.summarization import Summary, TextRankSummarizer
from songdalle_core.translation import GlossTranslator, Lexicon

Result = TypeVar("Result")

LINES = Path(__file__).resolve().parents[2] / "loadtests" / "lines.txt"

STAGES = ("clean", "filter", "summarize", "translate", "sentiment")


@dataclass(frozen=True)
class Figures:
    """One stage, or all together: seconds a song, and songs a second batched over one by one."""

    median: float
    p95: float
    share: float
    batched: float


class TextStages:
    """The embedded text models in the order of the pipeline, each taking several songs at once."""

    def __init__(self) -> None:
        lexicon = Lexicon.load()
        self._summarizer = TextRankSummarizer(lexicon.is_picturable)
        self._translator = GlossTranslator(lexicon)
        self._moods = MoodClassifier.load()

    def run(self, songs: Sequence[str]) -> dict[str, float]:
        """Seconds of each stage over `songs`."""
        seconds: dict[str, float] = {}

        def timed(stage: str, work: Callable[[], Result]) -> Result:
            started = time.perf_counter()
            result = work()
            seconds[stage] = time.perf_counter() - started
            return result

        cleaned: list[CleanLyrics] = timed("clean", lambda: [clean_lyrics(song) for song in songs])
        lines = timed("filter", lambda: self._polite(cleaned))
        summaries: list[Summary] = timed(
            "summarize", lambda: self._summarizer.summarize_many(lines)
        )
        sentences = [sentence for summary in summaries for sentence in summary.sentences]
        timed("translate", lambda: self._translator.translate_many(sentences))
        timed("sentiment", lambda: self._moods.classify_many([c.text for c in cleaned]))
        return seconds

    @staticmethod
    def _polite(cleaned: Sequence[CleanLyrics]) -> list[list[str]]:
        return [[line.text for line in remove_profanity_many(song.lines)] for song in cleaned]


def make_songs(characters: int, count: int, seed: int) -> list[str]:
    """Songs of about `characters` characters with verses and a chorus, of the load tests' Korean lines."""
    lines = [
        line for line in LINES.read_text(encoding="utf-8").splitlines() if contains_syllables(line)
    ]
    stream = random.Random(seed)
    songs = []
    for _ in range(count):
        chorus = "\n".join(stream.sample(lines, 4))
        song = ""
        while len(song) < characters:
            verse = "\n".join(stream.sample(lines, 4))
            song = "\n\n".join(filter(None, (song, verse, chorus)))
        songs.append(song[:characters].rpartition("\n")[0] or song[:characters])
    return songs


def measure(stages: TextStages, characters: int, songs: int, batch: int) -> dict[str, Figures]:
    """Figures of each stage and of their "total", singles and batches taking turns."""
    ones: list[dict[str, float]] = []
    many: list[dict[str, float]] = []
    stages.run(make_songs(characters, batch, seed=0))
    for turn in range(max(songs // batch, 1)):
        texts = make_songs(characters, 2 * batch, seed=turn + 1)
        many.append(stages.run(texts[:batch]))
        ones.extend(stages.run([text]) for text in texts[batch:])
    for run in (*ones, *many):
        run["total"] = sum(run[stage] for stage in STAGES)
    whole = statistics.median(run["total"] for run in ones)
    figures: dict[str, Figures] = {}
    for stage in (*STAGES, "total"):
        seconds = sorted(run[stage] for run in ones)
        median = statistics.median(seconds)
        together = statistics.median(run[stage] for run in many) / batch
        late = seconds[min(int(0.95 * len(seconds)), len(seconds) - 1)]
        figures[stage] = Figures(median, late, median / whole, median / together)
    return figures


def table(figures: dict[str, Figures], characters: int, batch: int) -> str:
    """The figures as Markdown."""
    header = ("stage", "median, ms", "p95, ms", "of a song", "batched")
    rows = [
        (
            stage,
            *(f"{1000 * seconds:.1f}" for seconds in (f.median, f.p95)),
            f"{f.share:.0%}",
            f"{f.batched:.2f} x",
        )
        for stage, f in figures.items()
    ]
    title = f"Songs of {characters:,} characters, batches of {batch}"
    return f"{title}\n\n{markdown(header, rows)}"


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", maxsplit=1)[0])
    parser.add_argument("--characters", default="1000", help="song lengths, by commas (1000)")
    parser.add_argument("--songs", type=int, default=80, help="songs a length (80)")
    parser.add_argument("--batch", type=int, default=8, help="songs a batch (8)")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    args = parser.parse_args(arguments)
    try:
        lengths = [int(length) for length in args.characters.split(",")]
    except ValueError:
        parser.error("--characters wants whole numbers parted by commas, as in 300,1000")
    if min([*lengths, args.songs, args.batch]) < 1:
        parser.error("--characters, --songs and --batch must be at least 1")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    stages = TextStages()
    measured = {length: measure(stages, length, args.songs, args.batch) for length in lengths}
    print("\n\n".join(table(figures, length, args.batch) for length, figures in measured.items()))
    if args.json:
        plain = {
            str(length): {stage: asdict(f) for stage, f in figures.items()}
            for length, figures in measured.items()
        }
        args.json.write_text(json.dumps({"batch": args.batch, "lengths": plain}, indent=2) + "\n")


if __name__ == "__main__":
    main()
