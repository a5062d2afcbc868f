"""The generation engine: many requests drawn together, each step advancing every occupied slot.

One thread owns the transformer. A *slot* is one candidate picture being drawn. Every step draws one spatial
position (all its codes) of every occupied slot, whatever their ages; waiting candidates join at the next
step, finished and cancelled ones leave at once. Text is read once a request and its keys and values handed
to all its candidates. A second thread turns finished code maps into pictures, so that decoding never holds up
the next step.

Steps always run `width` slots at a time, padded, so that a candidate's arithmetic is the same alone and
in a crowd: on one machine with one thread count, a seed gives the same picture bit for bit.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from songdalle_core.imagegen.autoencoder import to_pixels
from songdalle_core.imagegen.generator import Generator
from songdalle_core.imagegen.sampling import Filters, SamplingOptions, sample, uniforms
from songdalle_core.imagegen.stepping import Stepper

SEEDS = 2**32


class EngineBusy(RuntimeError):
    """The queue is full: try again later."""


class EngineStopped(RuntimeError):
    """The engine was stopped, or its thread died, before the request was done."""


@dataclass(frozen=True)
class EngineOptions:
    """Size of the engine.

    Attributes:
        slots: candidates drawn at once; more wait.
        width: slots a step advances together; `slots` is a multiple of it.
        max_waiting: candidates that may wait for a slot before requests are refused.
        decode_width: pictures decoded together.
    """

    slots: int = 24
    width: int = 12
    max_waiting: int = 240
    decode_width: int = 4

    def __post_init__(self) -> None:
        if min(self.slots, self.width, self.max_waiting, self.decode_width) < 1:
            raise ValueError(f"every size of {self} must be at least 1")
        if self.slots % self.width:
            raise ValueError(f"slots ({self.slots}) must be a multiple of width ({self.width})")


@dataclass(frozen=True)
class GenerationRequest:
    """A prompt and how many candidates to draw of it; candidate i has the seed (seed + i) mod 2**32."""

    prompt: str
    candidates: int
    seed: int
    sampling: SamplingOptions

    def __post_init__(self) -> None:
        if self.candidates < 1:
            raise ValueError(f"candidates is {self.candidates}: choose at least 1")
        if not 0 <= self.seed < SEEDS:
            raise ValueError(f"seed is {self.seed}: choose 0 to {SEEDS - 1}")

    def seed_of(self, candidate: int) -> int:
        """Seed of one candidate; a request for it alone draws the same picture."""
        return (self.seed + candidate) % SEEDS


@dataclass(frozen=True)
class Drawn:
    """A finished candidate: pixels uint8 (R, R, 3) and codes (h, w, D)."""

    candidate: int
    seed: int
    pixels: np.ndarray
    codes: np.ndarray


@dataclass(frozen=True)
class Failed:
    """The request ended without its pictures; nothing follows."""

    error: BaseException


Event = Drawn | Failed


@dataclass(eq=False)
class Job:
    """A submitted request. `cancel` may be called from any thread."""

    request: GenerationRequest
    emit: Callable[[Event], None]
    admitted: int = 0
    cancelled: threading.Event = field(default_factory=threading.Event)
    prefix: tuple[Tensor, Tensor] | None = None

    def cancel(self) -> None:
        """Give up: its slots are free at the next step, and nothing more is emitted for them."""
        self.cancelled.set()

    @property
    def waiting(self) -> int:
        """Candidates without a slot yet."""
        return 0 if self.cancelled.is_set() else self.request.candidates - self.admitted


@dataclass(eq=False)
class Slot:
    """One candidate being drawn: rows `index` (with the text) and `index + slots` (without)."""

    index: int
    job: Job
    candidate: int
    draws: Tensor  # (L, D) uniforms
    codes: Tensor  # (L, D), filled up to `position`
    context: Tensor  # (2, C) context of position 0, with and without the text
    position: int = 0


@dataclass
class EngineStats:
    """What the engine has done since it started."""

    steps: int = 0
    prefills: int = 0
    drawn: int = 0
    cancelled: int = 0
    occupied: int = 0
    waiting: int = 0
    last_step: float = field(default_factory=time.monotonic)


class Engine:
    """Draws submitted requests until stopped. Use as a context manager or call `stop`."""

    def __init__(self, generator: Generator, options: EngineOptions | None = None) -> None:
        self.generator = generator
        self.options = options or EngineOptions()
        self.stats = EngineStats()
        self.stepper = Stepper(generator.transformer, generator.rqvae, 2 * self.options.slots)
        self._free = list(reversed(range(self.options.slots)))
        self._slots: list[Slot] = []
        self._jobs: deque[Job] = deque()
        self._lock = threading.Condition()
        self._stopping = False
        self._error: BaseException | None = None
        self._finished: queue.SimpleQueue[Slot | None] = queue.SimpleQueue()
        self._drawer = threading.Thread(target=self._draw_forever, name="engine", daemon=True)
        self._decoder = threading.Thread(target=self._decode_forever, name="decoder", daemon=True)
        self._drawer.start()
        self._decoder.start()

    # ---- called from any thread ----

    def submit(self, request: GenerationRequest, emit: Callable[[Event], None]) -> Job:
        """Queue a request; `emit` is called from the engine's threads, once a candidate or with `Failed`.

        Raises:
            EngineBusy: more candidates would wait than `max_waiting`.
            EngineStopped: the engine no longer runs.
        """
        job = Job(request, emit)
        with self._lock:
            if self._stopping or self._error is not None:
                raise EngineStopped("the engine no longer runs") from self._error
            waiting = sum(other.waiting for other in self._jobs)
            if waiting + request.candidates > max(self.options.max_waiting, request.candidates):
                raise EngineBusy(f"{waiting} candidates are waiting already: try again later")
            self._jobs.append(job)
            self._lock.notify()
        return job

    def healthy(self, patience: float) -> bool:
        """True while both threads run and the last step of a busy engine is younger than `patience` s."""
        alive = self._drawer.is_alive() and self._decoder.is_alive() and self._error is None
        idle = self.stats.occupied == 0 and self.stats.waiting == 0
        return alive and (idle or time.monotonic() - self.stats.last_step < patience)

    def stop(self, timeout: float = 10.0) -> None:
        """End both threads; unfinished requests get `Failed`."""
        with self._lock:
            self._stopping = True
            self._lock.notify()
        self._drawer.join(timeout)
        self._decoder.join(timeout)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    # ---- the engine's thread ----

    def _draw_forever(self) -> None:
        try:
            while self._wait_for_work():
                self._drop_cancelled()
                self._admit()
                self._step()
            self._fail_all(EngineStopped("the engine was stopped"))
        except BaseException as error:
            self._error = error
            self._fail_all(error)
        finally:
            self._finished.put(None)

    def _wait_for_work(self) -> bool:
        """Sleep while there is nothing to draw; False once stopping."""
        with self._lock:
            while not (self._stopping or self._slots or any(job.waiting for job in self._jobs)):
                self._jobs.clear()
                self.stats.occupied = self.stats.waiting = 0
                self._lock.wait()
            self.stats.last_step = time.monotonic() if not self._slots else self.stats.last_step
            return not self._stopping

    def _drop_cancelled(self) -> None:
        for slot in [slot for slot in self._slots if slot.job.cancelled.is_set()]:
            self._release(slot)
            self.stats.cancelled += 1

    def _admit(self) -> None:
        """Give free slots to waiting candidates: fewest admitted first, then first come."""
        with self._lock:
            waiting = [job for job in self._jobs if job.waiting]
            self._jobs = deque(waiting)
            chosen = []
            while self._free and any(job.waiting for job in waiting):
                job = min((j for j in waiting if j.waiting), key=lambda j: j.admitted)
                chosen.append((job, job.admitted, self._free.pop()))
                job.admitted += 1
            self.stats.waiting = sum(job.waiting for job in waiting)
        for job, candidate, index in chosen:
            self._slots.append(self._occupy(job, candidate, index))
        self.stats.occupied = len(self._slots)

    def _occupy(self, job: Job, candidate: int, index: int) -> Slot:
        config = self.generator.transformer.config
        context = self._prefill(job, index)
        draws = uniforms(job.request.seed_of(candidate), config.positions, config.depth)
        codes = torch.zeros(config.positions, config.depth, dtype=torch.int64)
        return Slot(index, job, candidate, torch.from_numpy(draws), codes, context)

    def _prefill(self, job: Job, index: int) -> Tensor:
        """Contexts (2, C) of position 0; the first candidate reads the text, the rest copy its cache."""
        rows = torch.tensor([index, index + self.options.slots])
        if job.prefix is None:
            tokenizer = self.generator.tokenizer
            texts = (tokenizer.encode(job.request.prompt), tokenizer.unconditional())
            contexts = [self.stepper.prefill(t, rows[i : i + 1]) for i, t in enumerate(texts)]
            job.prefix = (torch.stack(contexts), self.stepper.read_prefix(rows))
            self.stats.prefills += 1
        else:
            self.stepper.write_prefix(rows, job.prefix[1])
        return job.prefix[0]

    @torch.inference_mode()
    def _step(self) -> None:
        """Draw one position of every occupied slot, `width` slots at a time."""
        for start in range(0, len(self._slots), self.options.width):
            self._step_group(self._slots[start : start + self.options.width])
        self.stats.steps += 1
        self.stats.last_step = time.monotonic()
        for slot in [slot for slot in self._slots if slot.position == len(slot.codes)]:
            self._release(slot)
            self._finished.put(slot)

    def _step_group(self, slots: Sequence[Slot]) -> None:
        """One position of up to `width` slots; idle rows repeat the first slot's and are thrown away."""
        padded = [*slots, *[slots[0]] * (self.options.width - len(slots))]
        first = torch.tensor([slot.index for slot in padded])
        rows = torch.cat([first, first + self.options.slots])
        position = torch.tensor([slot.position for slot in padded])
        previous = torch.stack([slot.codes[slot.position - 1] for slot in padded])
        context = self._contexts(padded, previous, position, rows)
        draws = torch.stack([slot.draws[slot.position] for slot in padded])
        filters = Filters.of([s.job.request.sampling for s in padded], self._vocab_size)
        codes: list[Tensor] = []
        for d in range(draws.shape[1]):
            earlier = [code.repeat(2) for code in codes]
            with_text, without = self.stepper.logits(context, earlier, rows).chunk(2)
            guided = without + filters.guidance * (with_text - without)
            codes.append(sample(guided, draws[:, d], filters))
        drawn = torch.stack(codes, dim=1)
        for row, slot in enumerate(slots):
            slot.codes[slot.position] = drawn[row]
            slot.position += 1

    def _contexts(
        self, slots: Sequence[Slot], previous: Tensor, position: Tensor, rows: Tensor
    ) -> Tensor:
        """Contexts (2 * width, C): from the prefix at position 0, from the body after it."""
        started = torch.stack([slot.context for slot in slots], dim=1).flatten(0, 1)
        if not position.any():
            return started
        # rows at position 0 go through the body too, at place 1, which their next step overwrites
        at = position.clamp_min(1).repeat(2)
        moved = self.stepper.context(previous.repeat(2, 1), at, rows)
        return torch.where((position == 0).repeat(2).unsqueeze(1), started, moved)

    @property
    def _vocab_size(self) -> int:
        return self.generator.transformer.config.vocab_size

    def _release(self, slot: Slot) -> None:
        self._slots.remove(slot)
        self._free.append(slot.index)

    def _fail_all(self, error: BaseException) -> None:
        with self._lock:
            jobs = {id(job): job for job in [*self._jobs, *(slot.job for slot in self._slots)]}
            self._jobs.clear()
            self._slots.clear()
        for job in jobs.values():
            job.emit(Failed(error))

    # ---- the decoder's thread ----

    def _decode_forever(self) -> None:
        while (slot := self._finished.get()) is not None:
            batch = [slot]
            stop = False
            while len(batch) < self.options.decode_width and not self._finished.empty():
                following = self._finished.get()
                stop = following is None
                if following is None:
                    break
                batch.append(following)
            self._decode([s for s in batch if not s.job.cancelled.is_set()])
            if stop:
                return

    @torch.inference_mode()
    def _decode(self, slots: list[Slot]) -> None:
        if not slots:
            return
        height, width, depth = self.generator.transformer.config.block_size
        padded = [*slots, *[slots[0]] * (self.options.decode_width - len(slots))]
        codes = torch.stack([slot.codes for slot in padded]).view(-1, height, width, depth)
        try:
            pixels = to_pixels(self.generator.rqvae.decode(codes)).numpy()
        except RuntimeError as error:
            for job in {id(slot.job): slot.job for slot in slots}.values():
                job.cancel()
                job.emit(Failed(error))
            return
        for row, slot in enumerate(slots):
            self.stats.drawn += 1
            seed = slot.job.request.seed_of(slot.candidate)
            slot.job.emit(Drawn(slot.candidate, seed, pixels[row], codes[row].numpy()))
