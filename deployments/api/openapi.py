"""OpenAPI's descriptions of answers that several routes give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from deployments.api import problems, sse
from deployments.contract.covers import COVERS, set_url
from deployments.contract.events import (
    ALIAS_OF_FAILED,
    DONE,
    FAILED,
    Cleaned,
    Event,
    Felt,
    Interrupted,
    Judged,
    Previewed,
    Prompted,
    Queued,
    Summarized,
    Translated,
)
from songdalle_core.provenance import NOTICE

EVENTS: Sequence[type[Event]] = (
    Queued, Cleaned, Summarized, Felt, Translated, Prompted, Previewed, Judged, Interrupted,
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
    """A job's events; `done` or `failed` is the last."""
    kinds = {event.name: event.__name__ for event in EVENTS}
    kinds |= {DONE: "CoverSet", FAILED: "Problem", ALIAS_OF_FAILED: "Problem"}
    whole = (
        f"{description} `{DONE}` or `{FAILED}` is the last one. `{ALIAS_OF_FAILED}` follows `{FAILED}` with "
        "the same data, for clients of version 1.0, and goes with version 1.2."
    )
    return described(whole, kinds, numbered=True, example=EXAMPLE)


def schemas(models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    """The schemas of models that no route declares, by name."""
    schemas: dict[str, Any] = {}
    for model in models:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {}) | {model.__name__: schema}
    return schemas


def described(
    description: str, events: Mapping[str, str], *, numbered: bool, example: str = ""
) -> dict[str, Any]:
    """OpenAPI's description of a stream: `itemSchema` (OpenAPI 3.2) has every event by name.

    Args:
        events: the schema of each event's data, by the event's name.
        numbered: whether an event has an `id`, with which a client may go on.
    """
    shown = {"example": example} if example else {}
    kinds = [_kind(name, schema, numbered) for name, schema in events.items()]
    return {sse.MEDIA_TYPE: {"itemSchema": {"description": description, "oneOf": kinds}, **shown}}


def _kind(name: str, schema: str, numbered: bool) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    json = {"type": "string", "contentMediaType": "application/json", "contentSchema": reference}
    properties = {"event": {"const": name}, "data": json}
    if numbered:
        properties["id"] = {"type": "string", "pattern": r"^\d+$"}
    return {"type": "object", "title": schema, "properties": properties, "required": [*properties]}


_ID = "b488f4303cd549029a7e826b55e40ce7"
_WHEN = "2026-11-24T18:22:49.568389Z"
_URL = set_url(_ID)
_WEBP = "data:image/webp;base64,UklGRiQAAABXRUJQ"
_WORDS: dict[str, Any] = {
    "unread": [],
    "dropped": [],
    "borrowed": {},
    "pictured": ["사랑"],
    "fallback": None,
    "rude_removed": 0,
    "repeats_removed": 1,
}
_SCORES = {"Sadness": 0.01, "Power": 0.02, "Tension": 0.01, "Joyful": 0.9, "Calmness": 0.06}
_PROMPT = "a painting of a yellow balloon in the blue sky. a mood of joyful"
_PROBLEM = {
    "type": "urn:song-dalle:problem:invalid",
    "title": "The request has fields that cannot be accepted",
    "status": 422,
    "detail": "change seed: see errors",
    "instance": COVERS,
    "request_id": "0b6a8f0e-6c3f-4b5e-9d0a-0d8f8f6b2f57",
    "errors": [{"field": "seed", "message": "Input should be greater than or equal to 0"}],
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "CoverSet": {
        "id": _ID,
        "created_at": _WHEN,
        "status": "done",
        "title": "풍선",
        "artist": None,
        "lyrics": "노란 풍선 하나 손에 쥐고",
        "language": "ko",
        "summary": "노란 풍선 하나 손에 쥐고",
        "translation": "a yellow balloon in the blue sky",
        "words": _WORDS,
        "sentiment": {"label": "Joyful", "scores": _SCORES},
        "style": "painting",
        "prompt": _PROMPT,
        "seed": 7,
        "models": {"generator": "rq-transformer-embedded", "reranker": "clip-embedded"},
        "timings": {"clean": 0.01, "generate": 0.6, "total": 1.1},
        "covers": [{"rank": 1, "score": 17.532, "seed": 7, "url": f"{_URL}/images/1.png"}],
        "withheld": 0,
        "notice": NOTICE,
    },
    "ReleaseRequest": {"title": "노란 풍선", "artist": "김하늘", "notice": False},
    "JobStatus": {
        "id": _ID,
        "status": "queued",
        "created_at": _WHEN,
        "position": 2,
        "estimate_seconds": 3.4,
        "stage": None,
        "timings": {},
        "events_url": f"{_URL}/events",
    },
    "CoverPage": {
        "covers": [
            {
                "id": _ID,
                "created_at": _WHEN,
                "title": "풍선",
                "artist": None,
                "summary": "노란 풍선 하나 손에 쥐고",
                "prompt": _PROMPT,
                "mood": "Joyful",
                "style": "painting",
                "image_url": f"{_URL}/images/1.png",
            }
        ],
        "next": "120",
    },
    "RatingsSummary": {
        "count": 3,
        "satisfaction": 4.333,
        "favourites": 1,
        "moods_told": 2,
        "mood_agreement": 0.5,
        "felt_moods": {"Joyful": {"Joyful": 1, "Calmness": 1}},
        "favourite_styles": {"watercolour": 2, "painting": 1},
        "by_style": [{"name": "painting", "count": 3, "satisfaction": 4.333, "favourites": 1}],
        "by_mood": [{"name": "Joyful", "count": 3, "satisfaction": 4.333, "favourites": 1}],
        "survey": [
            {
                "question": "pair",
                "count": 14,
                "right": 9,
                "share": 0.643,
                "low": 0.388,
                "high": 0.837,
                "chance": 0.5,
                "answers": {"1": 6, "2": 8},
                "last_at": _WHEN,
            }
        ],
    },
    "Problem": _PROBLEM,
    "Health": {"status": "ok"},
    "Readiness": {
        "ready": False,
        "stages": {"generator": "no answer within 5 s"},
        "refused": {"translator": "patience: there is no such key; is it patience_s?"},
    },
    "Models": {
        "models": [
            {"stage": "generator", "model": "rq-transformer-embedded", "details": {"slots": 12}}
        ],
        "object": "list",
        "data": [
            {
                "id": "rq-transformer-embedded",
                "object": "model",
                "created": 1795544569,
                "owned_by": "song-dalle",
            }
        ],
        "refused": {},
    },
    "Queued": {
        "id": _ID,
        "url": _URL,
        "events_url": f"{_URL}/events",
        "position": 0,
        "estimate_seconds": 1.2,
    },
    "Cleaned": {"language": "ko", "lines": 3},
    "Summarized": {"summary": "노란 풍선 하나 손에 쥐고"},
    "Felt": {"label": "Joyful", "scores": _SCORES},
    "Translated": {
        "translator": "gloss",
        "translation": "a yellow balloon in the blue sky",
        "words": _WORDS,
    },
    "Prompted": {"prompt": _PROMPT},
    "Previewed": {"candidate": 0, "seed": 7, "fraction": 0.43, "image": _WEBP},
    "Interrupted": {
        "detail": "the service is being stopped: ask again in 10 s",
        "events_url": f"{_URL}/events",
        "retry_after": 10,
    },
    "Judged": {"candidate": 0, "seed": 7, "score": 17.532, "image": _WEBP},
}
