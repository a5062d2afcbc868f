"""Requests for covers, counted by all ingresses of a database together: a token bucket for each client.

A bucket holds a minute's quota and fills evenly, by the database's clock. One number tells how full it is: the
time at which it will be (the generic cell rate algorithm, ITU-T I.371). A request is one statement; a refused
client is remembered here until it may come again, so that a flood of it costs the database nothing.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from dataclasses import dataclass

from sqlalchemy import case, delete
from sqlalchemy.orm import Session

from deployments.storage.database import Database, epoch_now, insert_into
from deployments.storage.tables import DrawLimitRow

WINDOW = 60.0  # seconds in which an empty bucket fills
REMEMBERED = 10_000  # refused clients, at most


@dataclass(frozen=True)
class Drawn:
    """What a bucket says of one request.

    Attributes:
        left: requests that it still holds.
        seconds: until it is full again; of a refused request, until there is one.
    """

    granted: bool
    left: int
    seconds: float


class DrawLimits:
    """The buckets of a database, as one ingress sees them. Lives on one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._refused: OrderedDict[tuple[str, int], float] = OrderedDict()

    async def take(self, client: str, quota: int) -> Drawn:
        """Take one request out of a client's bucket of `quota` a minute, if there is one.

        Raises:
            DatabaseUnavailable: nobody knows.
        """
        wait = self._refused.get((client, quota), 0.0) - time.monotonic()
        if wait > 0:
            return Drawn(False, 0, wait)
        each = WINDOW / quota

        def write(session: Session) -> tuple[float, bool]:
            now, row = epoch_now(), DrawLimitRow
            late = case((row.full_at > now, row.full_at), else_=now) + each
            enough = row.full_at <= now + (WINDOW - each)
            query = insert_into(session, row).values(
                client=client, full_at=now + each, granted=True
            )
            taken = query.on_conflict_do_update(
                index_elements=[row.client],
                set_={"granted": enough, "full_at": case((enough, late), else_=row.full_at)},
            )
            columns = (row.full_at - now, row.granted)
            full_in, granted = session.execute(taken.returning(*columns)).one()
            return full_in, granted

        full_in, granted = await self._database.write(write)
        if granted:
            self._refused.pop((client, quota), None)
            return Drawn(True, max(0, math.floor((WINDOW - full_in) / each + 1e-6)), full_in)
        wait = max(0.0, full_in - WINDOW + each)
        self._refused[client, quota] = time.monotonic() + wait
        if len(self._refused) > REMEMBERED:
            self._refused.popitem(last=False)
        return Drawn(False, 0, wait)

    async def forget(self) -> None:
        """Delete the buckets that are full."""
        full = delete(DrawLimitRow).where(DrawLimitRow.full_at < epoch_now())

        def write(session: Session) -> None:
            session.execute(full)

        await self._database.write(write)
