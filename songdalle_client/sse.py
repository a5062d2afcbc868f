"""Server-sent events, decoded.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Message:
    """One event: the last id that came, its name and its data."""

    id: str
    name: str
    data: str


class Decoder:
    """Turns the bytes of a stream, however they are cut, into messages.

    Args:
        max_bytes: of one event.
    """

    def __init__(self, max_bytes: int = 2**26) -> None:
        self._max = max_bytes
        self._begun = False
        self._line = bytearray()
        self._after_return = False
        self._id = ""
        self._name = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[Message]:
        """Messages that `chunk` completes.

        Raises:
            ValueError: an event is larger than allowed.
        """
        for line in self._lines(chunk):
            message = self._take(line)
            if message is not None:
                yield message

    def _lines(self, chunk: bytes) -> Iterator[bytes]:
        """Complete lines; they end with a line feed, a carriage return or both."""
        if chunk and self._after_return:
            self._after_return = False
            chunk = chunk.removeprefix(b"\n")  # the second half of a CRLF that was cut
        if chunk:
            self._after_return = chunk.endswith(b"\r")
        *whole, rest = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for part in whole:
            yield bytes(self._line + part)
            self._line.clear()
        self._line += rest
        if self._size + len(self._line) > self._max:
            raise ValueError(f"an event is larger than {self._max} bytes")

    def _take(self, line: bytes) -> Message | None:
        if not self._begun:
            self._begun = True
            line = line.removeprefix(BOM)
        if not line:
            return self._dispatch()
        self._size += len(line)
        if self._size > self._max:
            raise ValueError(f"an event is larger than {self._max} bytes")
        name, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = value
        return None

    def _dispatch(self) -> Message | None:
        message = None
        if self._data:
            message = Message(self._id, self._name or "message", "\n".join(self._data))
        self._name, self._data, self._size = "", [], 0
        return message
