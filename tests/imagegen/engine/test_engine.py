from __future__ import annotations

import dataclasses
import queue
import random
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from songdalle_core.imagegen.engine.engine import (
    Drawn,
    Engine,
    EngineBusy,
    EngineOptions,
    EngineStopped,
    Event,
    Failed,
    GenerationRequest,
    Preview,
)
from songdalle_core.imagegen.engine.slots import Group
from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.textbook import textbook_codes
from songdalle_core.imagegen.runtimes.runtime import Runtime

PROMPT = "a painting of a red balloon over the sea"
OPTIONS = EngineOptions(slots=8, width=4, max_waiting=64, decode_width=2)


@pytest.mark.parametrize("guidance", [1.0, 3.0])
def test_draws_the_codes_of_the_textbook(
    generator: Generator, guidance: float, runtime: Runtime
) -> None:
    sampling = SamplingOptions(temperature=0.9, top_k=20, top_p=0.9, guidance=guidance)
    with Engine(generator, OPTIONS, runtime) as engine:
        drawn = engine.draw(GenerationRequest(PROMPT, 3, seed=11, sampling=sampling))
    expected = textbook_codes(generator, PROMPT, [one.seed for one in drawn], sampling)
    assert np.array_equal(np.concatenate([one.latents for one in drawn]), expected)


def test_draw_gives_the_candidates_in_order(generator: Generator) -> None:
    request = GenerationRequest(PROMPT, 11, 4, SamplingOptions(), previews=4)
    with Engine(generator, OPTIONS) as engine:
        drawn = engine.draw(request)
    assert [one.candidate for one in drawn] == list(range(11))
    assert [one.seed for one in drawn] == [request.seed_of(number) for number in range(11)]


def test_draw_raises_what_the_engine_reports(
    generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Engine(generator, OPTIONS) as engine:
        monkeypatch.setattr(Group, "advance", out_of_memory)
        with pytest.raises(RuntimeError, match="the engine failed: out of memory") as raised:
            engine.draw(GenerationRequest(PROMPT, 2, 1, SamplingOptions()))
        assert isinstance(raised.value.__cause__, RuntimeError)


def test_draw_gives_up_in_time_and_frees_the_slots(
    generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Engine(generator, OPTIONS) as engine:
        advance = Group.advance
        monkeypatch.setattr(Group, "advance", lambda group: time.sleep(0.05) or advance(group))
        with pytest.raises(TimeoutError, match=r"not drawn within 0\.2 s"):
            engine.draw(GenerationRequest(PROMPT, 20, 1, SamplingOptions()), timeout=0.2)
        end = time.monotonic() + 30
        while (engine.stats.occupied or engine.stats.waiting) and time.monotonic() < end:
            time.sleep(0.01)
        assert (engine.stats.occupied, engine.stats.waiting) == (0, 0)
        assert engine.stats.drawn == 0


def test_a_text_that_cannot_be_read_fails_every_request(
    generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the one whose last candidate had just got its slot."""
    engine = Engine(generator, OPTIONS)
    monkeypatch.setattr(engine.stepper, "read", out_of_memory)
    with pytest.raises(RuntimeError, match="out of memory"):
        engine.draw(GenerationRequest(PROMPT, 1, 1, SamplingOptions()), timeout=10)
    engine.stop()


def out_of_memory(*arguments: object) -> None:
    raise RuntimeError("out of memory")


def test_pixels_are_the_decoded_codes(generator: Generator) -> None:
    with Engine(generator, OPTIONS) as engine:
        (drawn,) = engine.draw(GenerationRequest(PROMPT, 1, 5, SamplingOptions()))
    images = generator.rqvae.decode(torch.from_numpy(drawn.latents))
    expected = images[0].mul(127.5).add(127.5).round().clamp(0, 255).permute(1, 2, 0).numpy()
    assert drawn.layers.shape == (1, 32, 32, 3)
    assert drawn.layers.dtype == np.uint8
    assert np.abs(drawn.layers.astype(int) - expected).max() <= 1


def test_a_seed_draws_the_same_alone_and_in_a_crowd(generator: Generator, runtime: Runtime) -> None:
    sampling = SamplingOptions(guidance=2.0)
    crowded = GenerationRequest(PROMPT, 12, 40, sampling)
    seeds = [crowded.seed_of(candidate) for candidate in range(12)]
    with Engine(generator, OPTIONS, runtime) as engine:
        alone = {s: engine.draw(GenerationRequest(PROMPT, 1, s, sampling))[0] for s in seeds}
        crowd: list[list[Drawn]] = []
        threads = [
            threading.Thread(target=lambda r=r: crowd.append(engine.draw(r)))
            for r in (
                crowded,
                GenerationRequest("red heart at night", 5, 40, SamplingOptions(temperature=2.0)),
                GenerationRequest("the sea", 7, 1000, sampling),
            )
        ]
        for thread in threads:
            thread.start()
            time.sleep(0.01)
        for thread in threads:
            thread.join()
    together = next(drawn for drawn in crowd if len(drawn) == 12)
    for drawn in together:
        assert np.array_equal(drawn.latents, alone[drawn.seed].latents)
        assert np.array_equal(drawn.layers, alone[drawn.seed].layers)


def test_further_candidates_are_those_a_greater_request_would_have_had(
    generator: Generator,
) -> None:
    with Engine(generator, OPTIONS) as engine:
        whole = engine.draw(GenerationRequest(PROMPT, 6, 40, SamplingOptions()))
        further = engine.draw(GenerationRequest(PROMPT, 2, 40, SamplingOptions(), first=4))
    for one, other in zip(whole[4:], further, strict=True):
        assert one.seed == other.seed
        assert np.array_equal(one.layers, other.layers)
    with pytest.raises(ValueError, match="first is -1"):
        GenerationRequest(PROMPT, 2, 40, SamplingOptions(), first=-1)


def test_seeds_ignore_strangers_that_come_and_go(generator: Generator, runtime: Runtime) -> None:
    """More than 200 candidates, each drawn alone and again among random others, some cancelled."""
    chance = random.Random(7)
    requests = [
        GenerationRequest(
            chance.choice((PROMPT, "red heart at night", "the sea")),
            chance.randint(1, 12),
            chance.randrange(2**32),
            SamplingOptions(
                temperature=chance.choice((0.7, 1.0, 1.5)),
                top_k=chance.choice((0, 5, 40)),
                top_p=chance.choice((0.8, 1.0)),
                guidance=chance.choice((1.0, 3.0)),
            ),
        )
        for _ in range(40)
    ]
    assert sum(request.candidates for request in requests) > 200
    sizes = EngineOptions(slots=8, width=4, max_waiting=1000, decode_width=2)
    with Engine(generator, sizes, runtime) as engine:
        alone = [[engine.draw(one)[0] for one in split(request)] for request in requests]
        events: list[queue.Queue[Event]] = [queue.Queue() for _ in requests]
        for number in chance.sample(range(len(requests)), len(requests)):
            engine.submit(requests[number], events[number].put)
            stranger = engine.submit(chance.choice(requests), lambda event: None)
            time.sleep(chance.random() * 0.01)
            stranger.cancel()
        for request, answers, expected in zip(requests, events, alone, strict=True):
            for _ in range(request.candidates):
                event = answers.get(timeout=60)
                assert isinstance(event, Drawn)
                assert np.array_equal(event.latents, expected[event.candidate].latents)
                assert np.array_equal(event.layers, expected[event.candidate].layers)


def split(request: GenerationRequest) -> list[GenerationRequest]:
    """A request for each candidate of `request`."""
    seeds = (request.seed_of(candidate) for candidate in range(request.candidates))
    return [dataclasses.replace(request, candidates=1, seed=seed) for seed in seeds]


def test_previews_come_before_what_they_show(generator: Generator) -> None:
    events: queue.Queue[Event] = queue.Queue()
    with Engine(generator, OPTIONS) as engine:
        request = GenerationRequest(PROMPT, 3, 5, SamplingOptions(), previews=6)
        engine.submit(request, events.put)
        order: list[Event] = []
        while sum(isinstance(event, Drawn) for event in order) < 3:
            order.append(events.get(timeout=60))
    previews = [event for event in order if isinstance(event, Preview)]
    assert previews
    for preview in previews:
        assert 0 < preview.fraction < 1
        assert 0 < preview.lag < 20
        assert preview.seed == request.seed_of(preview.candidate)
        finished = next(
            e for e in order if isinstance(e, Drawn) and e.candidate == preview.candidate
        )
        assert order.index(preview) < order.index(finished)
        assert preview.layers.shape == finished.layers.shape


@pytest.mark.parametrize(
    ("candidates", "previews", "shown"),
    [
        (12, 8, {c: {64 // 3 if c < 4 else 43} for c in range(8)}),
        (6, 8, {0: {21, 43}, 1: {21, 43}, 2: {21}, 3: {21}, 4: {43}, 5: {43}}),
        (1, 3, {0: {16, 32, 48}}),
        (2, 4, {0: {21, 43}, 1: {21, 43}}),
        (4, 0, {}),
    ],
)
def test_previews_take_turns_in_rounds(
    candidates: int, previews: int, shown: dict[int, set[int]]
) -> None:
    request = GenerationRequest(PROMPT, candidates, 5, SamplingOptions(), previews)
    positions = {c: set(request.preview_positions(c, 64)) for c in range(candidates)}
    assert {c: after for c, after in positions.items() if after} == shown


def test_newcomers_are_read_a_few_at_a_time(
    generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = EngineOptions(slots=16, width=4, prefills=1)
    with Engine(generator, options) as engine:
        read_at: list[int] = []
        read = engine.stepper.read

        def noted(tokens: torch.Tensor) -> object:
            read_at.append(engine.stats.steps)
            return read(tokens)

        monkeypatch.setattr(engine.stepper, "read", noted)
        engine.submit(GenerationRequest(PROMPT, 1, 0, SamplingOptions()), lambda event: None)
        while not engine.stats.occupied:
            time.sleep(0.0005)
        events: queue.Queue[Event] = queue.Queue()
        for seed in range(8):
            engine.submit(GenerationRequest(PROMPT, 1, seed, SamplingOptions()), events.put)
        for _ in range(8):
            assert isinstance(events.get(timeout=60), Drawn)
    assert len(read_at) == 9
    assert len(set(read_at)) == 9  # never two before the same step


def test_seed_and_prompt_change_the_picture(generator: Generator) -> None:
    with Engine(generator, OPTIONS) as engine:
        base = engine.draw(GenerationRequest(PROMPT, 2, 1, SamplingOptions()))
        other = engine.draw(GenerationRequest("red heart at night", 1, 1, SamplingOptions()))
    assert not np.array_equal(base[0].latents, base[1].latents)
    assert not np.array_equal(base[0].latents, other[0].latents)


def test_one_text_pass_a_request(generator: Generator) -> None:
    with Engine(generator, OPTIONS) as engine:
        engine.draw(GenerationRequest(PROMPT, 8, 1, SamplingOptions()))
        assert engine.stats.prefills == 1


def test_a_single_candidate_is_not_stuck_behind_many(generator: Generator) -> None:
    finished: list[str] = []
    done = threading.Semaphore(0)

    def note(name: str) -> None:
        finished.append(name)
        done.release()

    with Engine(generator, EngineOptions(slots=4, width=4, max_waiting=64)) as engine:
        engine.submit(GenerationRequest(PROMPT, 24, 1, SamplingOptions()), lambda e: note("many"))
        engine.submit(GenerationRequest(PROMPT, 1, 9, SamplingOptions()), lambda e: note("one"))
        for _ in range(25):
            assert done.acquire(timeout=60)
    assert finished.index("one") < 12


def test_cancel_frees_the_slots(generator: Generator) -> None:
    events: list[Event] = []
    with Engine(generator, OPTIONS) as engine:
        job = engine.submit(GenerationRequest(PROMPT, 20, 1, SamplingOptions()), events.append)
        while engine.stats.occupied == 0:
            time.sleep(0.001)
        job.cancel()
        engine.draw(GenerationRequest(PROMPT, 8, 2, SamplingOptions()))
        while engine.stats.occupied:
            time.sleep(0.001)
        assert engine.stats.cancelled >= 1
        assert len(events) < 20


def test_refuses_what_would_wait_too_long(generator: Generator) -> None:
    with Engine(generator, EngineOptions(slots=4, width=4, max_waiting=20)) as engine:
        request = GenerationRequest(PROMPT, 20, 1, SamplingOptions())
        engine.submit(request, lambda e: None)
        with pytest.raises(EngineBusy, match="try again"):
            engine.submit(request, lambda e: None)


def test_stop_fails_what_is_unfinished(generator: Generator) -> None:
    events: queue.Queue[Event] = queue.Queue()
    engine = Engine(generator, OPTIONS)
    engine.submit(GenerationRequest(PROMPT, 24, 1, SamplingOptions()), events.put)
    engine.stop()
    event = events.get(timeout=10)
    while not isinstance(event, Failed):
        event = events.get(timeout=10)
    assert isinstance(event.error, EngineStopped)
    with pytest.raises(EngineStopped):
        engine.submit(GenerationRequest(PROMPT, 1, 1, SamplingOptions()), events.put)


def test_an_error_in_the_step_reaches_every_request(
    generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: queue.Queue[Event] = queue.Queue()
    engine = Engine(generator, OPTIONS)

    monkeypatch.setattr(Group, "advance", out_of_memory)
    engine.submit(GenerationRequest(PROMPT, 2, 1, SamplingOptions()), events.put)
    event = events.get(timeout=10)
    assert isinstance(event, Failed)
    assert "out of memory" in str(event.error)
    assert not engine.healthy(patience=60)
    engine.stop()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: GenerationRequest(PROMPT, 0, 1, SamplingOptions()), "at least 1"),
        (lambda: GenerationRequest(PROMPT, 1, 2**32, SamplingOptions()), "seed"),
        (lambda: EngineOptions(slots=10, width=4), "multiple"),
        (lambda: EngineOptions(slots=0), "at least 1"),
    ],
)
def test_refuses_nonsense(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]


def test_neighbouring_seeds_share_no_candidate() -> None:
    requests = [GenerationRequest(PROMPT, 24, seed, SamplingOptions()) for seed in range(200)]
    seeds = [request.seed_of(candidate) for request in requests for candidate in range(24)]
    assert len(set(seeds)) == len(seeds)
    assert [request.seed_of(0) for request in requests] == list(range(200))


def test_all_layers_of_a_candidate_come_together(
    layered_generator: Generator, runtime: Runtime
) -> None:
    """Two subjects and a ground are three code maps, drawn side by side in slots of their own."""
    request = GenerationRequest("a cat and a bird by the sea", 5, 3, SamplingOptions())
    with Engine(layered_generator, OPTIONS, runtime) as engine:
        drawn = engine.draw(request)
        (alone,) = engine.draw(replace(request, candidates=1, first=2))
    codes = textbook_codes(layered_generator, request.prompt, [one.seed for one in drawn])
    expected = codes.view(5, 3, *codes.shape[1:]).numpy()
    for one, its_codes in zip(drawn, expected, strict=True):
        assert one.layers.shape == (3, 32, 32, 4)
        assert np.array_equal(one.latents, its_codes)
    assert np.array_equal(alone.layers, drawn[2].layers)
    assert len({one.latents[0].tobytes() for one in drawn}) > 1


def test_previews_show_all_layers_or_none(layered_generator: Generator) -> None:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    request = GenerationRequest("a cat by the sea", 2, 3, SamplingOptions(), previews=4)
    with Engine(layered_generator, OPTIONS) as engine:
        engine.submit(request, events.put)
        seen = [events.get(timeout=60)]
        while sum(isinstance(event, Drawn) for event in seen) < 2:
            seen.append(events.get(timeout=60))
    previews = [event for event in seen if isinstance(event, Preview)]
    assert previews
    assert all(event.layers.shape == (2, 32, 32, 4) for event in previews)
    assert all(0 < event.fraction < 1 for event in previews)
