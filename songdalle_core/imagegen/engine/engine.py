"""The generation engine: many requests drawn together, each step advancing every occupied slot.

One thread owns the transformer. A *slot* is one candidate picture being drawn. Every step draws one spatial
position (all its codes) of every occupied slot, whatever their ages; waiting candidates join at the next
step, finished and cancelled ones leave at once. Text is read once a request and its keys and values handed
to all its candidates. A second thread turns code maps into pictures, so that decoding never holds up the
next step.

Slots come in groups that step together. A candidate's arithmetic is the same alone and in a crowd, either
because every row has arithmetic of its own (the project's kernel) or because a group always steps as a whole,
idle rows included (compiled programs): a seed gives the same picture bit for bit.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from songdalle_core.imagegen.engine.decode_queue import BatchDecoder, DecodeQueue, Drawing
from songdalle_core.imagegen.engine.requests import (
    Drawn,
    Event,
    Failed,
    GenerationRequest,
    Job,
    Preview,
)
from songdalle_core.imagegen.engine.slots import Group, Slot
from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.runtimes.rows import Stepper
from songdalle_core.imagegen.runtimes.runtime import Runtime, TorchRuntime
from songdalle_core.imagegen.runtimes.stepping import SpatialStep

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
    "Preview",
]

USUAL_RANKS = (
    128  # logits put in order unless a request needs more: sorting all of them costs a tenth
)


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
        prefills: texts read before a step, at most, so that newcomers do not hold up those drawing.
    """

    slots: int = 12
    width: int = 12
    max_waiting: int = 240
    decode_width: int = 4
    prefills: int = 2

    def __post_init__(self) -> None:
        sizes = (self.slots, self.width, self.max_waiting, self.decode_width, self.prefills)
        if min(sizes) < 1:
            raise ValueError(f"every size of {self} must be at least 1")
        if self.slots % self.width:
            raise ValueError(f"slots ({self.slots}) must be a multiple of width ({self.width})")


@dataclass
class EngineStats:
    """What the engine has done since it started.

    Attributes:
        busy_seconds: for how long any slot was occupied.
        slot_seconds: the same, added up over the slots.
    """

    steps: int = 0
    prefills: int = 0
    drawn: int = 0
    cancelled: int = 0
    occupied: int = 0
    waiting: int = 0
    busy_seconds: float = 0.0
    slot_seconds: float = 0.0
    last_step: float = field(default_factory=time.monotonic)


class Engine:
    """Draws submitted requests until stopped. Use as a context manager or call `stop`.

    Args:
        generator: what draws, on the runtime's device.
        options: sizes.
        runtime: what runs it; PyTorch on the CPU unless told otherwise.
    """

    def __init__(
        self,
        generator: Generator,
        options: EngineOptions | None = None,
        runtime: Runtime | None = None,
    ) -> None:
        self.generator = generator
        self.options = options or EngineOptions()
        self.stats = EngineStats()
        runtime = runtime or TorchRuntime()
        self.stepper = _stepper(generator, runtime, self.options.width)
        self._decoding = BatchDecoder(generator.rqvae, runtime, self.options.decode_width)
        self._groups: list[Group] = []
        self.resize(self.options.slots)
        self._grow()
        self._jobs: deque[Job] = deque()
        self._lock = threading.Condition()
        self._stopping = False
        self._error: BaseException | None = None
        self._drawings = DecodeQueue()
        self._drawer = threading.Thread(target=self._draw_forever, name="engine", daemon=True)
        self._decoder = threading.Thread(target=self._decode_forever, name="decoder", daemon=True)
        self._drawer.start()
        self._decoder.start()

    # ---- called from any thread ----

    def submit(self, request: GenerationRequest, emit: Callable[[Event], None]) -> Job:
        """Queue a request; `emit` is called from the engine's threads.

        It gets `Drawn` once a candidate, `Preview` before that where previews were asked for, or `Failed` once.

        Raises:
            EngineBusy: more candidates would wait than `max_waiting`.
            EngineStopped: the engine no longer runs.
            ValueError: guidance is asked of a model that was not trained for it.
        """
        if request.sampling.guidance > 1 and not self.generator.guided:
            raise ValueError(f"{self.generator.name} was not trained for guidance: leave it at 1")
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

    def resize(self, slots: int) -> None:
        """Draw so many candidates at once from the next step on; those being drawn are finished.

        Raises:
            ValueError: `slots` is not a positive multiple of the width.
        """
        if slots < 1 or slots % self.options.width:
            raise ValueError(f"slots ({slots}) must be a multiple of width ({self.options.width})")
        self._wanted_groups = slots // self.options.width

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
            self._drawings.close()

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

    def _grow(self) -> None:
        """As many groups as are wanted; a group too many goes once it is empty."""
        while len(self._groups) < self._wanted_groups:
            self._groups.append(Group(self.stepper.rows()))
        while len(self._groups) > self._wanted_groups and not self._groups[-1].slots:
            self._groups.pop()

    def _admit(self) -> None:
        """Give free slots to waiting candidates: a request's first candidate first, then first come.

        So every newcomer has something to show soon and a request for one cover is not stuck behind one for
        24, and yet sets are finished one after the other, which keeps the mean time to a set low.
        """
        self._grow()
        free = [group for group in self._groups[: self._wanted_groups] for _ in group.free]
        prefills, chosen = self.options.prefills if self._drawing() else len(free), []
        with self._lock:
            self._jobs = deque(job for job in self._jobs if job.waiting)
            able = [job for job in self._jobs if job.text is not None]
            unread = [job for job in self._jobs if job.text is None]
            able += unread[:prefills]
            while free and any(job.waiting for job in able):
                job = min((j for j in able if j.waiting), key=lambda j: j.admitted > 0)
                chosen.append((free.pop(0), job, job.admitted))
                job.admitted += 1
            self._jobs = deque(job for job in self._jobs if job.waiting)
            self.stats.waiting = sum(job.waiting for job in self._jobs)
        for group, job, candidate in chosen:
            self._occupy(group, Slot(group.free.pop(), job, candidate))
        self.stats.occupied = len(self._drawing())

    def _occupy(self, group: Group, slot: Slot) -> None:
        """Start a slot; the first candidate of a request reads its text, the rest share it."""
        job = slot.job
        if job.text is None:
            job.text = self.stepper.read(self.generator.read(job.request.prompt))
            self.stats.prefills += 1
        group.occupy(slot, job.text)

    def _step(self) -> None:
        """Draw one position of every occupied slot, and pass on what is to be looked at."""
        for group in self._groups:
            if group.slots:
                for slot in group.step():
                    self._drawings.put(Drawing(slot, group.codes(slot), slot.position))
                    if slot.position == group.positions:
                        group.release(slot)
        self._count_step()

    def _count_step(self) -> None:
        stats, now = self.stats, time.monotonic()
        stats.steps += 1
        stats.busy_seconds += now - stats.last_step
        stats.slot_seconds += stats.occupied * (now - stats.last_step)
        stats.last_step = now

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
        while (batch := self._drawings.take(self.options.decode_width)) is not None:
            if batch:
                self._decode(batch)

    def _decode(self, batch: list[Drawing]) -> None:
        """Turn code maps into pictures and send them."""
        shape = self.generator.transformer.config.block_size
        try:
            pixels = self._decoding.decode(batch).numpy()
        except RuntimeError as error:
            for job in {id(drawing.slot): drawing.slot.job for drawing in batch}.values():
                job.cancel()
                job.emit(Failed(error))
            return
        for picture, drawing in zip(pixels, batch, strict=True):
            job, candidate = drawing.slot.job, drawing.slot.candidate
            seed = job.request.seed_of(candidate)
            if drawing.finished:
                self.stats.drawn += 1
                job.emit(Drawn(candidate, seed, picture, drawing.codes.view(shape).numpy()))
            else:
                fraction = drawing.position / len(drawing.codes)
                lag = time.perf_counter() - drawing.since
                job.emit(Preview(candidate, seed, fraction, picture, lag))


def _stepper(generator: Generator, runtime: Runtime, width: int) -> Stepper:
    """The step, ready for usual requests and for those that choose among more codes."""
    branches = 2 if generator.guided else 1
    step = SpatialStep(generator.transformer, generator.rqvae, width, branches).eval()
    vocab_size = step.config.vocab_size
    usual = max(USUAL_RANKS, generator.sampling.ranks(vocab_size))
    return runtime.stepper(
        step, generator.tokenizer.unconditional(), (min(usual, vocab_size), vocab_size)
    )
