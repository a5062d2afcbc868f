"""Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from fastapi.sse import format_sse_event
from starlette.requests import Request
from starlette.responses import StreamingResponse

from deployments.storage.job_records import EventRecord

MEDIA_TYPE = "text/event-stream"
HEARTBEAT = b": heartbeat\n\n"
# A proxy that gathers the answer before it passes it on would make a stream of no use.
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def wanted(request: Request) -> bool:
    """Whether the client asks for a stream."""
    return MEDIA_TYPE in request.headers.get("accept", "").lower()


def last_event(header: str | None) -> int:
    """Number of the last event that the client has; 0 when it has none, or names none of ours."""
    number = (header or "").strip()
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0


def respond(events: AsyncGenerator[EventRecord | None]) -> StreamingResponse:
    """A stream of the events; None becomes a heartbeat, which keeps proxies from hanging up."""
    return StreamingResponse(_encoded(events), headers=HEADERS, media_type=MEDIA_TYPE)


async def _encoded(events: AsyncGenerator[EventRecord | None]) -> AsyncIterator[bytes]:
    async with aclosing(events) as opened:
        async for event in opened:
            if event is None:
                yield HEARTBEAT
            else:
                number = str(event.number)
                yield format_sse_event(data_str=event.data, event=event.name, id=number)
