"""A local service that speaks Papago's protocol, written from its documentation, with its errors.

It checks what it is sent as the documentation says the real one does. A test scripts what goes wrong.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LANGUAGES = {
    "auto",
    "ko",
    "en",
    "ja",
    "zh-CN",
    "zh-TW",
    "vi",
    "th",
    "id",
    "fr",
    "es",
    "ru",
    "de",
    "it",
}
KEY_ID, KEY = "an-id", "a-key"


@dataclass
class Reply:
    """An answer: `body` is sent after `wait` seconds, in `drops` bytes each `pause` seconds apart."""

    status: int
    body: dict[str, Any] | bytes
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    cut: int | None = None
    drops: int | None = None
    pause: float = 0.0


def own_error(status: int, code: str, message: str) -> Reply:
    """The service's own shape."""
    return Reply(status, {"errorCode": code, "errorMessage": message})


def gateway_error(status: int, code: str, message: str, **headers: str) -> Reply:
    """The shape of the gateway before it."""
    error = {"errorCode": code, "message": message, "details": ""}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"error": error}, named)


def translation(text: str) -> Reply:
    """An answer as documented."""
    result = {"srcLangType": "ko", "tarLangType": "en", "translatedText": text}
    return Reply(200, {"message": {"result": result}})


class Papago:
    """The service: `script` holds replies for the next calls; where it is empty, texts are translated.

    A translation is the text's words counted, which shows what came over the wire.
    """

    def __init__(self) -> None:
        self.script: list[Reply] = []
        self.texts: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self.delay = 0.0
        self._lock = threading.Lock()

    def answer(self, path: str, headers: Any, body: bytes) -> Reply:
        """What the service says to a call."""
        if path != "/nmt/v1/translation":
            return gateway_error(404, "300", "Not Found")
        keys = (headers.get("x-ncp-apigw-api-key-id"), headers.get("x-ncp-apigw-api-key"))
        if keys != (KEY_ID, KEY):
            return gateway_error(401, "200", "Authentication Failed")
        with self._lock:
            asked = json.loads(body)
            self.texts.append(asked.get("text", ""))
            if self.script:
                return self.script.pop(0)
        return self._translate(asked)

    def _translate(self, asked: dict[str, str]) -> Reply:
        source, target, text = (asked.get(name) for name in ("source", "target", "text"))
        checks = [
            (not source, "N2MT01", "source parameter is needed"),
            (source not in LANGUAGES, "N2MT02", "Unsupported source language"),
            (not target, "N2MT03", "target parameter is needed"),
            (target not in LANGUAGES - {"auto"}, "N2MT04", "Unsupported target language"),
            (source == target, "N2MT05", "source and target must be different"),
            (not text, "N2MT07", "text parameter is needed"),
            (len(text or "") > 5000, "N2MT08", "text parameter exceeds max length"),
        ]
        for wrong, code, message in checks:
            if wrong:
                return own_error(400, code, message)
        assert text is not None
        return translation(f"{len(text.split())} words.")

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Count a call while it lasts."""
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            yield
        finally:
            with self._lock:
                self.at_once -= 1


@contextmanager
def serve(papago: Papago) -> Iterator[str]:
    """Run the service; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with papago.under_way():
                reply = papago.answer(self.path, self.headers, body)
                time.sleep(reply.wait or papago.delay)
                self._send(reply)

        def _send(self, reply: Reply) -> None:
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            step = reply.drops or len(body) or 1
            try:
                for start in range(0, len(body[: reply.cut]), step):
                    self.wfile.write(body[: reply.cut][start : start + step])
                    self.wfile.flush()
                    time.sleep(reply.pause)
            except OSError:
                pass  # the client has gone, as it may
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/nmt/v1/translation"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
