"""The events of a request while it is worked on, in the order in which they happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from deployments.contract.covers import ID_PATTERN, MAX_SEED, WordNotes
from songdalle_core.lyrics import Language
from songdalle_core.moods import Mood

Candidate = Annotated[int, Field(ge=0, description="0 is the first; its place says no rank.")]
Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
DataUrl = Annotated[str, Field(description="`data:image/webp;base64,...`, with the notice in it.")]


class Event(BaseModel):
    """Base of the events; `name` is what a stream calls it."""

    model_config = ConfigDict(frozen=True)
    name: ClassVar[str]


class Queued(Event):
    """The request is accepted; sent again whenever its position changes."""

    name = "queued"
    id: str = Field(pattern=ID_PATTERN)
    url: str = Field(description="Where its state and, once done, its covers are.")
    events_url: str = Field(description="Where to listen on after a lost connection.")
    position: int = Field(ge=0, description="Place in line, 1 is the next; 0: being worked on.")
    estimate_seconds: float = Field(
        ge=0,
        description="Until it is done, by the recent pace; with the start of a generator that sleeps.",
    )


class Cleaned(Event):
    """The lyrics are cleaned."""

    name = "cleaned"
    language: Language
    lines: int = Field(ge=0, description="Lines left.")


class Summarized(Event):
    """The summary stands."""

    name = "summary"
    summary: str


class Felt(Event):
    """The mood is known."""

    name = "sentiment"
    label: Mood
    scores: dict[Mood, FiniteFloat]


class Translated(Event):
    """The summary is in English."""

    name = "translation"
    translator: str = Field(description="The model; `words.fallback` names one that stood in.")
    translation: str
    words: WordNotes


class Prompted(Event):
    """The prompt is written; drawing begins."""

    name = "prompt"
    prompt: str


class Previewed(Event):
    """An unfinished candidate, small."""

    name = "preview"
    candidate: Candidate
    seed: Seed
    fraction: float = Field(gt=0, lt=1, description="How much of it is drawn.")
    image: DataUrl


class Judged(Event):
    """A finished candidate with its score, in the generator's own resolution."""

    name = "cover"
    candidate: Candidate
    seed: Seed
    score: FiniteFloat
    image: DataUrl


class Interrupted(Event):
    """The service stops before the job is done; the job goes on when it is there again."""

    name = "interrupted"
    detail: str
    events_url: str = Field(description="Where to listen on, with the last `id`.")
    retry_after: int = Field(ge=1, description="Seconds until the first try.")


DONE = "done"
"""Ends the stream of a job that has its covers; its data is the set."""
FAILED = "failed"
"""Ends the stream of any other job; its data is the problem."""
ALIAS_OF_FAILED = "error"
"""What it was called before version 1.1, sent after it for as long as 1.1 lasts. A browser's EventSource calls
the loss of its connection by the same name."""

Emit = Callable[[Event], None]
