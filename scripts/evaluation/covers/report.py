"""The figures as markdown and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from scripts.common.reports import markdown
from scripts.evaluation.covers.figures import (
    Figure,
    Outcome,
    by_mood,
    by_subject,
    groups,
    summarise,
)
from scripts.evaluation.covers.wordings import WordingFigures

WORST = 25


def share(figure: Figure) -> str:
    """Per cent with the interval."""
    return f"{figure.value:.1%} ({figure.low:.1%} to {figure.high:.1%})"


def score(figure: Figure) -> str:
    """A CLIP score with the interval."""
    return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})"


def main_table(outcomes: Sequence[Outcome]) -> str:
    """Every figure of all prompts against its bar."""
    rows = [
        (
            figure.name,
            share(figure),
            "" if figure.bar is None else f"{figure.bar:.0%}",
            {None: "", True: "yes", False: "no"}[figure.met],
            str(figure.prompts),
        )
        for figure in summarise(outcomes)
    ]
    return markdown(("measure", "value (95% interval)", "bar", "met", "prompts"), rows)


def group_table(outcomes: Sequence[Outcome]) -> str:
    """Figures by half and language, groups across."""
    of_group = {
        name: {f.name: f for f in summarise(group)} for name, group in groups(outcomes).items()
    }
    rows = [
        (name, *(share(figures[name]) if name in figures else "" for figures in of_group.values()))
        for name in of_group["all"]
    ]
    sizes = [f"{name} ({len(group)})" for name, group in groups(outcomes).items()]
    return markdown(("measure", *sizes), rows)


def subject_table(outcomes: Sequence[Outcome]) -> str:
    """The subjects that are recognised worst."""
    rows = [
        (row.subject, str(row.prompts), f"{row.right:.0%}", f"{row.near:.0%}", row.instead)
        for row in by_subject(outcomes)[:WORST]
    ]
    header = ("subject", "prompts", "first choice", "top 5", "taken for (covers)")
    return markdown(header, rows)


def mood_table(outcomes: Sequence[Outcome]) -> str:
    """How often each mood is told from the first-ranked cover."""
    rows = [(mood, share(f), str(f.prompts)) for mood, f in by_mood(outcomes).items()]
    return markdown(("mood", "told from the first-ranked cover", "prompts"), rows)


def wording_table(rows: Sequence[WordingFigures]) -> str:
    """The CLIP scores of each wording."""
    header = (
        "prompt",
        "words",
        "CLIP score, own prompt",
        "CLIP score, subject and mood",
        "gain over the first row",
        "subject in top 5",
    )
    cells = [
        (
            row.name,
            f"{row.words:.1f}",
            score(row.own),
            score(row.reference),
            "" if row.gain is None else score(row.gain),
            share(row.near),
        )
        for row in rows
    ]
    return markdown(header, cells)


def as_json(outcomes: Sequence[Outcome], wordings: Sequence[WordingFigures]) -> dict[str, Any]:
    """All figures, and what was drawn and seen for each prompt."""
    return {
        "figures": {
            name: [{**asdict(figure), "met": figure.met} for figure in summarise(group)]
            for name, group in groups(outcomes).items()
        },
        "moods": {mood: asdict(figure) for mood, figure in by_mood(outcomes).items()},
        "subjects": [asdict(row) for row in by_subject(outcomes)],
        "wordings": [asdict(row) for row in wordings],
        "prompts": [
            {
                "text": outcome.prompt.text,
                "prompt": outcome.written,
                "subjects": outcome.prompt.subjects,
                "said": outcome.named,
                "setting": None if outcome.setting is None else outcome.setting.tolist(),
                "mood": outcome.mood.tolist(),
            }
            for outcome in outcomes
        ],
    }
