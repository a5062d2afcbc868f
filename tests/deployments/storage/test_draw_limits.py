"""Buckets of requests that ingresses share, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from deployments.storage import draw_limits
from deployments.storage.database import Database
from deployments.storage.draw_limits import WINDOW, DrawLimits
from deployments.storage.tables import DrawLimitRow


def run(work: Awaitable[Any]) -> Any:
    async def wait() -> Any:
        return await work

    return asyncio.run(wait())


async def later(database: Database, seconds: float) -> None:
    """Let time go by for the buckets."""
    moved = update(DrawLimitRow).values(full_at=DrawLimitRow.full_at - seconds)
    await database.write(lambda session: session.execute(moved))


async def rows(database: Database) -> int:
    counted = select(func.count()).select_from(DrawLimitRow)
    return await database.read(lambda session: session.scalar(counted) or 0)


def test_two_ingresses_empty_one_bucket(database: Database) -> None:
    async def work() -> None:
        one, two = DrawLimits(database), DrawLimits(database)
        drawn = [await each.take("key ann", 4) for each in (one, two, one, two, one, two)]
        assert [each.granted for each in drawn] == [True] * 4 + [False] * 2
        assert [each.left for each in drawn] == [3, 2, 1, 0, 0, 0]
        assert drawn[0].seconds == pytest.approx(WINDOW / 4, abs=1)
        assert drawn[3].seconds == pytest.approx(WINDOW, abs=2)
        assert drawn[4].seconds == pytest.approx(WINDOW / 4, abs=2)
        assert (await two.take("key bob", 4)).granted  # a bucket of his own

    run(work())


def test_many_at_once_get_no_more_than_there_is(database: Database) -> None:
    async def work() -> None:
        ingresses = [DrawLimits(database) for _ in range(3)]
        drawn = await asyncio.gather(*(ingresses[n % 3].take("key ann", 10) for n in range(45)))
        assert sum(each.granted for each in drawn) in (10, 11)  # six seconds may have gone by

    run(work())


def test_a_bucket_fills_evenly_and_not_over_its_brim(database: Database) -> None:
    async def work() -> None:
        async def grants(seconds: float) -> int:
            await later(database, seconds)
            fresh = DrawLimits(database)  # remembers nobody
            return sum([(await fresh.take("key ann", 6)).granted for _ in range(8)])

        assert await grants(0) == 6
        assert await grants(21) == 2
        assert await grants(0) == 0
        assert await grants(1000) == 6

    run(work())


def test_who_was_refused_costs_the_database_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        monkeypatch.setattr(draw_limits, "REMEMBERED", 2)
        one = DrawLimits(database)
        for client in ("a", "b", "c"):
            assert [(await one.take(client, 1)).granted for _ in range(2)] == [True, False]
        assert len(one._refused) == 2
        await later(database, 1000)
        assert not (await one.take("c", 1)).granted  # remembered, and not asked for
        assert (await one.take("a", 1)).granted  # forgotten
        assert (await one.take("c", 60)).granted  # another quota since

    run(work())


def test_full_buckets_are_deleted(database: Database) -> None:
    async def work() -> None:
        limits = DrawLimits(database)
        for number in range(5):
            await limits.take(f"address 10.0.0.{number}", 1)
        await limits.forget()
        assert await rows(database) == 5
        await later(database, WINDOW + 1)
        await limits.take("address 10.0.0.9", 1)
        await limits.forget()
        assert await rows(database) == 1

    run(work())
