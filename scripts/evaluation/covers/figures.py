"""What the judge saw, as shares with confidence intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scripts.common.intervals import bootstrap_interval
from scripts.evaluation.covers.drawing import CoverSet
from scripts.evaluation.covers.prompts import CoverPrompt
from scripts.evaluation.covers.variety import near_copies, spread
from scripts.training.judge.judge import Judge

TOP = 5

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Outcome:
    """What the judge says of one prompt's covers, best ranked first; each array is (N,).

    Attributes:
        right: its first choice is an accepted subject.
        near: an accepted subject is among its five likeliest.
        setting: its setting is accepted; None if the prompt names none.
        mood: its mood is the one asked for.
        named: the subject it names on each.
        spread: how far apart the set's covers are, see `variety.spread`.
        copies: how many of them are near copies of others.
    """

    prompt: CoverPrompt
    written: str
    right: Bools
    near: Bools
    setting: Bools | None
    mood: Bools
    named: tuple[str, ...]
    spread: float
    copies: int


def judged(judge: Judge, prompt: CoverPrompt, covers: CoverSet) -> Outcome:
    """Show a cover set to the judge.

    Raises:
        ValueError: the judge does not know a subject or setting of the prompt.
    """
    verdict = judge.look(covers.pictures)
    return Outcome(
        prompt,
        covers.prompt,
        right=verdict.named("subject", prompt.subjects),
        near=verdict.named("subject", prompt.subjects, TOP),
        setting=verdict.named("setting", prompt.settings) if prompt.settings else None,
        mood=verdict.named("mood", [prompt.mood]),
        named=tuple(verdict.first("subject")),
        spread=spread(covers.features),
        copies=near_copies(covers.pictures),
    )


@dataclass(frozen=True)
class Figure:
    """A mean over prompts, its 95% interval by bootstrap over prompts, and the bar to reach."""

    name: str
    value: float
    low: float
    high: float
    prompts: int
    bar: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the mean reaches the bar; None without one."""
        return None if self.bar is None else self.value >= self.bar


def figure(name: str, values: Iterable[float], bar: float | None = None) -> Figure:
    """The mean of one value a prompt.

    Raises:
        ValueError: there is no value.
    """
    each = list(values)
    if not each:
        raise ValueError(f"no prompt to measure {name} on")
    interval = bootstrap_interval(each)
    return Figure(name, interval.mean, interval.low, interval.high, len(each), bar)


def summarise(outcomes: Sequence[Outcome]) -> list[Figure]:
    """The figures of some prompts; those on settings only if one names a setting."""
    placed = [outcome.setting for outcome in outcomes if outcome.setting is not None]
    figures = [
        figure("subject, first choice, first-ranked", (o.right[0] for o in outcomes), 0.90),
        figure("subject in top 5, first-ranked", (o.near[0] for o in outcomes), 0.97),
        figure("subject in top 5, all covers", (o.near.mean() for o in outcomes), 0.85),
        figure("subject, first choice, all covers", (o.right.mean() for o in outcomes)),
        figure(
            "subject, first choice, any cover of a set", (float(o.right.any()) for o in outcomes)
        ),
        figure(
            "gain of ranking, first choice (first-ranked less mean of its set)",
            (o.right[0] - o.right.mean() for o in outcomes),
        ),
        figure("gain of ranking, top 5", (o.near[0] - o.near.mean() for o in outcomes)),
    ]
    if placed:
        figures += [
            figure("setting, first-ranked", (setting[0] for setting in placed), 0.90),
            figure("setting, all covers", (setting.mean() for setting in placed)),
        ]
    return [
        *figures,
        figure("mood, first-ranked", (o.mood[0] for o in outcomes), 0.90),
        figure("mood, all covers", (o.mood.mean() for o in outcomes)),
        figure("spread of a set by CLIP's features", (o.spread for o in outcomes)),
        figure("near copies in a set", (o.copies / len(o.right) for o in outcomes)),
    ]


def groups(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """The outcomes of all prompts, of each half, and of the lyrics by language; no empty group."""
    parts = {
        "all": list(outcomes),
        "plain": [o for o in outcomes if o.prompt.half == "plain"],
        "lyric": [o for o in outcomes if o.prompt.half == "lyric"],
        "lyric, Korean": [o for o in outcomes if o.prompt.half == "lyric" and o.prompt.korean],
        "lyric, English": [o for o in outcomes if o.prompt.half == "lyric" and not o.prompt.korean],
    }
    return {name: group for name, group in parts.items() if group}


@dataclass(frozen=True)
class SubjectFigures:
    """How the covers of one subject fare: shares of all of them, and what they look like instead."""

    subject: str
    prompts: int
    right: float
    near: float
    instead: str


def by_subject(outcomes: Sequence[Outcome]) -> list[SubjectFigures]:
    """Each subject's figures over all covers, the worst first."""
    of: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        of.setdefault(outcome.prompt.subjects[0], []).append(outcome)
    rows = [_subject(subject, group) for subject, group in of.items()]
    return sorted(rows, key=lambda row: (row.near, row.right, row.subject))


def _subject(subject: str, outcomes: Sequence[Outcome]) -> SubjectFigures:
    wrong = Counter(
        name for o in outcomes for name, right in zip(o.named, o.right, strict=True) if not right
    )
    return SubjectFigures(
        subject,
        len(outcomes),
        float(np.mean([o.right.mean() for o in outcomes])),
        float(np.mean([o.near.mean() for o in outcomes])),
        ", ".join(f"{name} {count}" for name, count in wrong.most_common(3)),
    )


def by_mood(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """How often each mood is told from the first-ranked cover."""
    of: dict[str, list[float]] = {}
    for outcome in outcomes:
        of.setdefault(outcome.prompt.mood, []).append(float(outcome.mood[0]))
    return {mood: figure(mood, values) for mood, values in sorted(of.items())}
