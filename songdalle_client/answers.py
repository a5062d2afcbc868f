"""What the service answers. Fields that a newer service adds are kept, so that nothing is lost on the way."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Base of the answers."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Cover(Answer):
    """One picture; `url` is a path at the service."""

    rank: int = Field(ge=1, le=1000)
    score: float
    seed: int
    url: str


class Sentiment(Answer):
    """The mood of the lyrics."""

    label: str
    scores: dict[str, float]


class CoverSet(Answer):
    """The covers of a song, best first, and how they came about."""

    id: str
    created_at: datetime
    status: Literal["done"]
    title: str | None = None
    artist: str | None = None
    lyrics: str | None = None
    language: str
    summary: str
    translation: str
    sentiment: Sentiment
    prompt: str
    seed: int
    style: str | None = None
    models: dict[str, str]
    timings: dict[str, float]
    covers: list[Cover]
    withheld: int = 0
    notice: str


class FieldError(Answer):
    """One refused field of a request."""

    field: str
    message: str


class Problem(Answer):
    """Why there are no covers (RFC 9457)."""

    type: str = "about:blank"
    title: str = ""
    status: int
    detail: str = ""
    request_id: str = ""
    errors: list[FieldError] = []

    def describe(self) -> str:
        """For people: what is wrong, with each refused field."""
        reason = self.detail or self.title or f"status {self.status}"
        fields = (f"{error.field}: {error.message}" for error in self.errors)
        return "\n  ".join([reason, *fields])


class JobStatus(Answer):
    """A job that is not done."""

    id: str
    status: Literal["queued", "running", "failed", "cancelled"]
    created_at: datetime | None = None
    position: int | None = None
    estimate_seconds: float | None = None
    stage: str | None = None
    timings: dict[str, float] | None = None
    events_url: str | None = None
    error: Problem | None = None


class CoverSummary(Answer):
    """One line of the history."""

    id: str
    created_at: datetime
    title: str | None = None
    artist: str | None = None
    summary: str | None = None
    prompt: str | None = None
    mood: str | None = None
    style: str | None = None
    image_url: str | None = None


class HistoryPage(Answer):
    """Cover sets, the newest first, and the cursor of the next page."""

    covers: list[CoverSummary]
    next: str | None = None


class FoundSong(Answer):
    """A song that a search found."""

    id: str
    provider: str
    title: str
    artist: str
    album: str | None = None
    seconds: int | None = None


class FoundSongs(Answer):
    """The songs that a search found."""

    songs: list[FoundSong]


class SongWithLyrics(FoundSong):
    """A song with its lyrics."""

    lyrics: str


class State(Answer):
    """What all answers about a job have in common."""

    status: str
