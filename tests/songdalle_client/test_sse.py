from __future__ import annotations

import re
from collections import deque

import pytest

from songdalle_client.sse import BOM, Decoder, Message

STREAM = (
    ": heartbeat\n\n"
    "id: 1\nevent: queued\ndata: {}\n\n"
    "data:first\ndata: second\n\n"
    "event: nothing\n\n"
    "id: 7\r\nevent: 등불\r\ndata\r\n\r\n"
    "id: 8\revent: old\rdata: mac\rretry: 5\rother: x\r\r"
    "data: unfinished\n"
).encode()
MESSAGES = [
    Message("1", "queued", "{}"),
    Message("1", "message", "first\nsecond"),
    Message("7", "등불", ""),
    Message("8", "old", "mac"),
]
MIXED = (
    b"data: a\r\n\n"  # CRLF, then a bare LF: the case that lost its event
    b"data: b\n\r\n"
    b"data: c\r\r\n"
    b"id: 4\r\ndata: d\r\ndata\n\r"
    b"data: e\r\r\r\n\n\r\n"
    b"event: f\rdata: f\n\n\n\r\r"
    b"data: g\r\n\r\n"
)


def decode(*chunks: bytes) -> list[Message]:
    decoder = Decoder()
    return [message for chunk in chunks for message in decoder.feed(chunk)]


def parse_whole(stream: bytes) -> list[Message]:
    """The messages of a stream that is all there, by the plainest reading of the standard."""
    messages = []
    fields: dict[str, list[str]] = {}
    last_id = ""
    *lines, _ = re.split("\r\n|\r|\n", stream.decode())
    for line in lines:
        name, _, value = line.partition(":")
        if line:
            fields.setdefault(name, []).append(value.removeprefix(" "))
            continue
        last_id = fields.get("id", [last_id])[-1]
        if "data" in fields:
            event = fields.get("event", ["message"])[-1]
            messages.append(Message(last_id, event, "\n".join(fields["data"])))
        fields = {}
    return messages


def test_a_whole_stream() -> None:
    assert decode(STREAM) == parse_whole(STREAM) == MESSAGES
    assert decode(BOM + STREAM) == MESSAGES


@pytest.mark.parametrize("stream", [STREAM, MIXED], ids=["events", "mixed line ends"])
def test_any_two_cuts_give_the_same(stream: bytes) -> None:
    messages = parse_whole(stream)
    for first in range(len(stream) + 1):
        for second in range(first, len(stream) + 1):
            parts = stream[:first], stream[first:second], stream[second:]
            assert decode(*parts) == messages, parts


@pytest.mark.parametrize("stream", [STREAM, MIXED], ids=["events", "mixed line ends"])
def test_byte_by_byte(stream: bytes) -> None:
    assert decode(*(stream[i : i + 1] for i in range(len(stream)))) == parse_whole(stream)


def test_an_empty_chunk_changes_nothing() -> None:
    assert decode(b"data: x\r", b"", b"\n", b"", b"\n") == [Message("", "message", "x")]


def test_a_message_comes_with_its_last_byte() -> None:
    decoder = Decoder()
    assert list(decoder.feed(b"data: x\r\n\r")) == [Message("", "message", "x")]
    assert list(decoder.feed(b"\n")) == []


@pytest.mark.parametrize("chunk", [b"data: x", b"data: x\n", b"x\n", b": x\n"])
def test_an_endless_event_is_refused(chunk: bytes) -> None:
    decoder = Decoder(max_bytes=1000)
    chunks = [chunk] * 1100
    with pytest.raises(ValueError, match="1000"):
        deque(message for part in chunks for message in decoder.feed(part))


def test_many_events_are_no_large_one() -> None:
    decoder = Decoder(max_bytes=100)
    for _ in range(1000):
        assert len(list(decoder.feed(b"data: 0123456789\n\n"))) == 1
