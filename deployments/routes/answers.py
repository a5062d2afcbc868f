"""OpenAPI's descriptions of answers that several routes give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from deployments import problems, sse
from deployments.events import (
    Cleaned,
    Event,
    Felt,
    Judged,
    Previewed,
    Prompted,
    Queued,
    Summarized,
    Translated,
)

EVENTS: Sequence[type[Event]] = (
    Queued, Cleaned, Summarized, Felt, Translated, Prompted, Previewed, Judged,
)  # fmt: skip


def problem(description: str, *, wait: bool = False) -> dict[str, Any]:
    """One error status."""
    seconds = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    headers = {"headers": {"Retry-After": seconds}} if wait else {}
    return {"description": description, "content": content, **headers}


NOT_FOUND = problem("There is no such cover set or picture.")
UNEXPECTED = problem("The service made a mistake.")
INVALID = problem("A field cannot be accepted, there is nothing to draw, or it is not drawn here.")
NO_KEY = problem("The service wants a key, and this is none of its keys.")
TOO_MANY = problem("The key, or the address, has used up its requests of this minute.", wait=True)
UNAVAILABLE = problem(
    "Too many requests wait, a stage is restarting, or the database does not answer.", wait=True
)

EXAMPLE = """\
id: 1
event: queued
data: {"id":"0f","url":"/v1/covers/0f","events_url":"/v1/covers/0f/events","position":0,"estimate_seconds":1.2}

id: 2
event: cleaned
data: {"language":"ko","lines":3}

"""


def stream(description: str) -> dict[str, Any]:
    """A job's events; `done` or `error` is the last."""
    kinds = {event.name: event.__name__ for event in EVENTS}
    kinds |= {"done": "CoverSet", "error": "Problem"}
    said = f"{description} `done` or `error` is the last one."
    return sse.described(said, kinds, numbered=True, example=EXAMPLE)


def schemas(models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    """The schemas of models that no route declares, by name."""
    found: dict[str, Any] = {}
    for model in models:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs", {}) | {model.__name__: schema}
    return found
