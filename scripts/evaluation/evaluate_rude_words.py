"""Recall and false alarms of the filter of rude words.

    python scripts/evaluation/evaluate_rude_words.py
    python scripts/evaluation/evaluate_rude_words.py --json runs/rude.json --misses 0

A rude line counts as found if the filter drops something of it, a clean line as a false alarm if
it does. `spans gone` is stricter: the share of rude stretches that the filtered text no longer has.
`words lost` counts the words of rude lines that were dropped although no rude stretch touches them.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from scripts.common import command_line, reports
from scripts.evaluation.texts.gold import FOLDER, RudeLine, read_rude
from songdalle_core.hangul import contains_hangul
from songdalle_core.lyrics import remove_profanity


@dataclass(frozen=True)
class RudeScore:
    """One line, what the filter left of it, the spans that stayed, and clean words dropped."""

    gold: RudeLine
    left: str
    flagged: bool
    stayed: tuple[str, ...]
    lost: int


@dataclass(frozen=True)
class RudeFigures:
    """Figures of some lines; a share of nothing is None."""

    rude: int
    clean: int
    recall: float | None
    false_alarms: float | None
    spans_gone: float | None
    words_lost: int


def score_line(gold: RudeLine, left: str) -> RudeScore:
    """Judge one line by what the filter left of it."""
    stayed = tuple(span for span in gold.spans if span in left)
    dropped = Counter(gold.text.split()) - Counter(left.split())
    lost = (dropped - Counter(_touched(gold))) if gold.rude else Counter()
    return RudeScore(gold, left, left != gold.text, stayed, lost.total())


def figures(scores: Sequence[RudeScore]) -> RudeFigures:
    """Recall, false alarms and spans as shares."""
    rude = [score for score in scores if score.gold.rude]
    clean = [score for score in scores if not score.gold.rude]
    spans = sum(len(score.gold.spans) for score in rude)
    return RudeFigures(
        rude=len(rude),
        clean=len(clean),
        recall=_share(sum(score.flagged for score in rude), len(rude)),
        false_alarms=_share(sum(score.flagged for score in clean), len(clean)),
        spans_gone=_share(spans - sum(len(score.stayed) for score in rude), spans),
        words_lost=sum(score.lost for score in rude),
    )


def by_group(scores: Sequence[RudeScore]) -> dict[str, RudeFigures]:
    """Figures of all lines, of those whose rude (or whole) text is Korean, and of the English."""
    korean = [contains_hangul(" ".join(s.gold.spans) or s.gold.text) for s in scores]
    return {
        "all": figures(scores),
        "korean": figures([s for s, own in zip(scores, korean, strict=True) if own]),
        "english": figures([s for s, own in zip(scores, korean, strict=True) if not own]),
    }


def score_all(lines: Sequence[RudeLine], clean: Callable[[str], str]) -> list[RudeScore]:
    """Each line judged by what `clean` leaves of it."""
    return [score_line(line, clean(line.text)) for line in lines]


def _touched(gold: RudeLine) -> list[str]:
    """The words of the text that a rude span touches, wherever the span occurs."""
    spans = [m.span() for span in gold.spans for m in re.finditer(re.escape(span), gold.text)]
    return [
        word.group()
        for word in re.finditer(r"\S+", gold.text)
        if any(start < word.end() and word.start() < end for start, end in spans)
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def main(arguments: list[str] | None = None) -> int:
    parser = command_line.parser(__doc__, "json", "misses")
    command_line.add_data(
        parser, FOLDER / "rude_gold.tsv", "rude lines and clean lines that look alike"
    )
    options = parser.parse_args(arguments)
    lines = command_line.read(parser, read_rude, options.data)
    scores = score_all(lines, lambda text: remove_profanity(text).text)
    groups = by_group(scores)
    header = ("lines", "rude", "clean", "recall", "false alarms", "spans gone", "words lost")
    print(reports.table(header, [(name, *asdict(each).values()) for name, each in groups.items()]))
    wrong = [s for s in scores if s.flagged != s.gold.rude or s.stayed]
    for score in wrong[: options.misses]:
        kind = "false alarm" if not score.gold.rude else "in part" if score.flagged else "missed"
        print(f"\n{kind}: {score.gold.text}\n  -> {score.left}")
    reports.write_json(options.json, {name: asdict(each) for name, each in groups.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
