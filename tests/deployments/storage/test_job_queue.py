"""The book of jobs on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from deployments.contract.covers import CoverRequest
from deployments.contract.errors import KeyReused, NotFound, Overloaded
from deployments.contract.problems import problem_of
from deployments.storage.database import Database
from deployments.storage.job_queue import Ledger
from deployments.storage.job_records import (
    ATTEMPTS,
    STRIDE,
    Accepted,
    Assignment,
    Ending,
    Entry,
    digest_of,
)
from tests.deployments.sets import NAME, covers

LEASE = 30.0
Many = Callable[..., Ledger]


@pytest.fixture
def ledger(database: Database) -> Many:
    """A worker's ledger; workers share the database."""

    def build(worker: str = "one", **options: Any) -> Ledger:
        return Ledger(database, worker, **options)

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
    ledger: Ledger, number: int, wanted: CoverRequest | None = None, **changes: Any
) -> Accepted:
    wanted = wanted or order()
    options: dict[str, Any] = {
        "kept": True, "told": True, "digest": digest_of(wanted), "room": 0, "waiting": 10,
    } | changes  # fmt: skip
    return await ledger.accept(name(number), wanted, **options)


async def begun(ledger: Ledger, number: int, **changes: Any) -> Assignment:
    await ledger.renew(LEASE)
    accepted = await accept(ledger, number, room=24, **changes)
    assert accepted.assignment is not None
    return accepted.assignment


async def die(ledger: Ledger) -> None:
    """Let the lease run out, as after a kill."""
    await ledger.renew(-1)


def test_with_room_a_job_is_begun_at_once(ledger: Many) -> None:
    async def work() -> None:
        one = ledger()
        assignment = await begun(one, 1)
        assert (assignment.id, assignment.attempt) == (name(1), 1)
        assert assignment.order == order()
        standing = await one.standing(name(1), "")
        assert (standing.status, standing.position, standing.ahead) == ("running", 0, 4)

    run(work())


def test_jobs_wait_in_line(ledger: Many) -> None:
    async def work() -> None:
        one = ledger()
        await one.renew(LEASE)
        for number in range(3):
            assert (await accept(one, number)).assignment is None
        places = [(await one.standing(name(n), "")).position for n in range(3)]
        assert places == [1, 2, 3]
        assert (await one.standing(name(2), "")).ahead == 12
        # nobody overtakes, room or not
        assert (await accept(one, 3, room=24)).assignment is None
        assert [a.id for a in await one.claim(9)] == [name(0), name(1)]
        assert (await one.standing(name(2), "")).position == 1
        assert await one.claim(3) == []
        assert [a.id for a in await one.claim(24)] == [name(2), name(3)]

    run(work())


def test_the_line_is_bounded(ledger: Many) -> None:
    async def work() -> None:
        one = ledger()
        await accept(one, 1, waiting=1)
        with pytest.raises(Overloaded, match="1 requests are waiting"):
            await accept(one, 2, waiting=1)
        with pytest.raises(NotFound):
            await one.standing(name(2), "")

    run(work())


def test_a_job_that_may_not_wait_for_so_many_is_refused(ledger: Many) -> None:
    async def work() -> None:
        one = ledger()
        await one.renew(LEASE)
        for number in range(2):
            await accept(one, number)  # 4 candidates each
        assert (await accept(one, 2, ahead=8)).new
        with pytest.raises(Overloaded, match="3 requests are waiting"):
            await accept(one, 3, ahead=8)
        assert (await accept(one, 3)).new  # this one has time

    run(work())


def test_two_workers_never_take_the_same_job(ledger: Many) -> None:
    async def work() -> None:
        workers = [ledger(f"w{n}") for n in range(4)]
        for worker in workers:
            await worker.renew(LEASE)
        for number in range(40):
            await accept(workers[0], number, waiting=100)
        taken: list[str] = []
        while found := await asyncio.gather(*[worker.claim(8) for worker in workers]):
            new = [assignment.id for batch in found for assignment in batch]
            if not new:
                break
            taken += new
        assert sorted(taken) == [name(number) for number in range(40)]

    run(work())


def test_a_dead_workers_job_goes_to_one_other(ledger: Many) -> None:
    async def work() -> None:
        one, two, three = ledger("one"), ledger("two"), ledger("three")
        old = await begun(one, 1)
        await two.renew(LEASE)
        assert await two.claim(24) == []
        await die(one)
        await asyncio.gather(two.renew(LEASE), three.renew(LEASE))
        claims = await asyncio.gather(two.claim(24), three.claim(24))
        (new,) = [assignment for claim in claims for assignment in claim]
        assert (new.id, new.attempt, new.order) == (old.id, 2, old.order)
        # the old worker comes back to life: what it made is refused
        assert not await one.end(old, Ending("done", answer=covers(old.id)))
        assert (old.id, old.attempt) not in await one.renew(LEASE)
        owner = two if claims[0] else three
        assert await owner.end(new, Ending("done", answer=covers(old.id)))
        assert not await owner.end(new, Ending("done", answer=covers(old.id)))
        assert (await one.standing(old.id, "")).status == "done"

    run(work())


def test_nobody_waits_for_a_dead_workers_plain_request(ledger: Many) -> None:
    async def work() -> None:
        one, two = ledger("one"), ledger("two")
        await begun(one, 1, kept=False)
        await die(one)
        await two.renew(LEASE)
        standing = await two.standing(name(1), "")
        assert standing.status == "cancelled"
        assert standing.problem is not None

    run(work())


def test_a_job_that_kills_its_workers_is_given_up(ledger: Many) -> None:
    async def work() -> None:
        await begun(ledger("w0"), 1)
        for attempt in range(1, ATTEMPTS + 1):
            await die(ledger(f"w{attempt - 1}"))
            successor = ledger(f"w{attempt}")
            await successor.renew(LEASE)
            assert len(await successor.claim(24)) == (attempt < ATTEMPTS)
        standing = await successor.standing(name(1), "")
        assert standing.status == "failed"
        assert standing.problem is not None
        assert standing.problem.status == 503

    run(work())


def test_a_worker_that_ends_in_order_gives_back_at_once(ledger: Many) -> None:
    async def work() -> None:
        one, two = ledger("one"), ledger("two")
        await begun(one, 1)
        await two.renew(LEASE)
        await one.leave()
        assert [a.id for a in await two.claim(24)] == [name(1)]

    run(work())


def test_the_same_key_gives_the_same_job(ledger: Many) -> None:
    async def work() -> None:
        one = ledger()
        first = await accept(one, 1, key="k")
        again = await accept(one, 2, key="k")
        assert (first.new, again.new, again.id) == (True, False, first.id)
        assert (await accept(one, 3, key="k", client="another")).new
        with pytest.raises(KeyReused):
            await accept(one, 4, order(seed=8), key="k")
        # even a full line answers for what it has
        assert (await accept(one, 5, key="k", waiting=0)).id == first.id

    run(work())


def test_cancelling(ledger: Many) -> None:
    async def work() -> None:
        one, two = ledger("one"), ledger("two")
        assignment = await begun(one, 1)
        await accept(one, 2)
        assert await two.cancel(name(2), "")
        assert (await two.standing(name(2), "")).status == "cancelled"
        assert await two.cancel(name(1), "")
        assert await one.own() == {(name(1), 1): True}
        problem = problem_of(asyncio.CancelledError(), "/x")
        assert await one.end(assignment, Ending("cancelled", problem=problem))
        assert not await two.cancel(name(1), "")
        assert (await two.standing(name(1), "")).problem == problem

    run(work())


def test_a_client_sees_its_own_alone(ledger: Many) -> None:
    async def work() -> None:
        one = ledger()
        await accept(one, 1, client="a")
        for act in (one.standing, one.cancel):
            with pytest.raises(NotFound):
                await act(name(1), "b")
        assert (await one.standing(name(1), "a")).status == "queued"

    run(work())


def test_events_are_found_by_number(ledger: Many) -> None:
    async def work() -> None:
        one, two = ledger("one"), ledger("two")
        job = await begun(one, 1)
        told = [Entry(STRIDE + n, "cleaned", "{}") for n in range(1, 4)]
        await one.note([(job.number, "clean", {"clean": 0.1})], [(job.number, e) for e in told[:2]])
        standing = await two.standing(name(1), "", after=STRIDE + 1)
        assert list(standing.entries) == told[1:2]
        assert (standing.stage, standing.timings) == ("clean", {"clean": 0.1})
        # a new attempt tells its own story
        await die(one)
        await two.renew(LEASE)
        (again,) = await two.claim(24)
        assert (await two.standing(name(1), "", after=0)).entries == []
        last = Entry(2 * STRIDE + 1, "cleaned", "{}")
        assert await two.end(again, Ending("done", answer=covers(name(1))), [last])
        assert list((await one.standing(name(1), "", after=0)).entries) == [last]

    run(work())


def test_what_is_told_of_a_deleted_job_is_dropped(ledger: Many) -> None:
    async def work() -> None:
        one = ledger()
        await begun(one, 1)
        await one.note([(99, "clean", {})], [(99, Entry(1, "cleaned", "{}"))])

    run(work())


@pytest.mark.parametrize("kept", [True, False])
def test_lyrics_are_kept_or_not(ledger: Many, kept: bool) -> None:
    async def work() -> None:
        one = ledger(keep_lyrics=kept)
        job = await begun(one, 1)
        await one.end(job, Ending("done", answer=covers(name(1))))
        answer = (await one.standing(name(1), "")).answer
        assert answer is not None
        assert answer == covers(name(1)).model_copy(update={"lyrics": "바다" if kept else ""})

    run(work())
    assert NAME  # the sets' own id is another one
