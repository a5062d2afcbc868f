from __future__ import annotations

import threading

import pytest

from songdalle_core.translation.breaker import CircuitBreaker, CircuitOpen


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Broken(Exception):
    pass


def fail() -> None:
    raise Broken


def failing(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        with pytest.raises(Broken):
            breaker.call(fail)


def test_opens_after_failures_in_a_row() -> None:
    breaker = CircuitBreaker(failures=3, rest_s=10, clock=Clock())
    failing(breaker, 2)
    assert breaker.call(lambda: "fine") == "fine"
    failing(breaker, 2)
    assert breaker.state == "closed"
    failing(breaker, 1)
    assert breaker.state == "open"
    calls: list[int] = []
    with pytest.raises(CircuitOpen, match="3 times in a row"):
        breaker.call(calls.append, 1)
    assert calls == []


def test_one_call_tries_after_the_rest() -> None:
    clock = Clock()
    breaker = CircuitBreaker(failures=1, rest_s=10, clock=clock)
    failing(breaker, 1)
    clock.now = 9.9
    assert breaker.state == "open"
    clock.now = 10
    assert breaker.state == "half-open"
    failing(breaker, 1)
    assert breaker.state == "open", "a failed try begins another rest"
    clock.now = 20
    assert breaker.call(lambda: 1) == 1
    assert breaker.state == "closed"


def test_calls_run_side_by_side_but_only_one_tries() -> None:
    clock, both = Clock(), threading.Barrier(2, timeout=10)
    breaker = CircuitBreaker(failures=1, rest_s=10, clock=clock)
    thread = threading.Thread(target=breaker.call, args=(both.wait,))
    thread.start()
    breaker.call(both.wait)  # would time out if the other held the lock
    thread.join()
    failing(breaker, 1)
    clock.now = 10
    inside, release = threading.Event(), threading.Event()

    def slow() -> None:
        inside.set()
        release.wait(10)

    thread = threading.Thread(target=breaker.call, args=(slow,))
    thread.start()
    assert inside.wait(10)
    with pytest.raises(CircuitOpen):
        breaker.call(lambda: None)
    release.set()
    thread.join()
    assert breaker.state == "closed"


@pytest.mark.parametrize("wrong", [{"failures": 0}, {"rest_s": 0}])
def test_refuses_limits_that_mean_nothing(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        CircuitBreaker(**wrong)
