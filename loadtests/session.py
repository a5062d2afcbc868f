"""One session against one service: ready, warm, then load after load."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice

from loadtests.load.loads import ClosedLoad, Load
from loadtests.load.run import Run
from loadtests.load.warmup import WarmUp, Window, warm_up
from loadtests.load.workload import CandidatesMix, Song, stream_requests
from loadtests.report.latency import Objective, percentile, summarise
from loadtests.report.measured import Measured
from loadtests.service.client import CoverClient
from loadtests.service.exchange import Request
from loadtests.service.machine import FindProcesses, MemorySampler, no_processes
from loadtests.service.metrics import EngineFigures, MetricsReader
from songdalle_client.requests import MAX_SEED

WARM_USERS = 4
WARM_SECONDS = 60.0  # of a window, at most
REQUESTS_A_USER = 4  # of a window
EVERY = 5.0  # seconds between two lines of progress

PrintLine = Callable[[str], None]


@dataclass(frozen=True)
class SessionOptions:
    """What all loads of a session share.

    Attributes:
        patience: seconds from its due time after which a request is given up.
        warm_windows: warm-up windows at most; 0: none.
        find_processes: the service's processes on this machine, for their memory.
        application: Ray's name of the service, where its metrics tell of several.
    """

    songs: Sequence[Song]
    mix: CandidatesMix
    seed: int
    objective: Objective
    patience: float = 60.0
    warm_windows: int = 10
    find_processes: FindProcesses = no_processes
    application: str | None = None


class Session:
    """Measures loads one after the other.

    Args:
        client: an open client.
        stop: once set, the load under way ends and no other begins.
        print_line: prints a line of progress.
    """

    def __init__(
        self,
        client: CoverClient,
        options: SessionOptions,
        stop: asyncio.Event,
        print_line: PrintLine,
    ) -> None:
        self.stop = stop
        self._client = client
        self._options = options
        self._print_line = print_line
        self._metrics = MetricsReader(client.url, options.application)
        self._warm: dict[int, WarmUp] = {}

    async def measure(self, load: Load) -> Measured:
        """Warm up if this kind of load needs it, then run it."""
        users = load.users if isinstance(load, ClosedLoad) else WARM_USERS
        if users not in self._warm:
            self._warm[users] = await self._warm_up(users)
        options = self._options
        before = await self._metrics.settled()
        async with MemorySampler(options.find_processes) as memory:
            run = await self._drive(load, stream_requests(options.songs, options.mix, options.seed))
        after = None if before is None else await self._metrics.settled()
        return Measured(
            load=load,
            engine=EngineFigures.between(before, after),
            objective=options.objective,
            outcomes=run.outcomes,
            span=run.span,
            warm_up=self._warm[users],
            memory=memory.peaks,
            interrupted=self.stop.is_set(),
        )

    async def _drive(self, load: Load, requests: Iterator[Request], label: str = "") -> Run:
        run = Run(self._client, self._options.patience, self.stop)
        async with reporting(run, label or load.name, load.duration, self._print_line):
            await load.drive(run, requests)
        return run

    async def _warm_up(self, users: int) -> WarmUp:
        """Windows of the same orders; only the seeds of the pictures differ, as those of visitors do."""
        options = self._options
        rng = random.Random(f"warm-up {options.seed}")
        stream = stream_requests(options.songs, options.mix, rng.randint(0, MAX_SEED))
        requests = list(islice(stream, REQUESTS_A_USER * users))
        load = ClosedLoad(users, WARM_SECONDS)

        async def play() -> Window | None:
            if self.stop.is_set():
                return None
            fresh = (dataclasses.replace(r, seed=rng.randint(0, MAX_SEED)) for r in requests)
            run = await self._drive(load, fresh, label="warm-up")
            return None if self.stop.is_set() else _window(run)

        warmed = await warm_up(play, options.warm_windows)
        self._print_line(warmed.describe())
        return warmed


def _window(run: Run) -> Window:
    done = [outcome for outcome in run.outcomes if outcome.answer.images]
    latency = summarise(outcome.latency for outcome in done)
    seconds = max((outcome.finished for outcome in run.outcomes), default=0.0)
    return Window(len(done) / seconds if seconds else 0.0, latency["mean"] if latency else None)


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
    run: Run, label: str, duration: float, print_line: PrintLine, every: float = EVERY
) -> AsyncIterator[None]:
    """Print a line of progress every `every` seconds while the context is open."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(every)
            print_line(progress_line(run, label, duration))

    task = asyncio.create_task(repeat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
