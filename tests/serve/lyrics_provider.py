"""A provider of lyrics on this machine, with one song, so that no test asks a real one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TRACK = {
    "id": 4711,
    "trackName": "등불",
    "artistName": "심지",
    "albumName": "작은 불빛",
    "duration": 61.0,
    "instrumental": False,
    "plainLyrics": None,
    "syncedLyrics": "[00:01.00] 언덕 위에 등불 하나\n[00:05.50] 눈이 내리는 밤바다",
}
LYRICS = "언덕 위에 등불 하나\n눈이 내리는 밤바다"
DOWN = "down"
"""A search for this is answered with an error."""


class Handler(BaseHTTPRequestHandler):
    """LRCLIB's two paths."""

    def do_GET(self) -> None:
        answer: object = TRACK if self.path == "/api/get/4711" else None
        if self.path.startswith("/api/search?q="):
            answer = [TRACK] if "%EB%93%B1%EB%B6%88" in self.path else []  # 등불
        status = 200 if answer is not None else 404
        status = 500 if self.path.endswith(DOWN) else status
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def lyrics_provider() -> Iterator[str]:
    """The address of a running one."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
