"""A worker's preStop, against a proxy that still has requests under way."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deployments.contract.stopping import ASKED, CUT, UNDER_WAY

SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "drain.sh"

pytestmark = pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("wget")), reason="needs bash and wget"
)


class Proxy(ThreadingHTTPServer):
    """Refuses like Serve's proxy under `StopMiddleware`, with fewer requests under way each time."""

    def __init__(self, under_way: int) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.under_way = under_way
        self.asked = 0


class Answer(BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_response(503)
        self.send_header(UNDER_WAY, str(self.server.under_way))
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.under_way = max(0, self.server.under_way - 1)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a `ray` that only says that it was called."""
    ray = tmp_path / "ray"
    ray.write_text("#!/bin/sh\necho ray $@\n")
    ray.chmod(0o755)
    return tmp_path


def drain(folder: Path, url: str, seconds: int = 20) -> tuple[str, float]:
    """What it printed, and how long it took."""
    settings = {"SONGDALLE_STOP_FOLDER": str(folder / "stop"), "SONGDALLE_DRAIN_URL": url}
    environment = {**os.environ, **settings, "PATH": f"{folder}:{os.environ['PATH']}"}
    began = time.monotonic()
    done = subprocess.run(
        ["bash", str(SCRIPT), str(seconds)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (folder / "stop" / ASKED).exists()
    assert (folder / "stop" / CUT).exists()
    return done.stdout.strip(), time.monotonic() - began


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    server = Proxy(2)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def address(proxy: Proxy) -> str:
    return f"http://127.0.0.1:{proxy.server_port}/healthz"


def test_it_waits_for_requests_under_way(folder: Path, proxy: Proxy) -> None:
    assert drain(folder, address(proxy))[0] == "ray stop"
    assert proxy.asked == 3  # two, one, none


def test_it_does_not_wait_for_ever(folder: Path, proxy: Proxy) -> None:
    proxy.under_way = 1000
    assert drain(folder, address(proxy), seconds=1)[0] == "ray stop"
    assert proxy.asked < 5


def test_without_a_proxy_it_does_not_wait(folder: Path) -> None:
    said, seconds = drain(folder, "http://127.0.0.1:9/healthz", seconds=50)
    assert said == "ray stop"
    assert seconds < 30
