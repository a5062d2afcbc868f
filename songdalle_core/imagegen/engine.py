"""The generation engine: many requests drawn together, each step advancing every occupied slot.

One thread owns the transformer. A *slot* is one candidate picture being drawn. Every step draws one spatial
position (all its codes) of every occupied slot, whatever their ages; waiting candidates join at the next
step, finished and cancelled ones leave at once. Text is read once a request and its keys and values handed
to all its candidates. A second thread turns finished code maps into pictures, so that decoding never holds up
the next step.

Slots come in groups of a fixed width that step together, idle rows included, so that a candidate's
arithmetic is the same alone and in a crowd: on one machine with one thread count, a seed gives the same
picture bit for bit.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from songdalle_core.imagegen.autoencoder import to_pixels
from songdalle_core.imagegen.generator import Generator
from songdalle_core.imagegen.requests import Drawn, Event, Failed, GenerationRequest, Job
from songdalle_core.imagegen.sampling import sample
from songdalle_core.imagegen.slots import Group, Slot
from songdalle_core.imagegen.stepping import Stepper

__all__ = [
    "Drawn",
    "Engine",
    "EngineBusy",
    "EngineOptions",
    "EngineStats",
    "EngineStopped",
    "Event",
    "Failed",
    "GenerationRequest",
    "Job",
]


class EngineBusy(RuntimeError):
    """The queue is full: try again later."""


class EngineStopped(RuntimeError):
    """The engine was stopped, or its thread died, before the request was done."""


@dataclass(frozen=True)
class EngineOptions:
    """Size of the engine.

    Attributes:
        slots: candidates drawn at once; more wait.
        width: slots of a group, which steps as one batch; `slots` is a multiple of it.
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
        width, groups = self.options.width, self.options.slots // self.options.width
        self.stepper = Stepper(generator.transformer, generator.rqvae, groups, width)
        self._groups = [Group(number, width, generator) for number in range(groups)]
        self._no_text = self.stepper.read_text(generator.tokenizer.unconditional())
        self._jobs: deque[Job] = deque()
        self._lock = threading.Condition()
        self._stopping = False
        self._error: BaseException | None = None
        self._finished: queue.SimpleQueue[tuple[Slot, Tensor] | None] = queue.SimpleQueue()
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
            while not (self._stopping or self._drawing() or any(job.waiting for job in self._jobs)):
                self._jobs.clear()
                self.stats.occupied = self.stats.waiting = 0
                self._lock.wait()
                self.stats.last_step = time.monotonic()
            return not self._stopping

    def _drawing(self) -> list[tuple[Group, Slot]]:
        return [(group, slot) for group in self._groups for slot in group.slots.values()]

    def _drop_cancelled(self) -> None:
        for group, slot in self._drawing():
            if slot.job.cancelled.is_set():
                group.release(slot)
                self.stats.cancelled += 1

    def _admit(self) -> None:
        """Give free slots to waiting candidates: fewest admitted first, then first come."""
        free = [group for group in self._groups for _ in group.free]
        chosen = []
        with self._lock:
            waiting = [job for job in self._jobs if job.waiting]
            while free and any(job.waiting for job in waiting):
                job = min((j for j in waiting if j.waiting), key=lambda j: j.admitted)
                chosen.append((free.pop(0), job, job.admitted))
                job.admitted += 1
            self._jobs = deque(job for job in waiting if job.waiting)
            self.stats.waiting = sum(job.waiting for job in waiting)
        for group, job, candidate in chosen:
            self._occupy(group, Slot(group.free.pop(), job, candidate))
        self.stats.occupied = len(self._drawing())

    def _occupy(self, group: Group, slot: Slot) -> None:
        """Start a slot; the first candidate of a request reads its text, the rest share it."""
        if slot.job.text is None:
            tokens = self.generator.tokenizer.encode(slot.job.request.prompt)
            slot.job.text = self.stepper.read_text(tokens)
            self.stats.prefills += 1
        for row, (context, prefix) in (
            (slot.index, slot.job.text),
            (slot.index + self.options.width, self._no_text),
        ):
            group.started[row] = context
            self.stepper.place_text(prefix, group.number, row)
        group.occupy(slot)

    def _step(self) -> None:
        """Draw one position of every occupied slot."""
        for group in self._groups:
            if group.slots:
                self._step_group(group)
        self.stats.steps += 1
        self.stats.last_step = time.monotonic()

    @torch.inference_mode()
    def _step_group(self, group: Group) -> None:
        """The D codes of the next position of each of the group's slots."""
        rows = torch.arange(self.options.width)
        context = self._contexts(group, rows)
        draws = group.draws[rows, group.position]
        codes: list[Tensor] = []
        for d in range(draws.shape[1]):
            earlier = [code.repeat(2) for code in codes]
            with_text, without = self.stepper.logits(context, earlier).chunk(2)
            guided = without + group.filters.guidance * (with_text - without)
            codes.append(sample(guided, draws[:, d], group.filters))
        group.codes[rows, group.position] = torch.stack(codes, dim=1)
        for slot in list(group.slots.values()):
            slot.position += 1
            group.position[slot.index] = slot.position
            if slot.position == group.codes.shape[1]:
                self._finished.put((slot, group.codes[slot.index].clone()))
                group.release(slot)

    def _contexts(self, group: Group, rows: Tensor) -> Tensor:
        """Contexts (2 * width, C): from the text at position 0, from the body after it."""
        position = group.position
        if not position.any():
            return group.started
        # rows at position 0 go through the body too; what they store, their next step overwrites
        previous = group.codes[rows, (position - 1).clamp_min(0)].repeat(2, 1)
        moved = self.stepper.context(previous, position.clamp_min(1).repeat(2), group.number)
        return torch.where((position == 0).repeat(2).unsqueeze(1), group.started, moved)

    def _fail_all(self, error: BaseException) -> None:
        with self._lock:
            jobs = {
                id(job): job for job in [*self._jobs, *(slot.job for _, slot in self._drawing())]
            }
            self._jobs.clear()
            for group in self._groups:
                group.slots.clear()
        for job in jobs.values():
            job.emit(Failed(error))

    # ---- the decoder's thread ----

    def _decode_forever(self) -> None:
        while (finished := self._finished.get()) is not None:
            batch = [finished]
            while len(batch) < self.options.decode_width and not self._finished.empty():
                following = self._finished.get()
                if following is None:
                    self._finished.put(None)  # decode what is here, then end
                    break
                batch.append(following)
            self._decode([entry for entry in batch if not entry[0].job.cancelled.is_set()])

    @torch.inference_mode()
    def _decode(self, finished: list[tuple[Slot, Tensor]]) -> None:
        """Turn code maps into pictures, always `decode_width` at a time."""
        if not finished:
            return
        padded = [*finished, *[finished[0]] * (self.options.decode_width - len(finished))]
        shape = self.generator.transformer.config.block_size
        codes = torch.stack([codes for _, codes in padded]).view(-1, *shape)
        try:
            pixels = to_pixels(self.generator.rqvae.decode(codes)).numpy()
        except RuntimeError as error:
            for job in {id(slot.job): slot.job for slot, _ in finished}.values():
                job.cancel()
                job.emit(Failed(error))
            return
        for row, (slot, _) in enumerate(finished):
            self.stats.drawn += 1
            seed = slot.job.request.seed_of(slot.candidate)
            slot.job.emit(Drawn(slot.candidate, seed, pixels[row], codes[row].numpy()))
