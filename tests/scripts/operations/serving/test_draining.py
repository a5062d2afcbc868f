"""Waiting for requests under way, against a server that says how many there are."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deployments.contract import stopping
from scripts.operations.serving import draining
from scripts.operations.serving.draining import ASKED, CUT, UNDER_WAY, Drain, unsent


class Service:
    """Refuses everything; `left` is what it says of requests under way."""

    def __init__(self, folder: Path) -> None:
        self.left: int | None = 2
        self.on_cut = 0
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if (folder / CUT).exists():
                    service.left = service.on_cut
                self.send_response(503)
                if service.left is not None:
                    self.send_header(UNDER_WAY, str(service.left))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = int(self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    yield service
    service.server.shutdown()
    service.server.server_close()


def drain(service: Service, folder: Path, hurry: bool = False) -> Drain:
    return Drain("127.0.0.1", service.port, folder, lambda: hurry)


def test_the_launcher_and_the_proxy_mean_the_same_files() -> None:
    for name in ("FOLDER_VARIABLE", "ASKED", "CUT", "UNDER_WAY"):
        assert getattr(draining, name) == getattr(stopping, name)


def test_it_ends_when_the_last_request_has(service: Service, tmp_path: Path) -> None:
    waiting = drain(service, tmp_path)
    assert waiting.begin() == 2
    assert (tmp_path / ASKED).exists()
    threading.Timer(0.5, setattr, (service, "left", 0)).start()
    began = time.monotonic()
    assert waiting.finish(30) == 0
    assert 0.4 < time.monotonic() - began < 20
    assert not (tmp_path / CUT).exists()


def test_who_takes_too_long_is_told(service: Service, tmp_path: Path) -> None:
    waiting = drain(service, tmp_path)
    waiting.begin()
    assert waiting.finish(0.5) == 2
    assert (tmp_path / CUT).exists()


def test_a_hurry_waits_for_nobody(service: Service, tmp_path: Path) -> None:
    waiting = drain(service, tmp_path, hurry=True)
    waiting.begin()
    waiting.finish(60)
    assert not (tmp_path / CUT).exists()


def test_who_says_nothing_is_not_waited_for(service: Service, tmp_path: Path) -> None:
    service.left = None
    assert drain(service, tmp_path).begin() is None
    service.server.shutdown()
    service.server.server_close()
    assert drain(service, tmp_path).begin() is None


def test_an_answer_that_a_client_has_not_taken_counts() -> None:
    if not Path("/proc/net/tcp").exists():
        pytest.skip("only Linux tells")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        assert unsent(port) == 0
        accepted.setblocking(False)
        try:
            while True:
                accepted.send(b"x" * 65536)
        except BlockingIOError:
            pass
        assert unsent(port) > 0
        client.close()
        accepted.close()
