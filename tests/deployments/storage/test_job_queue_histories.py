"""Random histories of the job queue: whatever happens between any two statements, nothing accepted is lost and
nothing is delivered twice.

`SONGDALLE_HISTORIES=50000` runs so many in the long test instead of 10,000.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from deployments.contract.errors import KeyReused, NotFound, Overloaded
from deployments.jobs.runner import queued
from deployments.storage.job_records import (
    ATTEMPTS,
    STRIDE,
    UNFINISHED,
    Accepted,
    Capacity,
    Mode,
    NewJob,
)
from tests.deployments.storage.queue_model import (
    LEASE,
    Crashed,
    Fault,
    Ingress,
    StepDatabase,
    Steps,
    answered,
    crash,
    lose_connection,
    new_job,
)

SHORT = {"sqlite": 170, "postgresql": 30}
LONG = 10_000
SHARES = {"sqlite": 0.8, "postgresql": 0.2}  # of the long test; a statement costs PostgreSQL more
SHORT_STEPS, STEPS = 20, 25
WAITING = 6  # jobs in line, at most

indices = st.integers(0, 7)
slots = st.integers(0, 3)
places = st.sampled_from([0, 1, 1, 2, 2, 3, 3, 4, 5, 6])
faults = st.one_of(
    st.none(),
    st.none(),
    st.none(),
    st.tuples(st.just("crash"), places, indices, slots),
    st.tuples(st.just("lose"), places, indices, slots),
    st.tuples(
        st.sampled_from(["claim", "renew", "cancel", "finish", "leave"]), places, indices, slots
    ),
)


@dataclass
class Known:
    """What a client was told of its job, and what it must never find contradicted.

    Attributes:
        accepted: it was told so.
        deleted: it asked for that, and maybe got no answer.
        cancelled_at: the attempt under way when its cancel was answered.
        ended: how the queue said that it ended, once it did.
        heard: number of the last event that it was told.
    """

    job: NewJob
    accepted: bool = False
    deleted: bool = False
    cancelled_at: int | None = None
    finishes: list[str] = field(default_factory=list)
    ended: str | None = None
    heard: int = 0


class Histories(RuleBasedStateMachine):
    """Two to four ingresses, their clients, and a clock that jumps."""

    database: StepDatabase

    def __init__(self) -> None:
        super().__init__()
        self.database.arm(None)
        self.database.clear()
        self.database.now = 1_000_000.0
        self.steps = Steps()
        self.known: dict[str, Known] = {}
        self.names = iter(range(1_000_000))
        self.ingresses: list[Ingress] = []

    def teardown(self) -> None:
        try:
            self._drain()
        finally:
            self.steps.close()

    # ---- what happens ----

    @initialize(count=st.integers(2, 4))
    def start(self, count: int) -> None:
        self.ingresses = [self._process() for _ in range(count)]
        for ingress in self.ingresses:
            self.steps.run(ingress.queue.renew(LEASE))

    @rule(
        at=slots,
        mode=st.sampled_from(Mode),
        client=st.sampled_from(["", "anna"]),
        key=st.sampled_from([None, None, "k1", "k2"]),
        candidates=st.integers(1, 4),
        room=st.sampled_from([0, 3, 8]),
        fault=faults,
    )
    def accept(
        self,
        at: int,
        mode: Mode,
        client: str,
        key: str | None,
        candidates: int,
        room: int,
        fault: Any,
    ) -> None:
        job = new_job(next(self.names), mode, client, key, candidates)
        known = self.known[job.id] = Known(job)
        waiting = self._waiting()

        async def step(ingress: Ingress) -> None:
            try:
                accepted: Accepted | None = await answered(
                    ingress.queue.accept(job, Capacity(room, WAITING), LEASE)
                )
            except Overloaded:
                assert waiting >= WAITING or fault
                return
            except KeyReused:
                assert key is not None
                return
            if accepted is None:
                return
            if accepted.new:
                known.accepted = True
                assert accepted.claimed or waiting < WAITING or fault
                assert not accepted.claimed or candidates <= room
            else:
                first = self.known[accepted.id].job
                assert (first.client, first.key, first.digest) == (client, key, job.digest)
            if accepted.claimed is not None:
                ingress.begin(accepted.claimed)

        self._step(at, step, fault)

    @rule(at=slots, room=st.sampled_from([2, 5, 24]), fault=faults)
    def claim(self, at: int, room: int, fault: Any) -> None:
        self._step(at, lambda ingress: self._claim(ingress, room), fault)

    @rule(at=slots, fault=faults)
    def renew(self, at: int, fault: Any) -> None:
        self._step(at, lambda ingress: answered(ingress.leases.renew(LEASE)), fault)

    @rule(at=slots, fault=faults)
    def obey(self, at: int, fault: Any) -> None:
        self._step(at, lambda ingress: answered(ingress.leases.obey()), fault)

    @rule(at=slots, which=indices, count=st.integers(1, 3), fault=faults)
    def tell(self, at: int, which: int, count: int, fault: Any) -> None:
        async def step(ingress: Ingress) -> None:
            if job := _pick(list(ingress.jobs.values()), which):
                await answered(ingress.tell(job, count))

        self._step(at, step, fault)

    @rule(at=slots, which=indices, fails=st.booleans(), fault=faults)
    def finish(self, at: int, which: int, fails: bool, fault: Any) -> None:
        self._step(at, lambda ingress: self._finish(ingress, which, fails), fault)

    @rule(at=slots, which=st.integers(0, 30), fault=faults)
    def cancel(self, at: int, which: int, fault: Any) -> None:
        self._step(at, lambda ingress: self._cancel(ingress, which), fault)

    @rule(at=slots, which=st.integers(0, 30), fault=faults)
    def delete(self, at: int, which: int, fault: Any) -> None:
        async def step(ingress: Ingress) -> None:
            if known := self._someones(which):
                id = known.job.id
                known.deleted = known.deleted or self._status(id) not in UNFINISHED
                await answered(ingress.history.delete(known.job.client, id))
                known.deleted = known.deleted or not self._status(id)  # it ended meanwhile

        self._step(at, step, fault)

    @rule(at=slots, which=st.integers(0, 30), note=st.booleans(), fault=faults)
    def listen(self, at: int, which: int, note: bool, fault: Any) -> None:
        async def step(ingress: Ingress) -> None:
            known = self._someones(which)
            if known is None or not known.job.followed:
                return
            try:
                state = await answered(
                    ingress.queue.state(
                        known.job.id, known.job.client, known.heard, note_listener=note
                    )
                )
            except NotFound:
                assert known.deleted
                return
            for entry in state.events if state else ():
                last, known.heard = known.heard, entry.number
                same_attempt = entry.number // STRIDE == last // STRIDE
                assert entry.number == (
                    last + 1 if same_attempt else entry.number // STRIDE * STRIDE + 1
                )

        self._step(at, step, fault)

    @rule(at=slots, fault=faults)
    def leave(self, at: int, fault: Any) -> None:
        self._step(at, self._leave, fault)

    @rule(at=slots)
    def kill(self, at: int) -> None:
        self._replace(self._at(at))

    @rule(seconds=st.sampled_from([1.0, 4.0, LEASE + 1, 60.0, -60.0]))
    def clock(self, seconds: float) -> None:
        self.database.now += seconds

    # ---- what must hold after each step ----

    @invariant()
    def nothing_is_lost_or_changed_once_it_ended(self) -> None:
        rows = {row.id: row for row in self.database.rows("select * from jobs")}
        for id, known in self.known.items():
            row = rows.get(id)
            if row is None:
                assert not known.accepted or known.deleted, f"{id} is lost"
                continue
            final = row.status not in UNFINISHED
            assert final == (row.request in (None, "null")), row
            assert (row.status == "running") == (row.worker is not None), row
            assert known.ended in (None, row.status), f"{id} was {known.ended}, is {row.status}"
            if final:
                known.ended = row.status
            assert row.attempt <= ATTEMPTS + 1
            if known.cancelled_at is not None:
                assert row.attempt == known.cancelled_at, f"{id} was begun after its cancel"
                assert row.status != "done", f"{id} was done after its cancel"
        keys = [(row.client, row.idempotency_key) for row in rows.values() if row.idempotency_key]
        assert len(keys) == len(set(keys))

    @invariant()
    def nothing_ends_twice(self) -> None:
        for id, known in self.known.items():
            assert len(known.finishes) <= 1, f"{id}: {known.finishes}"
            if known.finishes and known.ended is not None:
                assert known.finishes == [known.ended]

    @invariant()
    def events_have_no_gap(self) -> None:
        events: dict[str, list[int]] = {}
        query = (
            "select jobs.id, jobs.attempt, events.number from events join jobs on jobs.number = job "
            "where status != 'queued' order by events.number"
        )
        for id, attempt, number in self.database.rows(query):
            events.setdefault(id, []).append(number - attempt * STRIDE)
        for id, numbers in events.items():
            assert numbers == list(range(1, len(numbers) + 1)), f"{id}: {numbers}"

    # ---- steps ----

    def _process(self) -> Ingress:
        return Ingress(self.database, f"ingress{next(self.names)}")

    def _at(self, at: int) -> Ingress:
        return self.ingresses[at % len(self.ingresses)]

    def _replace(self, ended: Ingress) -> None:
        """A process is gone with all it knew; another is started."""
        if ended in self.ingresses:
            self.ingresses[self.ingresses.index(ended)] = self._process()

    def _step(self, at: int, step: Callable[[Ingress], Any], fault: Any) -> None:
        ingress = self._at(at)
        self.database.arm(self._fault(fault, ingress))
        try:
            self.steps.run(_awaited(step(ingress)))
        except Crashed:
            self._replace(ingress)
        finally:
            self.database.arm(None)

    def _fault(self, drawn: Any, ingress: Ingress) -> Fault | None:
        if drawn is None:
            return None
        kind, place, which, at = drawn
        if kind in ("crash", "lose"):
            return Fault(place, crash if kind == "crash" else lose_connection)
        others = [each for each in self.ingresses if each is not ingress]
        other = others[at % len(others)]
        beside: dict[str, Callable[[], Any]] = {
            "claim": lambda: self._claim(other, 24),
            "renew": lambda: answered(other.leases.renew(LEASE)),
            "cancel": lambda: self._cancel(other, which),
            "finish": lambda: self._finish(other, which, fails=False),
            "leave": lambda: self._leave(other),
        }
        return Fault(place, lambda _: self.steps.run(_awaited(beside[kind]())))

    async def _claim(self, ingress: Ingress, room: int) -> None:
        claimed = await answered(ingress.queue.claim(room, LEASE)) or []
        assert sum(job.request.candidates for job in claimed) <= room
        assert [job.number for job in claimed] == sorted(job.number for job in claimed)
        for job in claimed:
            ingress.begin(job)

    async def _finish(self, ingress: Ingress, which: int, fails: bool) -> None:
        if job := _pick(list(ingress.jobs.values()), which):
            for _ in range(which % 2):
                job.emit(queued(job.claimed.id, 0, 0.0))
            ended = await answered(ingress.finish(job, fails=fails))
            if ended and not job.lost:
                self.known[job.claimed.id].finishes.append(ended)

    async def _cancel(self, ingress: Ingress, which: int) -> None:
        if known := self._someones(which):
            id = known.job.id
            try:
                cancelled = await answered(ingress.cancel(id, known.job.client))
            except NotFound:
                assert known.deleted
                return
            if cancelled and known.cancelled_at is None:
                known.cancelled_at = self._column(id, "attempt")

    async def _leave(self, ingress: Ingress) -> None:
        for job in list(ingress.jobs.values()):
            job.lose()
        ingress.jobs.clear()
        await answered(ingress.queue.leave())
        self._replace(ingress)

    def _someones(self, which: int) -> Known | None:
        """A job that its client knows of."""
        return _pick([known for known in self.known.values() if known.accepted], which)

    def _waiting(self) -> int:
        waiting: int = self.database.rows("select count(*) from jobs where status = 'queued'")[0][0]
        return waiting

    def _column(self, id: str, column: str) -> Any:
        rows = self.database.rows(f"select {column} from jobs where id = '{id}'")
        return rows[0][0] if rows else None

    def _status(self, id: str) -> str:
        return self._column(id, "status") or ""

    def _drain(self) -> None:
        """All processes end; a new one does what is left, and everything is at its end then."""
        self.database.arm(None)
        self.database.now += 10_000
        last = self._process()
        for _ in range(40):
            self.steps.run(last.leases.renew(LEASE))
            self.steps.run(self._claim(last, 1000))
            self.steps.run(last.leases.obey())
            while last.jobs:
                self.steps.run(self._finish(last, 0, fails=False))
            if not self.database.rows("select id from jobs where status in ('queued', 'running')"):
                break
        self.nothing_is_lost_or_changed_once_it_ended()
        self.nothing_ends_twice()
        self.events_have_no_gap()
        for id, known in self.known.items():
            if not known.accepted or known.deleted:
                continue
            assert known.ended is not None, f"{id} never ended"
            if known.cancelled_at is not None:
                assert known.ended in ("cancelled", "failed")


def _pick(given: list[Any], which: int) -> Any:
    return given[which % len(given)] if given else None


async def _awaited(step: Any) -> Any:
    return await step


@pytest.fixture
def step_database(
    database_url: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[StepDatabase]:
    monkeypatch.setattr("deployments.jobs.job.PAUSES", ())
    caplog.set_level(logging.CRITICAL, "ray.serve")  # faults by the thousand
    database = StepDatabase(database_url, tmp_path)
    database.migrate()
    yield database
    database.close()


def run_histories(database: StepDatabase, count: int, steps: int, *, same: bool) -> None:
    bound = type("BoundHistories", (Histories,), {"database": database})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        bound,
        settings=settings(
            max_examples=count,
            stateful_step_count=steps,
            deadline=None,
            derandomize=same,
            database=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def test_short_histories(step_database: StepDatabase) -> None:
    count = SHORT[step_database.url.get_backend_name()]
    run_histories(step_database, count, SHORT_STEPS, same=True)


@pytest.mark.long
def test_many_histories(step_database: StepDatabase) -> None:
    wanted = int(os.environ.get("SONGDALLE_HISTORIES", LONG))
    share = SHARES[step_database.url.get_backend_name()]
    run_histories(step_database, max(1, round(wanted * share)), STEPS, same=False)
