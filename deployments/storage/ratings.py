"""What people think of covers: the original's survey, asked for as long as the service runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from deployments.contract.errors import NotFound
from deployments.contract.ratings import Rating, RatingGroup, RatingsSummary, SetRatings
from deployments.contract.survey import SurveyFigures
from deployments.storage.database import Database
from deployments.storage.job_rows import find, read_answer
from deployments.storage.survey import survey_figures
from deployments.storage.tables import JobRow, RatingRow


class Ratings:
    """The ratings of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, id: str, client: str, rating: Rating) -> None:
        """Note what a client thinks of one cover, in place of what it thought before.

        Raises:
            NotFound: the client has no such finished set, or the set no such cover.
        """

        def write(session: Session) -> None:
            job = find(session, id, client)
            made = read_answer(job)
            if made is None or rating.rank > len(made.covers):
                raise NotFound(f"there is no finished cover of rank {rating.rank} to rate")
            same = (
                RatingRow.job == job.number,
                RatingRow.rank == rating.rank,
                RatingRow.client == client,
            )
            row = session.scalar(select(RatingRow).where(*same))
            if row is None:
                row = RatingRow(job=job.number, rank=rating.rank, client=client)
                session.add(row)
            row.created_at = datetime.now(UTC)
            row.satisfaction = rating.satisfaction
            row.felt_mood = rating.felt_mood
            row.favourite = rating.favourite
            row.favourite_style = rating.favourite_style

        await self._database.write(write)

    async def of(self, id: str, client: str) -> SetRatings:
        """What a client thinks of a set's covers.

        Raises:
            NotFound: the client has no such set.
        """

        def read(session: Session) -> list[RatingRow]:
            job = find(session, id, client)
            mine = (RatingRow.job == job.number, RatingRow.client == client)
            return list(session.scalars(select(RatingRow).where(*mine).order_by(RatingRow.rank)))

        rows = await self._database.read(read)
        names = Rating.model_fields
        return SetRatings(
            ratings=[Rating(**{name: getattr(row, name) for name in names}) for row in rows]
        )

    async def summary(self, client: str) -> RatingsSummary:
        """All of a client's ratings in figures."""
        columns = (RatingRow, JobRow.style, JobRow.mood)
        query = select(*columns).join(JobRow, JobRow.number == RatingRow.job)
        mine = query.where(RatingRow.client == client)

        def read(session: Session) -> tuple[list[Any], list[SurveyFigures]]:
            return list(session.execute(mine)), survey_figures(session, client)

        rows, survey = await self._database.read(read)
        felt: dict[Any, dict[Any, int]] = defaultdict(lambda: defaultdict(int))
        for rating, _, mood in rows:
            if rating.felt_mood is not None and mood is not None:
                felt[mood][rating.felt_mood] += 1
        styles = Counter(r.favourite_style for r, _, _ in rows if r.favourite_style is not None)
        ratings_with_mood = sum(sum(moods.values()) for moods in felt.values())
        agreeing = sum(moods[mood] for mood, moods in felt.items())
        return RatingsSummary(
            count=len(rows),
            satisfaction=_mean(rating.satisfaction for rating, _, _ in rows),
            favourites=sum(rating.favourite for rating, _, _ in rows),
            moods_told=ratings_with_mood,
            mood_agreement=agreeing / ratings_with_mood if ratings_with_mood else None,
            felt_moods={mood: dict(moods) for mood, moods in felt.items()},
            favourite_styles=dict(sorted(styles.items(), key=lambda item: (-item[1], item[0]))),
            by_style=_groups(rows, lambda row: row[1] or ""),
            by_mood=_groups(rows, lambda row: row[2] or ""),
            survey=survey,
        )


def _groups(rows: Sequence[Any], name: Any) -> list[RatingGroup]:
    grouped: dict[str, list[RatingRow]] = defaultdict(list)
    for row in rows:
        grouped[name(row)].append(row[0])
    groups = [
        RatingGroup(
            name=name,
            count=len(ratings),
            satisfaction=_mean(rating.satisfaction for rating in ratings) or 0,
            favourites=sum(rating.favourite for rating in ratings),
        )
        for name, ratings in grouped.items()
    ]
    return sorted(groups, key=lambda group: (-group.count, group.name))


def _mean(values: Iterable[int]) -> float | None:
    numbers = list(values)
    return round(sum(numbers) / len(numbers), 3) if numbers else None
