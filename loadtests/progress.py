"""A line every few seconds about the load under way."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from loadtests.percentiles import percentile
from loadtests.run import Run

EVERY = 5.0  # seconds

Say = Callable[[str], None]


def progress_line(run: Run, label: str, duration: float) -> str:
    """How far a load is, and what came of it."""
    kinds = Counter(
        "failed" if outcome.answer.failed else str(outcome.answer.kind) for outcome in run.outcomes
    )
    done = [outcome.latency for outcome in run.outcomes if outcome.answer.images]
    median = f", p50 {percentile(done, 50):.2f} s" if done else ""
    return (
        f"{label}: {run.now():.0f} s of {duration:.0f}, {run.sent} sent, {kinds['done']} done, "
        f"{kinds['refused']} refused, {kinds['failed']} failed, "
        f"{run.sent - len(run.outcomes)} under way{median}"
    )


@asynccontextmanager
async def reporting(
    run: Run, label: str, duration: float, say: Say, every: float = EVERY
) -> AsyncIterator[None]:
    """Say a progress line every `every` seconds while the context is open."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(every)
            say(progress_line(run, label, duration))

    task = asyncio.create_task(repeat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
