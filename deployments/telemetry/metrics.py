"""Every metric of the application by name.

Ray exports each with `ray_` before its name, and a counter with `_total` behind it.

Ray adds the tags deployment, replica and application. It makes up the `_sum` of a histogram from the middles
of its buckets, so that means come from the counters of seconds here and never from `_sum`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ray.serve import metrics as serve_metrics

PREFIX = "songdalle_"
REPEAT_SECONDS = 1.0  # Ray reports no more often than that


@dataclass(frozen=True)
class Metric:
    """A name and what it means; Ray's own object is made at first use, inside a replica, whose tags it takes.

    Attributes:
        tags: names of the labels that each record gives.
    """

    name: str
    description: str
    tags: tuple[str, ...] = ()

    @property
    def exported(self) -> tuple[str, ...]:
        """The names under which Prometheus finds it."""
        return (f"ray_{PREFIX}{self.name}",)

    @property
    def _naming(self) -> dict[str, Any]:
        return {
            "name": PREFIX + self.name,
            "description": self.description,
            "tag_keys": self.tags,
        }


class Counter(Metric):
    """A sum that only grows."""

    def add(self, amount: float = 1.0, **tags: str) -> None:
        """Add `amount`; nothing at 0, which Ray refuses."""
        if amount > 0:
            self._counter.inc(amount, tags=tags)

    @property
    def exported(self) -> tuple[str, ...]:
        """The names under which Prometheus finds it."""
        return (f"ray_{PREFIX}{self.name}_total",)

    @cached_property
    def _counter(self) -> serve_metrics.Counter:
        return serve_metrics.Counter(**self._naming)


class Gauge(Metric):
    """What is now; it stays true until the next `set`."""

    def set(self, value: float) -> None:
        """Say what is now."""
        self._gauge.set(value)
        _standing.keep(self, value)

    def forget(self) -> None:
        """Say no more: who told it has ended, and Ray drops it after two reports."""
        _standing.drop(self)

    @cached_property
    def _gauge(self) -> serve_metrics.Gauge:
        return serve_metrics.Gauge(**self._naming)


class _Standing:
    """Repeats every gauge's value: Ray forgets one that is not told again within two reports."""

    def __init__(self) -> None:
        self._values: dict[Gauge, float] = {}
        self._begin = threading.Lock()
        self._thread: threading.Thread | None = None

    def keep(self, gauge: Gauge, value: float) -> None:
        """Repeat `value` from now on."""
        self._values[gauge] = value
        with self._begin:
            if self._thread is None:
                self._thread = threading.Thread(target=self._repeat, name="gauges", daemon=True)
                self._thread.start()

    def drop(self, gauge: Gauge) -> None:
        """Repeat it no more."""
        self._values.pop(gauge, None)

    def _repeat(self) -> None:
        pause = threading.Event()
        while not pause.wait(REPEAT_SECONDS):
            for gauge, value in list(self._values.items()):
                gauge._gauge.set(value)


_standing = _Standing()


@dataclass(frozen=True)
class Histogram(Metric):
    """How values spread.

    Attributes:
        bounds: upper bounds of the buckets, above 0 as Ray wants them.
    """

    bounds: tuple[float, ...] = ()

    def observe(self, value: float, **tags: str) -> None:
        """Count one value."""
        self._histogram.observe(value, tags=tags)

    @property
    def exported(self) -> tuple[str, ...]:
        """The names under which Prometheus finds it."""
        return tuple(f"ray_{PREFIX}{self.name}_{part}" for part in ("bucket", "count", "sum"))

    @cached_property
    def _histogram(self) -> serve_metrics.Histogram:
        return serve_metrics.Histogram(**self._naming, boundaries=list(self.bounds))


# From two milliseconds, which a text stage takes, to the two minutes of a large generator's time-out.
SECONDS = (
    0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0,
    30.0, 40.0, 60.0, 120.0,
)  # fmt: skip
# CLIP's are about 100 times a cosine; of a prompt and a picture that fits it seldom above 0.4.
SCORES = (2.5, 5.0, 7.5, 10.0, 12.5, 15.0, 17.5, 20.0, 22.5, 25.0, 27.5, 30.0, 35.0, 40.0)

# ---- the ingress: requests and their stages ----
REQUESTS = Counter("requests", "Requests for covers that ended, by how.", ("outcome",))
IN_PROGRESS = Gauge("requests_in_progress", "Requests for covers under way.")
REQUEST_SECONDS = Histogram(
    "request_duration_seconds", "Seconds of requests that got their covers.", bounds=SECONDS
)
STAGE_SECONDS = Counter("stage_seconds", "Seconds in a stage, calling it included.", ("stage",))
STAGE_DURATION = Histogram(
    "stage_duration_seconds", "Seconds of one pass of a stage.", ("stage",), SECONDS
)
IMAGES = Counter("images", "Covers delivered.")
SCORE = Histogram("clip_score", "Scores that the reranker gave.", bounds=SCORES)
REFUSED = Counter("prompts_refused", "Prompts refused by policy, by subject.", ("subject",))
WITHHELD = Counter("withheld", "Covers withheld by policy, by subject.", ("subject",))
RETRIES = Counter("retries", "Calls made again because a replica died.", ("stage",))

# ---- the ingress: jobs ----
JOBS_WAITING = Gauge("jobs_waiting", "Jobs in line, of all ingresses; each tells the same.")
JOBS_TAKEN_UP = Counter("jobs_taken_up", "Jobs begun again, for the ingress that had them ended.")

# ---- the stages ----
WORK_SECONDS = Counter(
    "work_seconds", "Seconds of a stage's own work, without waiting and calling.", ("worker",)
)
FALLBACKS = Counter("fallbacks", "Batches that failed and were done item by item.")
STAND_INS = Counter(
    "translator_stand_ins", "Sentences that another translator did because the chosen one failed."
)

# ---- the generator: the engine and its queue ----
SLOTS = Gauge("engine_slots", "Candidates that the engine draws at once, at most.")
SLOTS_IN_USE = Gauge("engine_slots_in_use", "Candidates being drawn.")
SLOT_SECONDS = Counter("engine_slot_seconds", "Seconds of slots in use.")
BUSY_SECONDS = Counter("engine_busy_seconds", "Seconds in which any slot was in use.")
STEPS = Counter("engine_steps", "Steps, each a position of every slot in use.")
DRAWN = Counter("engine_images", "Candidates drawn to the end.")
CANCELLED = Counter("engine_cancelled", "Candidates given up while they were drawn.")
QUEUE_DEPTH = Gauge("queue_depth", "Candidates that wait for a slot.")
QUEUE_SECONDS = Counter("queue_seconds", "Seconds that requests waited for their first slot.")
QUEUE_WAIT = Histogram(
    "queue_wait_seconds", "Seconds that one request waited for its first slot.", bounds=SECONDS
)
PREVIEW_LAG = Histogram(
    "preview_lag_seconds",
    "Seconds from a candidate's being half drawn to its preview, spent on decoding and waiting for it.",
    bounds=SECONDS,
)

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
