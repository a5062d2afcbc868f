from __future__ import annotations

import queue
import random
import threading
import time
from functools import partial

import numpy as np
import pytest

from songdalle_core.imagegen.denoisers.engine import DenoisingEngine
from songdalle_core.imagegen.engine.options import EngineOptions
from songdalle_core.imagegen.engine.requests import (
    Drawn,
    Event,
    Failed,
    GenerationRequest,
    Preview,
)
from songdalle_core.imagegen.model.options import DenoisingOptions, SamplingOptions
from tests.imagegen.denoisers.conftest import Denoisers
from tests.imagegen.denoisers.parity import LONG, SHORT
from tests.imagegen.denoisers.tiny_pipelines import FAMILIES

long = partial(pytest.param, marks=pytest.mark.long)
OPTIONS = EngineOptions(slots=8, width=4, max_waiting=1000, decode_width=2, prefills=2)
STEPS = DenoisingOptions(4)


def assert_same(one: Drawn, other: Drawn) -> None:
    """The same latents and pixels, bit for bit."""
    assert np.array_equal(one.latents, other.latents)
    assert np.array_equal(one.layers, other.layers)


@pytest.mark.parametrize(
    "family", ["stable_diffusion", *(long(each) for each in FAMILIES if each != "stable_diffusion")]
)
def test_seeds_ignore_strangers_that_come_and_go(denoisers: Denoisers, family: str) -> None:
    """60 candidates, each drawn alone and again among others of other lengths, steps and guidance."""
    chance = random.Random(7)
    ways = (STEPS, DenoisingOptions(7), DenoisingOptions(5, 3.0))
    requests = [
        GenerationRequest(
            chance.choice((SHORT, "the sea at night", LONG[:200])),
            4,
            chance.randrange(2**32),
            chance.choice(ways),
        )
        for _ in range(15)
    ]
    with DenoisingEngine(denoisers(family), OPTIONS) as engine:
        alone = [[engine.draw(one)[0] for one in split(request)] for request in requests]
        events: list[queue.Queue[Event]] = [queue.Queue() for _ in requests]
        for number in chance.sample(range(len(requests)), len(requests)):
            engine.submit(requests[number], events[number].put)
            stranger = engine.submit(chance.choice(requests), lambda event: None)
            time.sleep(chance.random() * 0.05)
            stranger.cancel()
        for request, answers, expected in zip(requests, events, alone, strict=True):
            for _ in range(request.candidates):
                event = answers.get(timeout=60)
                assert isinstance(event, Drawn)
                assert_same(event, expected[event.candidate])
        assert engine.stats.cancelled > 0


def split(request: GenerationRequest) -> list[GenerationRequest]:
    """A request for each candidate of `request`."""
    return [
        GenerationRequest(request.prompt, 1, request.seed_of(candidate), request.sampling)
        for candidate in range(request.candidates)
    ]


def test_candidates_prompts_and_seeds_differ(denoisers: Denoisers) -> None:
    with DenoisingEngine(denoisers("stable_diffusion"), OPTIONS) as engine:
        one, other = engine.draw(GenerationRequest(SHORT, 2, 1, STEPS))
        third = engine.draw(GenerationRequest("the sea at night", 1, 1, STEPS))[0]
    assert not np.array_equal(one.layers, other.layers)
    assert not np.array_equal(one.latents, third.latents)
    assert one.layers.shape == (1, 32, 32, 3)


def test_previews_come_from_the_second_step_on(denoisers: Denoisers) -> None:
    events: queue.Queue[Event] = queue.Queue()
    with DenoisingEngine(denoisers("stable_diffusion"), OPTIONS) as engine:
        request = GenerationRequest(SHORT, 4, 5, DenoisingOptions(20), previews=8)
        engine.submit(request, events.put)
        order: list[Event] = []
        while sum(isinstance(event, Drawn) for event in order) < 4:
            order.append(events.get(timeout=60))
    previews = [event for event in order if isinstance(event, Preview)]
    assert isinstance(order[0], Preview)
    assert order[0].fraction == 2 / 20
    assert {one.candidate for one in previews} == {0, 1, 2, 3}
    assert all(one.layers.shape == (1, 256, 256, 3) for one in previews)
    assert all(one.seed == request.seed_of(one.candidate) for one in previews)


def test_a_text_is_read_once_a_request(denoisers: Denoisers) -> None:
    with DenoisingEngine(denoisers("stable_diffusion"), OPTIONS) as engine:
        engine.draw(GenerationRequest(SHORT, 8, 1, STEPS))
        assert engine.stats.prefills == 1


def test_a_cancelled_request_frees_its_slots_at_the_next_step(denoisers: Denoisers) -> None:
    with DenoisingEngine(denoisers("stable_diffusion"), OPTIONS) as engine:
        job = engine.submit(
            GenerationRequest(SHORT, 8, 1, DenoisingOptions(200)), lambda event: None
        )
        wait_until(lambda: engine.stats.occupied == 8)
        job.cancel()
        steps = engine.stats.steps
        wait_until(lambda: engine.stats.occupied == 0)
        assert engine.stats.steps <= steps + 2  # the one under way, and the one that saw it
        assert engine.stats.cancelled == 8


def test_two_hundred_that_leave_hold_nothing(denoisers: Denoisers) -> None:
    with DenoisingEngine(denoisers("stable_diffusion"), OPTIONS) as engine:
        for number in range(200):
            job = engine.submit(
                GenerationRequest(SHORT, 4, number, DenoisingOptions(50)), lambda event: None
            )
            if number % 10 == 0:
                time.sleep(0.01)
            job.cancel()
        wait_until(lambda: engine.stats.occupied == engine.stats.waiting == 0)
        assert len(engine.draw(GenerationRequest(SHORT, 8, 2, STEPS), timeout=60)) == 8
        assert engine.healthy(patience=60)


def wait_until(condition: object, seconds: float = 30.0) -> None:
    """Fail unless a condition, a function, is met in time."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.0005)


def test_another_bucket_does_not_wait_for_the_first(denoisers: Denoisers) -> None:
    """A text of another length is drawn in calls of its own, of the same steps."""
    finished: list[str] = []
    done = threading.Semaphore(0)

    def note(name: str) -> None:
        finished.append(name)
        done.release()

    many = GenerationRequest(SHORT, 24, 1, DenoisingOptions(5))
    other = GenerationRequest(LONG[:60], 1, 9, DenoisingOptions(5))
    with DenoisingEngine(denoisers("z_image"), OPTIONS) as engine:
        engine.submit(many, lambda event: note("many"))
        engine.submit(other, lambda event: note("other"))
        for _ in range(25):
            assert done.acquire(timeout=60)
    assert finished.index("other") < 12


def test_refuses_what_was_made_for_codes(denoisers: Denoisers) -> None:
    with (
        DenoisingEngine(denoisers("flux"), OPTIONS) as engine,
        pytest.raises(ValueError, match="draws by DenoisingOptions"),
    ):
        engine.draw(GenerationRequest(SHORT, 1, 1, SamplingOptions()))


def test_refuses_steps_that_the_scheduler_miscounts(denoisers: Denoisers) -> None:
    """Spaced from the end, 61 steps come out as 62, the last of them at -1."""
    with (
        DenoisingEngine(denoisers("stable_diffusion"), OPTIONS) as engine,
        pytest.raises(ValueError, match=r"steps is 61, of which .* makes 62"),
    ):
        engine.draw(GenerationRequest(SHORT, 1, 1, DenoisingOptions(61)))


def test_an_error_in_a_step_reaches_every_request(
    denoisers: Denoisers, monkeypatch: pytest.MonkeyPatch
) -> None:
    denoiser = denoisers("flux")

    def out_of_memory(*arguments: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(denoiser.family, "predict", out_of_memory)
    events: queue.Queue[Event] = queue.Queue()
    engine = DenoisingEngine(denoiser, OPTIONS)
    engine.submit(GenerationRequest(SHORT, 2, 1, STEPS), events.put)
    event = events.get(timeout=10)
    assert isinstance(event, Failed)
    assert "out of memory" in str(event.error)
    engine.stop()
