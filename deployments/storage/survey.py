"""The survey's questions, made of a client's own sets, and its answers."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deployments.contract.covers import CoverSet
from deployments.contract.errors import NotFound
from deployments.contract.survey import (
    CHANCE,
    CHOICES,
    KEYWORDS,
    KINDS,
    OF_PEOPLE,
    SURVEY_PICTURES,
    QuestionKind,
    SurveyAnswer,
    SurveyFigures,
    SurveyQuestion,
    SurveyVerdict,
)
from deployments.storage.database import Database
from deployments.storage.job_rows import find, read_answer
from deployments.storage.people_pictures import PeoplePictures
from deployments.storage.tables import JobRow, SurveyRow
from songdalle_core.intervals import wilson_interval

if TYPE_CHECKING:
    from songdalle_core.translation import Lexicon

RECENT = 100
"""Sets that questions are made of: the newest."""


class Survey:
    """Asks and notes."""

    def __init__(self, database: Database, people: PeoplePictures) -> None:
        self._database = database
        self.people = people

    async def question(self, client: str, chance: random.Random) -> SurveyQuestion:
        """A question about one of the client's covers.

        Raises:
            NotFound: there is no finished set to ask about.
        """
        made = await self._database.read(lambda session: _recent(session, client))
        if not made:
            raise NotFound("there are no covers to ask about: draw some first")
        about, kinds = chance.choice(made), list(KINDS)
        chance.shuffle(kinds)
        asked = (self._asked(kind, about, made, chance) for kind in kinds)
        return next(question for question in asked if question is not None)

    async def answer(self, client: str, answer: SurveyAnswer) -> SurveyVerdict:
        """Note an answer; returns whether it was right.

        Raises:
            NotFound: a picture is none of the client's covers and none that a person made, or who made them
                does not fit the question.
        """

        def write(session: Session) -> SurveyVerdict:
            ours = [name for name in answer.pictures if name not in self.people]
            made = [_cover(session, name, client) for name in ours]
            if len(ours) != 1 and answer.question != "maker":
                raise NotFound("there is no such question")
            truth = _truth(answer, ours, made[0][1] if made else None)
            right = None if truth is None else answer.answer in truth
            job, rank = (made[0][0].number, made[0][2]) if made else (None, None)
            session.add(
                SurveyRow(
                    job=job, rank=rank, client=client, created_at=datetime.now(UTC),
                    question=answer.question, answer=answer.answer, correct=right,
                )
            )  # fmt: skip
            return SurveyVerdict(
                right=right,
                truth=next(iter(truth), None) if truth else None,
                made_by=["person" if name in self.people else "ai" for name in answer.pictures],
            )

        return await self._database.write(write)

    def _asked(
        self, kind: QuestionKind, about: CoverSet, made: Sequence[CoverSet], chance: random.Random
    ) -> SurveyQuestion | None:
        """A question of this kind about a set; None where it cannot be asked."""
        ours = f"{about.id}.{chance.randint(1, len(about.covers))}"
        choices, words, pictures = list(CHOICES.get(kind, ())), None, [ours]
        if kind in OF_PEOPLE:
            if not self.people.names:
                return None
            theirs = self.people.titled(about.title) or chance.choice(self.people.names)
            pictures = [chance.choice([ours, theirs])] if kind == "maker" else [ours, theirs]
            chance.shuffle(pictures)
        elif kind == "fits":
            words = about.summary
        elif kind == "keyword":
            choices = _keyword_choices(about, made, chance)
            if not choices:
                return None
        return SurveyQuestion(
            question=kind,
            pictures=pictures,
            urls=[f"{SURVEY_PICTURES}/{name}" for name in pictures],
            words=words,
            choices=choices,
        )


def survey_figures(session: Session, client: str) -> list[SurveyFigures]:
    """What a client's visitors answered, question by question; those never answered are left out."""
    names = SurveyRow.question, SurveyRow.answer, SurveyRow.correct
    query = select(*names, func.count(), func.max(SurveyRow.created_at)).group_by(*names)
    by_kind: defaultdict[str, list[_Answers]] = defaultdict(list)
    rows = session.execute(query.where(SurveyRow.client == client))
    for kind, answer, correct, times, last_at in rows:
        by_kind[kind].append(_Answers(answer, correct, times, last_at))
    return [_figures(kind, by_kind[kind]) for kind in KINDS if by_kind[kind]]


class _Answers(NamedTuple):
    """Equal answers to a kind of question."""

    answer: str
    correct: bool | None
    times: int
    last_at: datetime


def _figures(kind: QuestionKind, given: Sequence[_Answers]) -> SurveyFigures:
    right = sum(answers.times for answers in given if answers.correct)
    judged = sum(answers.times for answers in given if answers.correct is not None)
    low, high = wilson_interval(right, judged) if judged else (None, None)
    choices: Counter[str] = Counter()
    for answers in given:
        choices[answers.answer] += answers.times
    return SurveyFigures(
        question=kind,
        count=choices.total(),
        right=right if judged else None,
        share=right / judged if judged else None,
        low=low,
        high=high,
        chance=CHANCE.get(kind),
        answers={name: choices[name] for name in CHOICES.get(kind, ())},
        last_at=max(answers.last_at for answers in given),
    )


def _recent(session: Session, client: str) -> list[CoverSet]:
    done = (JobRow.client == client, JobRow.status == "done")
    rows = session.scalars(select(JobRow).where(*done).order_by(JobRow.number.desc()).limit(RECENT))
    answers = (read_answer(row) for row in rows)
    return [made for made in answers if made is not None and made.covers]


def _cover(session: Session, name: str, client: str) -> tuple[JobRow, CoverSet, int]:
    id, _, rank = name.partition(".")
    row = find(session, id, client)
    made = read_answer(row)
    if made is None or not 1 <= int(rank or 0) <= len(made.covers):
        raise NotFound("there is no such picture")
    return row, made, int(rank)


def _truth(answer: SurveyAnswer, ours: list[str], made: CoverSet | None) -> list[str] | None:
    """The right answers; None where there is no right and wrong."""
    if answer.question == "maker":
        return ["ai" if ours else "person"]
    if made is None or answer.question == "fits":
        return None
    if answer.question == "pair":
        return [str(2 - answer.pictures.index(ours[0]))]
    return [made.sentiment.label] if answer.question == "mood" else _keywords(made)


def _keyword_choices(about: CoverSet, made: Sequence[CoverSet], chance: random.Random) -> list[str]:
    """One word that was drawn and others that were not; empty where there are too few."""
    own = _keywords(about)
    others = sorted({word for one in made for word in _keywords(one)} - set(own))
    if not own or len(others) < KEYWORDS - 1:
        return []
    choices = [chance.choice(own), *chance.sample(others, KEYWORDS - 1)]
    chance.shuffle(choices)
    return choices


def _keywords(made: CoverSet) -> list[str]:
    """What can be painted of the words that a set was drawn from."""
    words = ("".join(filter(str.isalpha, word)) for word in made.translation.split())
    return [word for word in dict.fromkeys(words) if word and _lexicon().is_picturable(word)]


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    # here, for the morphological analyser comes with it: an ingress without a survey does without
    from songdalle_core.translation import Lexicon

    return Lexicon.load()
