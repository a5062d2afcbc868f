from __future__ import annotations

from deployments.jobs.generator_replicas import GeneratorReplicas


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_one_that_runs_is_not_waited_for() -> None:
    assert GeneratorReplicas().delay(30) == 0
    assert not GeneratorReplicas().asleep


def test_a_start_is_told_less_what_was_waited() -> None:
    clock = Clock()
    replicas = GeneratorReplicas(clock)
    replicas.note(0, wanted=False)
    clock.now += 500  # nobody asks for anything
    assert replicas.asleep
    assert replicas.delay(30) == 30
    replicas.note(0, wanted=True)
    clock.now += 10
    assert replicas.delay(30) == 20
    clock.now += 40  # it takes longer than was thought
    assert replicas.delay(30) == 0


def test_starts_that_were_seen_replace_the_guess() -> None:
    clock = Clock()
    replicas = GeneratorReplicas(clock)

    def start(seconds: float) -> None:
        replicas.note(0, wanted=True)
        clock.now += seconds
        replicas.note(1, wanted=True)
        replicas.note(0, wanted=False)

    start(12)
    assert replicas.delay(30) == 12
    start(20)
    assert replicas.delay(30) == 16


def test_a_job_that_went_away_counts_no_start() -> None:
    clock = Clock()
    replicas = GeneratorReplicas(clock)
    replicas.note(0, wanted=True)
    clock.now += 5
    replicas.note(0, wanted=False)
    clock.now += 300
    replicas.note(0, wanted=True)
    clock.now += 8
    replicas.note(2, wanted=True)
    replicas.note(0, wanted=False)
    assert replicas.delay(30) == 8
