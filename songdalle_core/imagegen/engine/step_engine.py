"""The step engine: many requests drawn together, each step advancing every occupied slot.

One thread owns the model. A *slot* is one thing being drawn step by step: the code map of a candidate or of one
of its layers, or a candidate's latents on their way out of noise. Every step advances every occupied slot,
whatever their ages; waiting candidates join at the next step, finished and cancelled ones leave at once. A text
is read once a request and shared by the slots that draw it. A second thread turns what is drawn into pictures,
so that decoding never holds up the next step. What one step does, and how pictures are decoded, is the runner's
(`ModelRunner`): there is one for codes (`engine.codes`) and one for denoisers (`denoisers.runner`).
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Self

import numpy as np

from songdalle_core.imagegen.engine.decode_queue import DecodeQueue
from songdalle_core.imagegen.engine.options import EngineOptions, EngineStats
from songdalle_core.imagegen.engine.requests import (
    Drawn,
    Event,
    Failed,
    GenerationRequest,
    Job,
    Preview,
)
from songdalle_core.imagegen.engine.runner import Draft, ModelRunner
from songdalle_core.imagegen.engine.slots import Group, Slot
from songdalle_core.imagegen.engine.waiting import WaitingJobs


class EngineBusy(RuntimeError):
    """The queue is full: try again later."""


class EngineStopped(RuntimeError):
    """The engine was stopped, or its thread died, before the request was done."""


class StepEngine:
    """Draws submitted requests until stopped. Use as a context manager or call `stop`.

    Args:
        runner: what draws.
        options: sizes.
    """

    def __init__(self, runner: ModelRunner, options: EngineOptions) -> None:
        self.options = options
        self.stats = EngineStats()
        self._runner = runner
        self._groups: list[Group] = []
        self.resize(self.options.slots)
        self._fit_groups()
        self._waiting = WaitingJobs()
        self._lock = threading.Condition()
        self._stopping = False
        self._error: BaseException | None = None
        self._decode_queue = DecodeQueue()
        self._threads = (
            threading.Thread(target=self._draw_forever, name="engine", daemon=True),
            threading.Thread(target=self._decode_forever, name="decoder", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    # ---- called from any thread ----

    def submit(self, request: GenerationRequest, emit: Callable[[Event], None]) -> Job:
        """Queue a request; `emit` is called from the engine's threads.

        It gets `Drawn` once a candidate, `Preview` before that where previews were asked for, or `Failed` once.

        Raises:
            EngineBusy: more candidates would wait than `max_waiting`.
            EngineStopped: the engine no longer runs.
            ValueError: the model cannot draw what is asked, such as with guidance it was not trained for, or
                with codes kept that it cannot have drawn.
        """
        self._runner.check(request)
        job = Job(request, emit, self._runner.parts(request))
        with self._lock:
            if self._stopping or self._error is not None:
                raise EngineStopped("the engine no longer runs") from self._error
            waiting = self._waiting.candidates
            if waiting + request.candidates > max(self.options.max_waiting, request.candidates):
                raise EngineBusy(f"{waiting} candidates are waiting already: try again later")
            self._waiting.put(job)
            self._lock.notify()
        return job

    def draw(self, request: GenerationRequest, timeout: float = 600.0) -> list[Drawn]:
        """Draw a request and wait for it: its finished candidates, in order. Previews are passed over.

        Raises:
            RuntimeError: the engine failed or was stopped meanwhile.
            TimeoutError: it took longer than `timeout` seconds; what is left of it is cancelled.
            EngineBusy, EngineStopped, ValueError: see `submit`.
        """
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        end = time.monotonic() + timeout
        job = self.submit(request, events.put)
        candidates: list[Drawn] = []
        try:
            while len(candidates) < request.candidates:
                event = events.get(timeout=max(0.0, end - time.monotonic()))
                if isinstance(event, Failed):
                    raise RuntimeError(f"the engine failed: {event.error}") from event.error
                if isinstance(event, Drawn):
                    candidates.append(event)
        except queue.Empty:
            raise TimeoutError(f"the request was not drawn within {timeout:g} s") from None
        finally:
            job.cancel()
        return sorted(candidates, key=lambda drawn: drawn.candidate)

    def resize(self, slots: int) -> None:
        """Draw so many slots at once from the next step on; those being drawn are finished.

        Raises:
            ValueError: `slots` is not a positive multiple of the width.
        """
        if slots < 1 or slots % self.options.width:
            raise ValueError(f"slots ({slots}) must be a multiple of width ({self.options.width})")
        self._wanted_groups = slots // self.options.width

    def healthy(self, patience: float) -> bool:
        """True while both threads run and the last step of a busy engine is younger than `patience` s."""
        alive = self._error is None and all(thread.is_alive() for thread in self._threads)
        idle = self.stats.occupied == 0 and self.stats.waiting == 0
        return alive and (idle or time.monotonic() - self.stats.last_step < patience)

    def stop(self, timeout: float = 10.0) -> None:
        """End both threads; unfinished requests get `Failed`."""
        with self._lock:
            self._stopping = True
            self._lock.notify()
        for thread in self._threads:
            thread.join(timeout)

    def __enter__(self) -> Self:
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
            self._decode_queue.close()

    def _wait_for_work(self) -> bool:
        """Sleep while there is nothing to draw; False once stopping."""
        with self._lock:
            while not (self._stopping or self._occupied() or self._waiting.candidates):
                self._waiting.drain()
                self.stats.occupied = self.stats.waiting = 0
                self._lock.wait()
                self.stats.last_step = time.monotonic()
            return not self._stopping

    def _occupied(self) -> list[tuple[Group, Slot]]:
        return [(group, slot) for group in self._groups for slot in group.slots.values()]

    def _drop_cancelled(self) -> None:
        for group, slot in self._occupied():
            if slot.job.cancelled.is_set():
                group.release(slot)
                self.stats.cancelled += 1

    def _fit_groups(self) -> None:
        """As many groups as are wanted; a group too many goes once it is empty."""
        while len(self._groups) < self._wanted_groups:
            self._groups.append(Group(self._runner.rows()))
        while len(self._groups) > self._wanted_groups and not self._groups[-1].slots:
            self._groups.pop()

    def _admit(self) -> None:
        """Give free slots to waiting candidates, in the order of `WaitingJobs.next_job`."""
        self._fit_groups()
        free = [group for group in self._groups[: self._wanted_groups] for _ in group.free]
        prefills = self.options.prefills if self._occupied() else len(free)
        admitted: list[tuple[Group, Slot]] = []
        with self._lock:
            for group in free:
                job = self._waiting.next_job(newcomers=prefills > 0)
                if job is None:
                    break
                prefills -= job.admitted == 0
                admitted.append((group, group.claim(job)))
            self.stats.waiting = self._waiting.candidates
        for group, slot in admitted:
            group.begin(slot, self._text_of(slot))
        self.stats.occupied = len(self._occupied())

    def _text_of(self, slot: Slot) -> Any:
        """What the runner read of the slot's caption: once a request, those that draw it share it."""
        texts, caption = slot.job.texts, slot.part.caption
        if caption not in texts:
            texts[caption] = self._runner.read(caption)
            self.stats.prefills += 1
        return texts[caption]

    def _step(self) -> None:
        """Advance every occupied slot, and pass on what is to be looked at."""
        groups = [group for group in self._groups if group.slots]
        self._runner.step([group.rows for group in groups])
        for group in groups:
            for slot in group.advance():
                self._decode_queue.put(group.draft(slot))
                if slot.finished:
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
            jobs = [*self._waiting.drain(), *(slot.job for _, slot in self._occupied())]
            for group in self._groups:
                group.slots.clear()
        for job in dict.fromkeys(jobs):
            job.emit(Failed(error))

    # ---- the decoder's thread ----

    def _decode_forever(self) -> None:
        while (drafts := self._decode_queue.take(self.options.decode_width)) is not None:
            if drafts:
                self._decode(drafts)

    def _decode(self, drafts: list[Draft]) -> None:
        """Turn drafts into pixels and send them."""
        try:
            pixels = self._runner.decode(drafts)
        except RuntimeError as error:
            for job in dict.fromkeys(draft.slot.job for draft in drafts):
                job.cancel()
                job.emit(Failed(error))
            return
        for picture, draft in zip(pixels, drafts, strict=True):
            self._show(draft, picture)

    def _show(self, draft: Draft, picture: np.ndarray) -> None:
        """Send the candidate of a decoded draft, once there is something of all its layers."""
        job, part = draft.slot.job, draft.slot.part
        layers, seed = job.layers[part.candidate], job.request.seed_of(part.candidate)
        seeds = job.request.seeds_of(part.candidate)
        layers.put(part.layer, picture, draft.latents.numpy(), draft.fraction)
        if not layers.seen:
            return
        pixels, latents = layers.stacked()
        if layers.fraction == 1.0:
            self.stats.drawn += 1
            job.emit(Drawn(part.candidate, seed, pixels, latents, seeds))
        elif part.layer == layers.count - 1:
            lag = time.perf_counter() - draft.since
            job.emit(Preview(part.candidate, seed, layers.fraction, pixels, lag, seeds))
