"""A local HTTP server that serves files well or badly, as a test asks."""

from __future__ import annotations

import hashlib
import socket
import ssl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Manner:
    """How one request is answered.

    Args:
        status: an error in place of the file.
        hang_up: close the connection without a response.
        headers: further headers.
        cut: close the connection after so many bytes of the body.
        stall: fall silent after so many bytes of the body.
        corrupt: flip the byte in the middle of the file.
        ranges: honour `Range`.
        conditions: honour `If-Range`; without, a range of whatever is there now.
        length: send `Content-Length`.
    """

    status: int | None = None
    hang_up: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    stall: int | None = None
    corrupt: bool = False
    ranges: bool = True
    conditions: bool = True
    length: bool = True


@dataclass
class Request:
    """One request that came."""

    method: str
    path: str
    headers: dict[str, str]

    @property
    def range(self) -> str | None:
        return self.headers.get("range")


class FileServer:
    """Files by path. A path's own manners, then those asked for, are used up; then `manner` holds."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.manner = Manner()
        self.next_manners: deque[Manner] = deque()
        self.path_manners: dict[str, list[Manner]] = {}
        self.requests: list[Request] = []
        self.tags = True  # send ETags
        self.dates: dict[str, str] = {}  # Last-Modified by path
        self.file_headers: dict[str, dict[str, str]] = {}
        self._released = threading.Event()
        owner = self

        class Handler(_Handler):
            files = owner

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator[FileServer]:
        """Serve within the block."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self._released.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def encrypt(self, certificate: Path, key: Path) -> None:
        """Speak TLS from now on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = self.url.replace("http:", "https:")

    def ask(self, *manners: Manner) -> None:
        """Answer the coming requests so."""
        self.next_manners.extend(manners)

    def take_manner(self, path: str) -> Manner:
        if self.path_manners.get(path):
            return self.path_manners[path].pop(0)
        return self.next_manners.popleft() if self.next_manners else self.manner

    def ranges(self) -> list[str | None]:
        """The `Range` of every request so far."""
        return [request.range for request in self.requests]

    def tag(self, path: str) -> str:
        return '"' + hashlib.sha256(self.files[path]).hexdigest()[:16] + '"'

    def stay_silent(self) -> None:
        """Hold a connection open until the server ends."""
        self._released.wait(60)


class _Handler(BaseHTTPRequestHandler):
    files: FileServer
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the tests' output clean."""

    def _answer(self, body: bool) -> None:
        server = self.files
        path = self.path.partition("?")[0]
        seen = {name.lower(): value for name, value in self.headers.items()}
        server.requests.append(Request(self.command, path, seen))
        manner = server.take_manner(path)
        self.close_connection = True
        if manner.hang_up:
            return
        if manner.status or path not in server.files:
            self._refuse(manner.status or 404, manner)
            return
        with suppress(OSError):  # the client left
            self._send(path, manner, body)

    def _refuse(self, status: int, manner: Manner) -> None:
        self.send_response(status)
        # a client told nothing would use the connection again while it closes
        headers = {"Connection": "close", "Content-Length": "0", **manner.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, path: str, manner: Manner, body: bool) -> None:
        server = self.files
        data = server.files[path]
        if manner.corrupt:
            middle = len(data) // 2
            data = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        start = self._start(path, manner)
        if start is not None and start >= len(data):
            self._refuse(416, Manner(headers={"Content-Range": f"bytes */{len(data)}"}))
            return
        self.send_response(200 if start is None else 206)
        headers = {"Connection": "close"}
        if start is not None:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        if manner.length:
            headers["Content-Length"] = str(len(data) - (start or 0))
        if server.tags:
            headers["ETag"] = server.tag(path)
        if path in server.dates:
            headers["Last-Modified"] = server.dates[path]
        headers |= server.file_headers.get(path, {}) | manner.headers
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self._send_body(data[start or 0 :], manner)

    def _start(self, path: str, manner: Manner) -> int | None:
        """First byte of the range to send, None for the whole file."""
        wanted = self.headers.get("Range")
        if wanted is None or not manner.ranges:
            return None
        condition = self.headers.get("If-Range")
        current = (self.files.tag(path), self.files.dates.get(path))
        if manner.conditions and condition is not None and condition not in current:
            return None
        return int(wanted.removeprefix("bytes=").partition("-")[0])

    def _send_body(self, data: bytes, manner: Manner) -> None:
        end = next((n for n in (manner.cut, manner.stall) if n is not None), len(data))
        self.wfile.write(data[:end])
        self.wfile.flush()
        if manner.stall is not None:
            self.files.stay_silent()
        # all that was sent arrives before the end does
        self.connection.shutdown(socket.SHUT_WR)
