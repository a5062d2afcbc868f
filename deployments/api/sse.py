"""Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing

from fastapi.sse import format_sse_event
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import StreamingResponse

from deployments.api.paths import below_prefix
from deployments.contract.covers import CoverSet, events_url
from deployments.contract.events import ALIAS_OF_FAILED, DONE, FAILED, Queued
from deployments.contract.problems import Problem
from deployments.storage.job_records import EventRecord

MEDIA_TYPE = "text/event-stream"
HEARTBEAT = b": heartbeat\n\n"
# A proxy that gathers the answer before it passes it on would make a stream of no use.
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
ADDRESSED: Mapping[str, type[BaseModel]] = {
    Queued.name: Queued, DONE: CoverSet, FAILED: Problem,
}  # fmt: skip
"""The data of the events that have addresses in them."""


def wanted(request: Request) -> bool:
    """Whether the client asks for a stream."""
    return MEDIA_TYPE in request.headers.get("accept", "").lower()


def last_event(header: str | None) -> int:
    """Number of the last event that the client has; 0 when it has none, or names none of ours."""
    number = (header or "").strip()
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0


def respond(
    events: AsyncGenerator[EventRecord | None], id: str, prefix: str = ""
) -> StreamingResponse:
    """A stream of a job's events; None becomes a heartbeat, which keeps proxies from hanging up.

    Args:
        events: of the job.
        id: of the job: the stream says in `Content-Location` where it can be taken up again.
        prefix: what addresses in the events begin with.
    """
    headers = {**HEADERS, "Content-Location": prefix + events_url(id)}
    return StreamingResponse(_encoded(events, prefix), headers=headers, media_type=MEDIA_TYPE)


async def _encoded(events: AsyncGenerator[EventRecord | None], prefix: str) -> AsyncIterator[bytes]:
    async with aclosing(events) as opened:
        async for event in opened:
            if event is None:
                yield HEARTBEAT
                continue
            data, number = _addressed(event, prefix), str(event.number)
            names = (FAILED, ALIAS_OF_FAILED) if event.name == FAILED else (event.name,)
            told = [format_sse_event(data_str=data, event=name, id=number) for name in names]
            yield b"".join(told)


def _addressed(event: EventRecord, prefix: str) -> str:
    """An event's data; the addresses in it are written down without the prefix."""
    kind = ADDRESSED.get(event.name)
    if kind is None or not prefix:
        return event.data
    return below_prefix(kind.model_validate_json(event.data), prefix).model_dump_json()
