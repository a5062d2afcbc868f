"""One load while it runs: what was sent, what came back, the clock they are timed by, and Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loadtests.service.client import CoverClient
from loadtests.service.exchange import Answer, Kind, Request

STOPPED = 130  # what shells say of a program that Ctrl-C ended


@dataclass(frozen=True)
class Outcome:
    """One request from its due time to its end; times are seconds from the start of the load."""

    due: float
    started: float
    finished: float
    candidates: int
    answer: Answer

    @property
    def latency(self) -> float:
        """Seconds since the request was due, so that every wait counts, the client's own as well."""
        return self.finished - self.due

    @property
    def firsts(self) -> dict[str, float]:
        """Seconds since the request was due to the first preview and the first cover, if it was a stream."""
        late = self.started - self.due
        return {name: late + seconds for name, seconds in self.answer.firsts.items()}

    def as_dict(self) -> dict[str, Any]:
        """For JSON, without what every request would repeat."""
        answer = self.answer
        details = {
            "status": answer.status,
            "retry_after": answer.retry_after,
            "detail": answer.detail,
            "request_id": answer.request_id,
            "timings": dict(answer.timings),
            "firsts": {name: round(seconds, 4) for name, seconds in self.firsts.items()},
        }
        return {
            "due": round(self.due, 4),
            "sent": round(self.started + answer.waited, 4),
            "finished": round(self.finished, 4),
            "candidates": self.candidates,
            "kind": str(answer.kind),
            **{name: value for name, value in details.items() if value},
        }


class Run:
    """Sends requests and keeps their outcomes.

    Args:
        client: asks the service.
        patience: seconds from its due time after which a request is given up.
        stop: once set, nothing more is sent and what is under way is left unfinished.
    """

    def __init__(self, client: CoverClient, patience: float, stop: asyncio.Event) -> None:
        self.stop = stop
        self.outcomes: list[Outcome] = []
        self.sent = 0
        self.span = 0.0
        self._client = client
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    def now(self) -> float:
        """Seconds since the start."""
        return self._loop.time() - self._began

    def close(self, duration: float) -> None:
        """Note that no more is sent: the load's span is its `duration`, or less if it ended early."""
        self.span = min(self.now(), duration)

    async def ask(self, request: Request, due: float) -> Answer:
        """Send a request that was due at `due` and keep its outcome, also if cancelled."""
        self.sent += 1
        started = self.now()
        answer = Answer(Kind.UNFINISHED)
        try:
            answer = await self._client.ask(request, self._began + due + self._patience)
        finally:
            outcome = Outcome(due, started, self.now(), request.candidates, answer)
            self.outcomes.append(outcome)
        return answer

    async def stopped_before(self, due: float) -> bool:
        """Wait until `due`, seconds from the start; True as soon as the run is stopped instead."""
        left = max(0.0, due - self.now())
        try:
            async with asyncio.timeout(left):
                await self.stop.wait()
        except TimeoutError:
            return False
        return True

    async def finish(self, tasks: Sequence[asyncio.Task[Any]]) -> None:
        """Wait for tasks; when stopped, cancel those still under way."""
        if not tasks:
            return
        stopped = asyncio.create_task(self.stop.wait())
        answered = asyncio.create_task(asyncio.wait(tasks))
        await asyncio.wait({answered, stopped}, return_when=asyncio.FIRST_COMPLETED)
        for task in (stopped, *tasks):
            task.cancel()
        await answered
        for task in tasks:
            if not task.cancelled():
                task.result()


def stop_on_signals(stop: asyncio.Event) -> None:
    """The first Ctrl-C ends the test, a second one the program."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def end() -> None:
        for number in signals:
            loop.remove_signal_handler(number)
        print_progress("stopping: once more ends without a report")
        stop.set()

    try:
        for number in signals:
            loop.add_signal_handler(number, end)
    except (NotImplementedError, RuntimeError, ValueError):
        return  # not in the main thread, or a system without signals: nothing to listen to


def print_progress(line: str) -> None:
    """A line of progress, to the standard error."""
    print(line, file=sys.stderr, flush=True)
