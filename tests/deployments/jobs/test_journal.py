from __future__ import annotations

import asyncio

from deployments.jobs.job import EventLog
from deployments.storage.job_records import EventRecord


def entry(number: int) -> EventRecord:
    return EventRecord(number, "cleaned", "{}")


async def gather(event_log: EventLog, after: int = 0, silence: float = 5) -> list[int | None]:
    return [e.number if e else None async for e in event_log.follow(after, silence)]


def test_a_latecomer_gets_everything_and_a_returner_the_rest() -> None:
    async def run() -> None:
        event_log = EventLog()
        event_log.write(entry(1))
        event_log.write(entry(4))
        late = asyncio.create_task(gather(event_log))
        back = asyncio.create_task(gather(event_log, after=1))
        await asyncio.sleep(0)
        event_log.write(entry(9))
        event_log.close()
        assert await late == [1, 4, 9]
        assert await back == [4, 9]
        assert await gather(event_log, after=9) == []

    asyncio.run(run())


def test_listeners_hear_events_while_they_happen() -> None:
    async def run() -> None:
        event_log = EventLog()
        follower = event_log.follow(0, 5)
        for number in range(1, 4):
            asyncio.get_running_loop().call_soon(event_log.write, entry(number))
            event = await anext(follower)
            assert event is not None
            assert event.number == number
        await follower.aclose()

    asyncio.run(run())


def test_silence_is_told() -> None:
    async def run() -> None:
        event_log = EventLog()
        follower = event_log.follow(0, 0.01)
        assert await anext(follower) is None
        event_log.write(entry(1))
        assert await anext(follower) == entry(1)
        assert await anext(follower) is None
        await follower.aclose()

    asyncio.run(run())
