"""What answers come to, in each kind of database; routes/test_survey.py asks and answers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from deployments.storage.database import Database
from deployments.storage.survey import survey_figures
from deployments.storage.tables import SurveyRow

BEGAN = datetime(2026, 11, 30, 12, tzinfo=UTC)
ANSWERS = [
    ("maker", "ai", True), ("maker", "ai", True), ("maker", "person", False), ("fits", "no", None),
    ("keyword", "moon", True), ("keyword", "cat", False), ("keyword", "moon", False),
]  # fmt: skip


def test_answers_are_summed_up_by_question_and_client(database: Database) -> None:
    def write(session: Session) -> None:
        for minutes, (question, answer, correct) in enumerate(ANSWERS):
            when = BEGAN + timedelta(minutes=minutes)
            for client in ("", "other")[: 2 if minutes == 0 else 1]:
                row = SurveyRow(client=client, created_at=when, question=question, answer=answer)
                row.correct = correct
                session.add(row)

    async def run() -> tuple[list[object], list[object]]:
        await database.write(write)
        mine = await database.read(lambda session: survey_figures(session, ""))
        theirs = await database.read(lambda session: survey_figures(session, "other"))
        return (
            [(f.question, f.count, f.right, f.answers, f.last_at) for f in mine],
            [(f.question, f.count, f.share) for f in theirs],
        )

    mine, theirs = asyncio.run(run())
    assert mine == [
        ("maker", 3, 2, {"person": 1, "ai": 2}, BEGAN + timedelta(minutes=2)),
        ("fits", 1, None, {"yes": 0, "partly": 0, "no": 1}, BEGAN + timedelta(minutes=3)),
        ("keyword", 3, 1, {}, BEGAN + timedelta(minutes=6)),
    ]
    assert theirs == [("maker", 1, 1.0)]
