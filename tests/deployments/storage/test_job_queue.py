"""The job queue on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deployments.contract.covers import CoverRequest
from deployments.contract.errors import (
    Cancelled,
    DatabaseUnavailable,
    KeyReused,
    NotFound,
    Overloaded,
)
from deployments.contract.problems import problem_of
from deployments.storage.database import Database
from deployments.storage.job_queue import JobQueue
from deployments.storage.job_records import (
    ATTEMPTS,
    STRIDE,
    Accepted,
    Capacity,
    ClaimedJob,
    EventRecord,
    JobOutcome,
    Mode,
    NewJob,
    digest_of,
)
from deployments.storage.tables import JobRow
from tests.deployments.sets import NAME, covers

LEASE = 30.0
Many = Callable[..., JobQueue]


@pytest.fixture
def job_queue(database: Database) -> Many:
    """An ingress's queue; ingresses share the database."""

    def build(ingress: str = "one", **options: Any) -> JobQueue:
        return JobQueue(database, ingress, **options)

    return build


def run(work: Awaitable[Any]) -> Any:
    async def wait() -> Any:
        return await work

    return asyncio.run(wait())


def order(**changes: Any) -> CoverRequest:
    return CoverRequest.model_validate({"lyrics": "바다", "seed": 7, "candidates": 4} | changes)


def name(number: int) -> str:
    return f"{number:032x}"


async def accept(
    job_queue: JobQueue,
    number: int,
    wanted: CoverRequest | None = None,
    *,
    mode: Mode = Mode.FOLLOW,
    client: str = "",
    key: str | None = None,
    room: int = 0,
    waiting: int = 10,
    ahead: float = math.inf,
) -> Accepted:
    wanted = wanted or order()
    job = NewJob(wanted, digest_of(wanted), mode, client, key, id=name(number))
    return await job_queue.accept(job, Capacity(room, waiting, ahead))


async def begun(job_queue: JobQueue, number: int, **changes: Any) -> ClaimedJob:
    await job_queue.renew(LEASE)
    accepted = await accept(job_queue, number, room=24, **changes)
    assert accepted.claimed is not None
    return accepted.claimed


async def die(job_queue: JobQueue) -> None:
    """Let the lease run out, as after a kill."""
    await job_queue.renew(-1)


def test_with_room_a_job_is_claimed_at_once(job_queue: Many) -> None:
    async def work() -> None:
        one = job_queue()
        claimed = await begun(one, 1)
        assert (claimed.id, claimed.attempt) == (name(1), 1)
        assert claimed.request == order()
        state = await one.state(name(1), "")
        assert (state.status, state.position, state.ahead) == ("running", 0, 4)

    run(work())


def test_jobs_wait_in_line(job_queue: Many) -> None:
    async def work() -> None:
        one = job_queue()
        await one.renew(LEASE)
        for number in range(3):
            assert (await accept(one, number)).claimed is None
        places = [(await one.state(name(n), "")).position for n in range(3)]
        assert places == [1, 2, 3]
        assert (await one.state(name(2), "")).ahead == 12
        # nobody overtakes, room or not
        assert (await accept(one, 3, room=24)).claimed is None
        assert [a.id for a in await one.claim(9)] == [name(0), name(1)]
        assert (await one.state(name(2), "")).position == 1
        assert await one.claim(3) == []
        assert [a.id for a in await one.claim(24)] == [name(2), name(3)]

    run(work())


def test_candidates_of_all_ingresses_are_counted_until_they_are_drawn(job_queue: Many) -> None:
    async def work() -> None:
        one, two = job_queue("one"), job_queue("two")
        assert await one.unfinished() == 0
        first = await begun(one, 1)
        await two.accept(NewJob(order(candidates=7), "x" * 64), Capacity(room=0, waiting=9))
        assert await one.unfinished() == await two.unfinished() == 4 + 7
        await one.end(first, JobOutcome("done", answer=covers(name(1))))
        assert await two.unfinished() == 7

    run(work())


def test_the_line_is_bounded(job_queue: Many) -> None:
    async def work() -> None:
        one = job_queue()
        await accept(one, 1, waiting=1)
        with pytest.raises(Overloaded, match="1 requests are waiting"):
            await accept(one, 2, waiting=1)
        with pytest.raises(NotFound):
            await one.state(name(2), "")

    run(work())


def test_a_job_that_may_not_wait_for_so_many_is_refused(job_queue: Many) -> None:
    async def work() -> None:
        one = job_queue()
        await one.renew(LEASE)
        for number in range(2):
            await accept(one, number)  # 4 candidates each
        assert (await accept(one, 2, ahead=8)).new
        with pytest.raises(Overloaded, match="3 requests are waiting"):
            await accept(one, 3, ahead=8)
        assert (await accept(one, 3)).new  # this one has time

    run(work())


def test_two_ingresses_never_claim_the_same_job(job_queue: Many) -> None:
    async def work() -> None:
        queues = [job_queue(f"w{n}") for n in range(4)]
        for queue in queues:
            await queue.renew(LEASE)
        for number in range(40):
            await accept(queues[0], number, waiting=100)
        claimed_ids: list[str] = []
        while batches := await asyncio.gather(*[queue.claim(8) for queue in queues]):
            new = [claimed.id for batch in batches for claimed in batch]
            if not new:
                break
            claimed_ids += new
        assert sorted(claimed_ids) == [name(number) for number in range(40)]

    run(work())


def test_a_job_without_a_lease_is_claimed_by_one_other(job_queue: Many) -> None:
    async def work() -> None:
        one, two, three = job_queue("one"), job_queue("two"), job_queue("three")
        old = await begun(one, 1)
        await two.renew(LEASE)
        assert await two.claim(24) == []
        await die(one)
        await asyncio.gather(two.renew(LEASE), three.renew(LEASE))
        claims = await asyncio.gather(two.claim(24), three.claim(24))
        (new,) = [claimed for claim in claims for claimed in claim]
        assert (new.id, new.attempt, new.request) == (old.id, 2, old.request)
        # the old ingress comes back to life: what it made is refused
        assert not await one.end(old, JobOutcome("done", answer=covers(old.id)))
        assert (old.id, old.attempt) not in await one.renew(LEASE)
        owner = two if claims[0] else three
        assert await owner.end(new, JobOutcome("done", answer=covers(old.id)))
        assert not await owner.end(new, JobOutcome("done", answer=covers(old.id)))
        assert (await one.state(old.id, "")).status == "done"

    run(work())


def test_a_job_that_is_not_durable_ends_with_its_ingress(job_queue: Many) -> None:
    async def work() -> None:
        one, two = job_queue("one"), job_queue("two")
        await begun(one, 1, mode=Mode.WAIT)
        await die(one)
        await two.renew(LEASE)
        state = await two.state(name(1), "")
        assert state.status == "cancelled"
        assert state.problem is not None

    run(work())


def test_a_job_that_kills_its_ingresses_is_given_up(job_queue: Many) -> None:
    async def work() -> None:
        await begun(job_queue("w0"), 1)
        for attempt in range(1, ATTEMPTS + 1):
            await die(job_queue(f"w{attempt - 1}"))
            successor = job_queue(f"w{attempt}")
            await successor.renew(LEASE)
            assert len(await successor.claim(24)) == (attempt < ATTEMPTS)
        state = await successor.state(name(1), "")
        assert state.status == "failed"
        assert state.problem is not None
        assert state.problem.status == 503

    run(work())


def test_an_ingress_that_leaves_requeues_at_once(job_queue: Many) -> None:
    async def work() -> None:
        one, two = job_queue("one"), job_queue("two")
        await begun(one, 1)
        await two.renew(LEASE)
        await one.leave()
        assert [a.id for a in await two.claim(24)] == [name(1)]

    run(work())


def test_an_ingress_that_leaves_waits_for_who_writes_to_its_job(
    job_queue: Many, database: Database
) -> None:
    """A listener at another ingress is being noted, or a cancellation: the job is requeued all the same."""
    one, two = job_queue("one"), job_queue("two")
    locked, release = Event(), Event()

    def hold(session: Session) -> None:
        query = select(JobRow).where(JobRow.id == name(1)).with_for_update()
        row = session.scalar(query)
        assert row is not None
        row.cancelling = False
        session.flush()
        locked.set()
        assert release.wait(30)

    async def work() -> None:
        for number in (1, 2):
            await begun(one, number)
        for _ in range(ATTEMPTS - 1):  # as often as a job may be begun
            await die(one)
            await two.renew(LEASE)
            await one.renew(LEASE)
            await one.claim(24)
        holding = asyncio.create_task(database.write(hold))
        await asyncio.to_thread(locked.wait, 30)
        leaving = asyncio.create_task(one.leave())
        await asyncio.sleep(0.3)
        release.set()
        await asyncio.gather(holding, leaving)
        states = [(await two.state(name(number), "")).status for number in (1, 2)]
        assert states == ["queued", "queued"]

    run(work())


def test_an_ingress_that_leaves_does_not_wait_for_ever(
    job_queue: Many, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.url.get_backend_name() == "sqlite":
        pytest.skip("SQLite's own time-out is set when the engine is made")
    monkeypatch.setattr("deployments.storage.database.BUSY_SECONDS", 1)
    one, locked, release = job_queue("one"), Event(), Event()

    def hold(session: Session) -> None:
        assert session.scalar(select(JobRow).where(JobRow.id == name(1)).with_for_update())
        locked.set()
        assert release.wait(30)

    async def work() -> None:
        await begun(one, 1)
        holding = asyncio.create_task(database.write(hold))
        await asyncio.to_thread(locked.wait, 30)
        with pytest.raises(DatabaseUnavailable):
            await asyncio.wait_for(one.leave(), 10)
        release.set()
        await holding
        await one.leave()
        assert (await one.state(name(1), "")).status == "queued"

    run(work())


def test_the_same_key_gives_the_same_job(job_queue: Many) -> None:
    async def work() -> None:
        one = job_queue()
        first = await accept(one, 1, key="k")
        again = await accept(one, 2, key="k")
        assert (first.new, again.new, again.id) == (True, False, first.id)
        assert (await accept(one, 3, key="k", client="another")).new
        with pytest.raises(KeyReused):
            await accept(one, 4, order(seed=8), key="k")
        # even a full line answers for what it has
        assert (await accept(one, 5, key="k", waiting=0)).id == first.id

    run(work())


def test_cancelling(job_queue: Many) -> None:
    async def work() -> None:
        one, two = job_queue("one"), job_queue("two")
        claimed = await begun(one, 1)
        await accept(one, 2)
        assert await two.cancel(name(2), "")
        assert (await two.state(name(2), "")).status == "cancelled"
        assert await two.cancel(name(1), "")
        assert await one.own() == {(name(1), 1): True}
        problem = problem_of(asyncio.CancelledError(), "/x")
        assert await one.end(claimed, JobOutcome("cancelled", problem=problem))
        assert not await two.cancel(name(1), "")
        assert (await two.state(name(1), "")).problem == problem

    run(work())


def test_a_client_sees_its_own_alone(job_queue: Many) -> None:
    async def work() -> None:
        one = job_queue()
        await accept(one, 1, client="a")
        for act in (one.state, one.cancel):
            with pytest.raises(NotFound):
                await act(name(1), "b")
        assert (await one.state(name(1), "a")).status == "queued"

    run(work())


def test_events_are_found_by_number(job_queue: Many) -> None:
    async def work() -> None:
        one, two = job_queue("one"), job_queue("two")
        job = await begun(one, 1)
        events = [EventRecord(STRIDE + n, "cleaned", "{}") for n in range(1, 4)]
        await one.note(
            [(job.number, 1, "clean", {"clean": 0.1})], [(job.number, e) for e in events[:2]]
        )
        state = await two.state(name(1), "", after=STRIDE + 1)
        assert list(state.events) == events[1:2]
        assert (state.stage, state.timings) == ("clean", {"clean": 0.1})
        # a new attempt has events of its own
        await die(one)
        await two.renew(LEASE)
        (again,) = await two.claim(24)
        assert (await two.state(name(1), "", after=0)).events == []
        last = EventRecord(2 * STRIDE + 1, "cleaned", "{}")
        assert await two.end(again, JobOutcome("done", answer=covers(name(1))), [last])
        assert list((await one.state(name(1), "", after=0)).events) == [last]

    run(work())


def test_events_of_a_deleted_job_are_dropped(job_queue: Many) -> None:
    async def work() -> None:
        one = job_queue()
        await begun(one, 1)
        await one.note([(99, 1, "clean", {})], [(99, EventRecord(1, "cleaned", "{}"))])

    run(work())


def test_events_written_twice_are_there_once(job_queue: Many) -> None:
    """Who gets no answer from the database tries again; it may have been done."""

    async def work() -> None:
        one = job_queue()
        job = await begun(one, 1)
        events = [EventRecord(STRIDE + n, "cleaned", "{}") for n in (1, 2)]
        progress = [(job.number, 1, "clean", {})]
        await one.note(progress, [(job.number, events[0])])
        await one.note(progress, [(job.number, event) for event in events])
        assert await one.end(job, JobOutcome("done", answer=covers(name(1))), events)
        assert (await one.state(name(1), "", after=0)).events == events

    run(work())


def test_who_lost_a_job_tells_no_more_of_it(job_queue: Many) -> None:
    async def work() -> None:
        one, two = job_queue("one"), job_queue("two")
        job = await begun(one, 1)
        await die(one)
        await two.renew(LEASE)
        await two.claim(24)
        late = EventRecord(STRIDE + 3, "cleaned", "{}")
        await one.note([(job.number, 1, "generate", {})], [(job.number, late)])
        state = await two.state(name(1), "", after=0)
        assert (state.events, state.stage) == ([], None)

    run(work())


def test_a_job_whose_cancel_was_answered_is_never_done(job_queue: Many) -> None:
    async def work() -> None:
        one, two = job_queue("one"), job_queue("two")
        job = await begun(one, 1)
        assert await two.cancel(name(1), "")
        with pytest.raises(Cancelled):
            await one.end(job, JobOutcome("done", answer=covers(name(1))))
        problem = problem_of(Cancelled("the job was cancelled"), "/")
        assert await one.end(job, JobOutcome("cancelled", problem=problem))
        assert (await two.state(name(1), "")).status == "cancelled"

    run(work())


@pytest.mark.parametrize("keep_lyrics", [True, False])
def test_lyrics_are_kept_or_not(job_queue: Many, keep_lyrics: bool) -> None:
    async def work() -> None:
        one = job_queue(keep_lyrics=keep_lyrics)
        job = await begun(one, 1)
        await one.end(job, JobOutcome("done", answer=covers(name(1))))
        answer = (await one.state(name(1), "")).answer
        assert answer is not None
        assert answer == covers(name(1)).model_copy(
            update={"lyrics": "바다" if keep_lyrics else ""}
        )

    run(work())
    assert NAME  # the sets' own id is another one
