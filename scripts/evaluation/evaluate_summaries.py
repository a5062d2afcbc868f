"""The embedded summariser against plain ones, on songs whose image a reference names.

    python scripts/evaluation/evaluate_summaries.py
    python scripts/evaluation/evaluate_summaries.py --sentences 2 --json runs/summaries.json --misses 0

ROUGE-L is the F1 over morphemes between a summary and the reference lines; `nouns` is the share of
the reference's picturable nouns that the summary names; both are means over songs. `lead` is how far
TextRank is ahead, with the 95% interval of a paired bootstrap over songs. All summarisers fill the
same length. KR-WordRank joins in if it is installed (pip install krwordrank); where it finds no key
sentence, the song's beginning stands in.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from scripts.common import command_line, reports
from scripts.common.intervals import Interval, bootstrap_interval
from scripts.common.rouge import rouge_l, tokens
from scripts.evaluation.texts import baselines, pictures
from scripts.evaluation.texts.gold import FOLDER, SONG_LANGUAGES, Song, read_songs
from songdalle_core.summarization.splitting import width
from songdalle_core.summarization.textrank import SummaryOptions, TextRankSummarizer
from songdalle_core.translation.lexicon import Lexicon

OURS = "TextRank"

Floats = NDArray[np.float64]
Baseline = Callable[[Sequence[str], SummaryOptions], str]


@dataclass(frozen=True)
class SummaryScores:
    """One summariser's summaries, and per song: ROUGE-L, noun recall and length (songs,)."""

    texts: list[str]
    rouge: Floats
    nouns: Floats
    widths: Floats


@dataclass(frozen=True)
class SummaryFigures:
    """Means over songs."""

    songs: int
    rouge_l: float
    noun_recall: float
    width: float


def score_all(songs: Sequence[Song], texts: Sequence[str]) -> SummaryScores:
    """Judge one summary a song."""
    references = tokens(" ".join(song.summary) for song in songs)
    rouge = [rouge_l(made, ref) for made, ref in zip(tokens(texts), references, strict=True)]
    nouns = [
        pictures.recall(text, song.picturable) for text, song in zip(texts, songs, strict=True)
    ]
    widths = [float(width(text)) for text in texts]
    return SummaryScores(list(texts), np.array(rouge), np.array(nouns), np.array(widths))


def textrank(songs: Sequence[Song], lexicon: Lexicon, options: SummaryOptions) -> list[str]:
    """The embedded summariser's summaries, asking the lexicon what can be painted as the service
    does."""
    summarizer = TextRankSummarizer(lexicon.is_picturable)
    made = summarizer.summarize_many([song.lines for song in songs], options)
    return [" ".join(summary.sentences) for summary in made]


def summaries(
    songs: Sequence[Song], baseline: Baseline, options: SummaryOptions
) -> tuple[list[str], int]:
    """A baseline's summaries, and for how many songs the beginning stood in."""
    texts: list[str] = []
    failed = 0
    for song in songs:
        try:
            texts.append(baseline(song.lines, options))
        except baselines.KeySentencesError:
            texts.append(baselines.first_lines(song.lines, options))
            failed += 1
    return texts, failed


def figures(scores: SummaryScores, chosen: NDArray[np.bool_]) -> SummaryFigures:
    """Means over the chosen songs, a mask (songs,)."""
    return SummaryFigures(
        songs=int(chosen.sum()),
        rouge_l=float(scores.rouge[chosen].mean()),
        noun_recall=float(scores.nouns[chosen].mean()),
        width=float(scores.widths[chosen].mean()),
    )


def print_table(songs: Sequence[Song], all_scores: dict[str, SummaryScores]) -> None:
    """Means of each summariser over all songs and over each language, and TextRank's leads."""
    languages = np.array([song.language for song in songs])
    masks = {"all": np.ones(len(songs), dtype=bool)}
    masks |= {language: languages == language for language in SONG_LANGUAGES}
    rows = [
        (name, group, *asdict(figures(scores, mask)).values())
        for group, mask in masks.items()
        if mask.any()
        for name, scores in all_scores.items()
    ]
    print(reports.table(("summariser", "language", "songs", "ROUGE-L", "nouns", "width"), rows))
    ours = all_scores[OURS]
    print()
    for name, scores in all_scores.items():
        if name != OURS:
            rouge, nouns = leads(ours, scores)
            print(f"lead over {name}: ROUGE-L {_signed(rouge)}, nouns {_signed(nouns)}")


def leads(ours: SummaryScores, theirs: SummaryScores) -> tuple[Interval, Interval]:
    """How far ours are ahead in ROUGE-L and in noun recall, paired by song."""
    return (
        bootstrap_interval(ours.rouge - theirs.rouge),
        bootstrap_interval(ours.nouns - theirs.nouns),
    )


def _signed(lead: Interval) -> str:
    return f"{lead.mean:+.3f} ({lead.low:+.3f} to {lead.high:+.3f})"


def print_misses(songs: Sequence[Song], ours: SummaryScores, most: int | None) -> None:
    """The songs of which a noun is missing, the least like their references first."""
    worst = [i for i in np.argsort(ours.rouge, kind="stable") if ours.nouns[i] < 1]
    for i in worst[:most]:
        print(f"\n{songs[i].title}: ROUGE-L {ours.rouge[i]:.2f}, nouns {ours.nouns[i]:.2f}")
        print(f"  wanted {' / '.join(songs[i].summary)}\n  got    {ours.texts[i]}")


def rivals() -> dict[str, Baseline]:
    """The summarisers to beat that can run here, by name."""
    summarisers: dict[str, Baseline] = {
        "first lines": baselines.first_lines,
        "most repeated line": baselines.most_repeated,
    }
    if baselines.has_krwordrank():
        summarisers["KR-WordRank"] = baselines.krwordrank
    else:
        print("KR-WordRank is left out: it is not installed (pip install krwordrank)\n")
    return summarisers


def main(arguments: list[str] | None = None) -> int:
    parser = command_line.parser(__doc__, "json", "misses")
    command_line.add_data(parser, FOLDER / "song_summaries.jsonl", "songs with references")
    parser.add_argument(
        "--sentences",
        type=int,
        choices=(1, 2, 3),
        default=1,
        help="TextRank's sentences; the others get as many times the length",
    )
    chosen = parser.parse_args(arguments)
    songs = command_line.read(parser, read_songs, chosen.data)
    options = SummaryOptions(chosen.sentences)
    room = SummaryOptions(
        min_chars=options.min_chars * options.sentences,
        max_chars=options.max_chars * options.sentences,
    )
    all_scores = {OURS: score_all(songs, textrank(songs, Lexicon.load(), options))}
    for name, baseline in rivals().items():
        texts, failed = summaries(songs, baseline, room)
        all_scores[name] = score_all(songs, texts)
        if failed:
            print(f"{name} found no key sentence in {failed} songs: their beginning stands in\n")
    print_table(songs, all_scores)
    ours = all_scores[OURS]
    print_misses(songs, ours, chosen.misses)
    everything = np.ones(len(songs), dtype=bool)
    report = {name: asdict(figures(scores, everything)) for name, scores in all_scores.items()}
    ahead = {
        name: dict(zip(("rouge_l", "noun_recall"), map(astuple, leads(ours, s)), strict=True))
        for name, s in all_scores.items()
        if name != OURS
    }
    reports.write_json(chosen.json, {"summarisers": report, "lead_of_textrank": ahead})
    return 0


if __name__ == "__main__":
    sys.exit(main())
