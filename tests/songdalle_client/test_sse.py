from __future__ import annotations

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


def decode(*chunks: bytes) -> list[Message]:
    decoder = Decoder()
    return [message for chunk in chunks for message in decoder.feed(chunk)]


def test_a_whole_stream() -> None:
    assert decode(STREAM) == MESSAGES
    assert decode(BOM + STREAM) == MESSAGES


def test_any_two_cuts_give_the_same() -> None:
    for first in range(0, len(STREAM), 3):
        for second in range(first, len(STREAM), 11):
            parts = STREAM[:first], STREAM[first:second], STREAM[second:]
            assert decode(*parts) == MESSAGES


def test_byte_by_byte() -> None:
    assert decode(*(STREAM[i : i + 1] for i in range(len(STREAM)))) == MESSAGES


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
