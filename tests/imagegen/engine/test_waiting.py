from __future__ import annotations

from songdalle_core.imagegen.engine.requests import GenerationRequest, Job, Part
from songdalle_core.imagegen.engine.waiting import WaitingJobs
from songdalle_core.imagegen.model.options import SamplingOptions


def jobs(*candidates: int, layers: int = 1) -> list[Job]:
    made = []
    for count in candidates:
        parts = tuple(Part(k // layers, k % layers, "the sea") for k in range(count * layers))
        made.append(Job(GenerationRequest("the sea", count, 0, SamplingOptions()), print, parts))
    return made


def queue_of(waiting: list[Job]) -> WaitingJobs:
    queue = WaitingJobs()
    for job in waiting:
        queue.put(job)
    return queue


def admit(queue: WaitingJobs, *, newcomers: bool = True) -> Job | None:
    job = queue.next_job(newcomers=newcomers)
    if job is not None:
        job.admitted += 1
    return job


def test_first_candidates_go_first_then_first_come_first_served() -> None:
    first, second, third = waiting = jobs(3, 1, 2)
    queue = queue_of(waiting)
    assert [admit(queue) for _ in range(7)] == [first, second, third, first, first, third, None]
    assert queue.candidates == 0


def test_a_newcomer_goes_before_those_who_have_begun() -> None:
    (first,) = waiting = jobs(4)
    queue = queue_of(waiting)
    assert [admit(queue), admit(queue)] == [first, first]
    (newcomer,) = jobs(2)
    queue.put(newcomer)
    assert [admit(queue), admit(queue)] == [newcomer, first]


def test_newcomers_wait_while_no_more_texts_may_be_read() -> None:
    first, second = waiting = jobs(2, 2)
    queue = queue_of(waiting)
    assert admit(queue, newcomers=False) is None
    assert admit(queue) is first
    assert [admit(queue, newcomers=False) for _ in range(2)] == [first, None]
    assert queue.candidates == 2
    assert admit(queue) is second


def test_a_candidate_gets_slots_for_all_its_layers_before_another_begins() -> None:
    first, second = waiting = jobs(2, 1, layers=3)
    queue = queue_of(waiting)
    assert [admit(queue) for _ in range(3)] == [first] * 3
    assert queue.candidates == 2
    assert admit(queue) is second
    assert queue.candidates == 2  # the rest of the second's candidate still waits
    assert [admit(queue) for _ in range(6)] == [second, second, first, first, first, None]
    assert queue.candidates == 0


def test_who_was_cancelled_gets_nothing() -> None:
    first, second, third = waiting = jobs(2, 2, 2)
    queue = queue_of(waiting)
    assert admit(queue) is first
    first.cancel()
    second.cancel()
    assert queue.candidates == 2
    assert [admit(queue) for _ in range(3)] == [third, third, None]


def test_drained_of_everybody() -> None:
    waiting = jobs(2, 1, 1)
    queue = queue_of(waiting)
    admit(queue)
    assert queue.drain() == waiting
    assert queue.next_job() is None
