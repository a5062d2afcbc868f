"""Precision and recall of the picturable nouns of a gloss."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from scripts.evaluation.texts.gold import GlossLine
from scripts.evaluation.texts.nouns import covered, find_nouns, words


@dataclass(frozen=True)
class GlossScore:
    """One line judged.

    Attributes:
        matched: gold nouns the output has, each as its first synonym.
        missed: gold nouns it lacks.
        extra: nouns of the output that are neither gold nor accepted beside it.
        pictured: part of the output stands for an abstraction and is not judged.
    """

    gold: GlossLine
    output: str
    matched: tuple[str, ...]
    missed: tuple[str, ...]
    extra: tuple[str, ...]
    pictured: bool = False


@dataclass(frozen=True)
class GlossFigures:
    """Micro-averaged figures of some lines; a share of nothing is None."""

    lines: int
    gold: int
    extra: int
    precision: float | None
    recall: float | None
    pictured: int


def vocabulary(lines: Iterable[GlossLine]) -> frozenset[str]:
    """Every gold noun as its first synonym, in singular words: nouns of all lines, known without
    asking the lexicon under test."""
    return frozenset(" ".join(words(noun[0])) for line in lines for noun in line.nouns)


def score_line(
    gold: GlossLine, output: str, images: Sequence[str], is_noun: Callable[[str], bool]
) -> GlossScore:
    """Judge one output.

    Args:
        images: English that the translator put in for abstractions (사랑: a heart). It is what the
            line does not say, so it is neither right nor wrong.
        is_noun: tells whether an English noun in the singular is a noun one can paint.
    """
    text = words(output)
    hits = [covered(synonyms, text) for synonyms in gold.nouns]
    right = set().union(*hits)
    excused = covered([*gold.also, *images], text)
    extra = [
        " ".join(text[i] for i in span)
        for span in find_nouns(text, is_noun)
        if not right.union(excused) & set(span)
    ]
    return GlossScore(
        gold,
        output,
        matched=tuple(noun[0] for noun, hit in zip(gold.nouns, hits, strict=True) if hit),
        missed=tuple(noun[0] for noun, hit in zip(gold.nouns, hits, strict=True) if not hit),
        extra=tuple(dict.fromkeys(extra)),
        pictured=bool(images),
    )


def figures(scores: Iterable[GlossScore]) -> GlossFigures:
    """Recall = matched / gold; precision = matched / (matched + extra), over all nouns of the lines."""
    scores = list(scores)
    matched = sum(len(score.matched) for score in scores)
    missed = sum(len(score.missed) for score in scores)
    extra = sum(len(score.extra) for score in scores)
    return GlossFigures(
        lines=len(scores),
        gold=matched + missed,
        extra=extra,
        precision=matched / (matched + extra) if matched + extra else None,
        recall=matched / (matched + missed) if matched + missed else None,
        pictured=sum(score.pictured for score in scores),
    )
