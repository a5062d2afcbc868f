"""What the service's own metrics say of its engine during a load, and whether anything ran on after it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families
from yarl import URL

PREFIX = "ray_songdalle_"
LEFT = ("engine_slots_in_use", "queue_depth", "requests_in_progress")
SETTLED = (
    3.0  # seconds in which nothing moves: longer than Ray takes to report, as `make serve` sets it
)
PATIENCE = 20.0
PAUSE = 0.5
TIMEOUT = aiohttp.ClientTimeout(total=10)

Sample = Mapping[tuple[str, str], float]
"""Sums by name and by the label that tells series apart: a stage, a worker, an outcome or nothing."""


class MetricsReader:
    """Reads `/metrics` of a service.

    Args:
        url: the service.
        application: Ray's name of it, where the page has several.
    """

    def __init__(self, url: URL, application: str | None = None) -> None:
        self._url = url / "metrics"
        self._application = application

    async def read(self) -> Sample | None:
        """The sums now; None if the service has no such page."""
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as session,
                session.get(self._url, allow_redirects=False) as response,
            ):
                if response.status != 200:
                    return None
                page = await response.text()
        except (aiohttp.ClientError, OSError):
            return None
        try:
            return self._sums(page)
        except ValueError:
            return None

    def _sums(self, page: str) -> Sample:
        sums: dict[tuple[str, str], float] = {}
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                labels = sample.labels
                ours = self._application in (None, labels.get("application"))
                if sample.name.startswith(PREFIX) and "le" not in labels and ours:
                    name = sample.name.removeprefix(PREFIX).removesuffix("_total")
                    kinds = (labels.get(key) for key in ("stage", "worker", "outcome"))
                    key = (name, next(filter(None, kinds), ""))
                    sums[key] = sums.get(key, 0.0) + sample.value
        return sums

    async def settled(self) -> Sample | None:
        """The sums once all that ran has ended and been reported; after `PATIENCE` seconds as they are."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        last, since = await self.read(), loop.time()
        while last is not None and loop.time() < end:
            await asyncio.sleep(PAUSE)
            now = await self.read()
            if now != last:
                last, since = now, loop.time()
            elif loop.time() - since >= SETTLED and not left_of(now):
                break
        return last


def left_of(sample: Sample) -> int:
    """Candidates drawn or waiting, and requests under way."""
    return round(sum(sample.get((name, ""), 0.0) for name in LEFT))


@dataclass(frozen=True)
class EngineFigures:
    """An engine over one load.

    Attributes:
        occupancy: mean slots in use while any was; None if none was.
        slots: how many there are.
        steps: each draws a position of every slot in use.
        drawn: candidates drawn to the end.
        cancelled: candidates given up while they were drawn.
        left: candidates and requests that still ran when all was over; anything but 0 is a leak.
    """

    occupancy: float | None
    slots: int
    steps: int
    drawn: int
    cancelled: int
    left: int

    @classmethod
    def between(cls, before: Sample | None, after: Sample | None) -> EngineFigures | None:
        """The figures of what happened from one reading to the next; None if one is missing."""
        if before is None or after is None or ("engine_slots", "") not in after:
            return None

        def grown(name: str) -> float:
            return after.get((name, ""), 0.0) - before.get((name, ""), 0.0)

        busy = grown("engine_busy_seconds")
        return cls(
            occupancy=round(grown("engine_slot_seconds") / busy, 2) if busy > 0 else None,
            slots=round(after["engine_slots", ""]),
            steps=round(grown("engine_steps")),
            drawn=round(grown("engine_images")),
            cancelled=round(grown("engine_cancelled")),
            left=left_of(after),
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)
