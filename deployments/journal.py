"""The events of one job in their order, for listeners that come late, leave and come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One event: its number, greater than those before it, its name, and its data as one line of JSON."""

    number: int
    name: str
    data: str


class Journal:
    """Grows until it is closed. Only the event loop's thread uses it."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.closed = False
        self._changed = asyncio.Event()

    def write(self, entry: Entry) -> None:
        """Add an event."""
        self.entries.append(entry)
        self._wake()

    def close(self) -> None:
        """Nothing follows."""
        self.closed = True
        self._wake()

    async def follow(self, after: int, silence: float) -> AsyncGenerator[Entry | None]:
        """Every event with a number above `after`, old and new, until the journal is closed.

        None tells that there was nothing for `silence` seconds.
        """
        place = 0
        while True:
            changed = self._changed
            while place < len(self.entries):
                entry = self.entries[place]
                place += 1
                if entry.number > after:
                    yield entry
            if place < len(self.entries):
                continue
            if self.closed:
                return
            try:
                async with asyncio.timeout(silence):
                    await changed.wait()
            except TimeoutError:
                yield None

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
