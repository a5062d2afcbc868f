from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from deployments.jobs.changes import Watch
from deployments.storage.job_records import Glance

RUNNING = Glance("running", 1, 0, 5)


class Book:
    """What a ledger tells at a glance, and how often it was asked."""

    def __init__(self) -> None:
        self.jobs: dict[str, Glance] = {"a": RUNNING, "b": RUNNING}
        self.looks = 0

    async def glance(self, ids: list[str]) -> Mapping[str, Glance]:
        self.looks += 1
        return {id: self.jobs[id] for id in ids if id in self.jobs}


@pytest.mark.parametrize(
    ("seen", "news"),
    [
        (RUNNING, False),
        (Glance("running", 1, 0, 9), False),
        (Glance("running", 1, 0, 4), True),
        (Glance("queued", 1, 0, 5), True),
        (Glance("running", 2, 0, 5), True),
        (Glance("running", 1, 3, 5), True),
        (Glance("running", 1, None, 5), False),
        (Glance("queued", 1, None, 5), True),
    ],
)
def test_only_what_was_not_seen_is_news(seen: Glance, news: bool) -> None:
    async def run() -> None:
        watch = Watch(Book())  # type: ignore[arg-type]
        waiting = asyncio.create_task(watch.change("a", seen, 0.2))
        await asyncio.sleep(0)
        await watch.look()
        assert await waiting is news

    asyncio.run(run())


def test_many_wait_for_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        book = Book()
        watch = Watch(book)  # type: ignore[arg-type]
        await watch.look()
        assert book.looks == 0, "nobody waits"
        waiting = [asyncio.create_task(watch.change(id, RUNNING, 5)) for id in "ab" * 50]
        await asyncio.sleep(0)
        book.jobs["a"] = Glance("done", 1, 0, 5)
        del book.jobs["b"]
        await watch.look()
        assert all(await asyncio.gather(*waiting))
        assert book.looks == 1

    asyncio.run(run())


def test_a_change_made_here_is_told_at_once() -> None:
    async def run(act: Callable[[Watch], Any]) -> bool:
        watch = Watch(Book())  # type: ignore[arg-type]
        waiting = asyncio.create_task(watch.change("a", RUNNING, 0.2))
        await asyncio.sleep(0)
        act(watch)
        return await waiting

    assert asyncio.run(run(lambda watch: watch.tell("a")))
    assert not asyncio.run(run(lambda watch: watch.tell("b")))
