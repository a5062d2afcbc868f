"""What a stream tells while covers come about."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from pydantic import Field

from songdalle_client.answers import Answer, CoverSet, Problem, Sentiment
from songdalle_client.errors import Unexpected
from songdalle_client.parsing import parse
from songdalle_client.sse import Message


class Event(Answer):
    """Base of the events."""


class Queued(Event):
    """The job is accepted, or its place in the queue changed; position 0: it is being worked on."""

    id: str
    url: str
    events_url: str
    position: int = 0
    estimate_seconds: float | None = None


class Cleaned(Event):
    """The lyrics are cleaned."""

    language: str
    lines: int


class Summarized(Event):
    """The summary stands."""

    summary: str


class Felt(Event, Sentiment):
    """The mood is predicted."""


class Translated(Event):
    """The summary is in English."""

    translation: str
    words: dict[str, Any]
    translator: str | None = None


class Prompted(Event):
    """The prompt is written; drawing begins."""

    prompt: str


class Picture(Event):
    """A candidate; `image` is a data URL."""

    candidate: int = Field(ge=0, lt=1000)
    seed: int
    image: str

    @property
    def file(self) -> bytes:
        """The image file, WebP.

        Raises:
            Unexpected: the event holds none.
        """
        _, _, body = self.image.partition(";base64,")
        try:
            return base64.b64decode(body, validate=True)
        except binascii.Error:
            raise Unexpected("a picture of the stream is no base64") from None


class Previewed(Picture):
    """An unfinished candidate."""

    fraction: float


class Judged(Picture):
    """A finished candidate with its score."""

    score: float


class Done(Event):
    """All covers are there."""

    covers: CoverSet


class Failed(Event):
    """There will be no covers."""

    problem: Problem


EVENTS: dict[str, type[Event]] = {
    "queued": Queued,
    "cleaned": Cleaned,
    "summary": Summarized,
    "sentiment": Felt,
    "translation": Translated,
    "prompt": Prompted,
    "preview": Previewed,
    "cover": Judged,
}


def read_event(message: Message) -> Event | None:
    """The event of a message; None for a kind that this client does not know.

    Raises:
        Unexpected: it does not have the shape of its kind.
    """
    name = f"event {message.name!r}"
    if message.name == "done":
        return Done(covers=parse(CoverSet, message.data, name))
    if message.name in ("failed", "error"):  # services before version 1.1 know the latter alone
        return Failed(problem=parse(Problem, message.data, name))
    kind = EVENTS.get(message.name)
    return None if kind is None else parse(kind, message.data, name)
