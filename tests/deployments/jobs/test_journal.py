from __future__ import annotations

import asyncio

from deployments.jobs.job import Journal
from deployments.storage.job_records import Entry


def entry(number: int) -> Entry:
    return Entry(number, "cleaned", "{}")


async def gather(journal: Journal, after: int = 0, silence: float = 5) -> list[int | None]:
    return [e.number if e else None async for e in journal.follow(after, silence)]


def test_a_latecomer_gets_everything_and_a_returner_the_rest() -> None:
    async def run() -> None:
        journal = Journal()
        journal.write(entry(1))
        journal.write(entry(4))
        late = asyncio.create_task(gather(journal))
        back = asyncio.create_task(gather(journal, after=1))
        await asyncio.sleep(0)
        journal.write(entry(9))
        journal.close()
        assert await late == [1, 4, 9]
        assert await back == [4, 9]
        assert await gather(journal, after=9) == []

    asyncio.run(run())


def test_listeners_hear_events_while_they_happen() -> None:
    async def run() -> None:
        journal = Journal()
        follower = journal.follow(0, 5)
        for number in range(1, 4):
            asyncio.get_running_loop().call_soon(journal.write, entry(number))
            heard = await anext(follower)
            assert heard is not None
            assert heard.number == number
        await follower.aclose()

    asyncio.run(run())


def test_silence_is_told() -> None:
    async def run() -> None:
        journal = Journal()
        follower = journal.follow(0, 0.01)
        assert await anext(follower) is None
        journal.write(entry(1))
        assert await anext(follower) == entry(1)
        assert await anext(follower) is None
        await follower.aclose()

    asyncio.run(run())
