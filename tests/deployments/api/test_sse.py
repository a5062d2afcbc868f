from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest
from starlette.requests import Request

from deployments.api import sse
from deployments.storage.job_records import EventRecord


def test_entries_and_silence_as_a_browser_reads_them() -> None:
    closed = []

    async def entries() -> AsyncGenerator[EventRecord | None]:
        try:
            yield EventRecord(1, "cleaned", '{"lines":3}')
            yield None
            yield EventRecord(1_000_002, "summary", '{"summary":"a\\\\nb"}')
        finally:
            closed.append(True)

    async def read() -> str:
        response = sse.respond(entries(), "0f", "/sub")
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["x-accel-buffering"] == "no"
        assert response.headers["content-location"] == "/sub/v1/covers/0f/events"
        chunks = [chunk async for chunk in response.body_iterator]
        return b"".join(bytes(chunk) for chunk in chunks).decode()

    body = asyncio.run(read())
    first, beat, second = body.removesuffix("\n\n").split("\n\n")
    assert set(first.split("\n")) == {"id: 1", "event: cleaned", 'data: {"lines":3}'}
    assert beat == ": heartbeat"
    assert 'data: {"summary":"a\\\\nb"}' in second.split("\n")
    assert closed


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("text/event-stream", True),
        ("Text/Event-Stream; q=0.9, */*", True),
        ("application/json", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_only_who_names_a_stream_gets_one(accept: str, wanted: bool) -> None:
    headers = [(b"accept", accept.encode())] if accept else []
    assert sse.wanted(Request({"type": "http", "headers": headers})) is wanted


@pytest.mark.parametrize(
    ("header", "number"),
    [("17", 17), (" 17 ", 17), (None, 0), ("", 0), ("x", 0), ("-1", 0), ("٣", 0), ("9" * 19, 0)],
)
def test_the_last_event_is_a_number_of_ours(header: str | None, number: int) -> None:
    assert sse.last_event(header) == number
