"""Precision and recall of picturable nouns in the embedded translator's phrases.

    python scripts/evaluation/evaluate_gloss.py
    python scripts/evaluation/evaluate_gloss.py --json runs/gloss.json --misses 0

Recall is the share of gold nouns of which the phrase has a synonym. Precision is the share of the
phrase's nouns that are gold. There is no tagger: a noun of the phrase is a word, or up to four, that
the lexicon lists as a picturable noun or that is a gold noun of any line; colours and participles
are none. A wrong noun that neither list has goes unseen, so precision is an upper bound. English that
stands for an abstraction (the response's `images`) is neither right nor wrong. Lines without Korean are
returned by the translator as they are: read the rows `korean` and `mixed` for its work.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from scripts.common import command_line, reports
from scripts.evaluation.texts.gloss_scores import (
    GlossFigures,
    GlossScore,
    figures,
    score_line,
    vocabulary,
)
from scripts.evaluation.texts.gold import FOLDER, KINDS, GlossLine, read_gloss
from songdalle_core.translation import LAST_RESORT, GlossTranslator, Translation
from songdalle_core.translation.lexicon import Lexicon

GROUPS = {
    "all": KINDS,
    "korean": tuple(kind for kind in KINDS if kind not in ("mixed", "english")),
    **{kind: (kind,) for kind in KINDS},
}
# Tags under which the translator asks for the image of an abstraction.
IMAGE_TAGS = ("NNG", "VV", "VA", "MAG")


def score_all(lines: Sequence[GlossLine], lexicon: Lexicon) -> list[GlossScore]:
    """The translator's phrase for each line, judged."""
    translations = GlossTranslator(lexicon).translate_many([line.line for line in lines])
    gold_nouns = vocabulary(lines)

    def is_noun(word: str) -> bool:
        return word in gold_nouns or lexicon.is_picturable(word)

    return [
        score_line(line, made.text, images_of(made, lexicon), is_noun)
        for line, made in zip(lines, translations, strict=True)
    ]


def images_of(translation: Translation, lexicon: Lexicon) -> list[str]:
    """English that stands for the abstractions which the translation names."""
    forms = [form for lemma in translation.images for form in (lemma, f"{lemma}하다")]
    images = [lexicon.image_of(form, tag) for form in forms for tag in IMAGE_TAGS]
    return [image for image in images if image]


def by_group(scores: Sequence[GlossScore]) -> dict[str, GlossFigures]:
    """Figures of all lines, of the Korean ones, and of each kind."""
    return {
        name: figures(score for score in scores if score.gold.kind in kinds)
        for name, kinds in GROUPS.items()
    }


def misses(scores: Iterable[GlossScore]) -> list[GlossScore]:
    """Lines with a noun missed or a noun too many."""
    return [score for score in scores if score.missed or score.extra]


def main(arguments: list[str] | None = None) -> int:
    parser = command_line.parser(__doc__, "json", "misses")
    command_line.add_data(parser, FOLDER / "gloss_gold.jsonl", "lines with gold nouns")
    parser.add_argument(
        "--lexicon",
        type=Path,
        metavar="FOLDER",
        help="folder of another lexicon.tsv (default: the package's)",
    )
    options = parser.parse_args(arguments)
    lines = command_line.read(parser, read_gloss, options.data)
    scores = score_all(lines, Lexicon.load(options.lexicon))
    groups = by_group(scores)
    header = ("lines", "count", "gold nouns", "extra nouns", "recall", "precision", "images")
    rows = [
        (name, f.lines, f.gold, f.extra, f.recall, f.precision, f.pictured)
        for name, f in groups.items()
    ]
    print(reports.table(header, rows))
    print("\nimages: lines in which something to paint stands for an abstraction")
    resorts = sum(score.output == LAST_RESORT for score in scores)
    print(f"{resorts} lines ended in the last resort, {LAST_RESORT!r}")
    for score in misses(scores)[: options.misses]:
        print(f"\n{score.gold.line}\n  -> {score.output}")
        print(f"  missed: {', '.join(score.missed) or '-'}; extra: {', '.join(score.extra) or '-'}")
    report = {name: asdict(each) for name, each in groups.items()}
    reports.write_json(options.json, {"groups": report, "last_resorts": resorts})
    return 0


if __name__ == "__main__":
    sys.exit(main())
