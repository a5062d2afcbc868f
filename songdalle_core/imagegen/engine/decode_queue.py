"""Drafts on their way to the decoder: finished ones, and previews of those still being drawn."""

from __future__ import annotations

import threading

from songdalle_core.imagegen.engine.runner import Draft


class DecodeQueue:
    """Drafts that wait for the decoder: finished ones first, and one preview a slot, the newest."""

    def __init__(self) -> None:
        self._finished: list[Draft] = []
        self._previews: dict[int, Draft] = {}
        self._changed = threading.Condition()
        self._closed = False

    def put(self, draft: Draft) -> None:
        """Queue a draft."""
        with self._changed:
            if draft.finished:
                self._previews.pop(id(draft.slot), None)
                self._finished.append(draft)
            else:
                self._previews[id(draft.slot)] = draft
            self._changed.notify()

    def close(self) -> None:
        """Nothing follows: `take` gives what is finished, then nothing."""
        with self._changed:
            self._closed = True
            self._previews.clear()
            self._changed.notify()

    def take(self, most: int) -> list[Draft] | None:
        """Wait for drafts and take at most `most` whose request is still wanted; None once closed."""
        with self._changed:
            while not (self._finished or self._previews or self._closed):
                self._changed.wait()
            if not (self._finished or self._previews):
                return None
            taken, self._finished = self._finished[:most], self._finished[most:]
            while self._previews and len(taken) < most:
                taken.append(self._previews.pop(next(iter(self._previews))))
            return [one for one in taken if not one.slot.job.cancelled.is_set()]
