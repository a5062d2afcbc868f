"""The routes behind the HTTP server of Serve's proxy, set up by Serve's own function, without a cluster.

`tests/serve/test_front_door.py` has the same through a running cluster.
"""

from __future__ import annotations

import asyncio
import hashlib
import pickle
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from ray.serve._private.http_util import start_asgi_http_server
from ray.serve.config import HTTPOptions

from deployments.api.application import build_api
from deployments.api.proxy import middlewares
from deployments.api.service import Service
from deployments.config.user_config import AccessTunables
from deployments.contract.stopping import ASKED, CUT, FOLDER_VARIABLE
from deployments.pipeline.stage_calls import Stages
from tests.deployments.conftest import Fake, Handle

SONG = {"lyrics": "A balloon over the sea", "candidates": 1, "seed": 7}
EVE = {"sha256": hashlib.sha256(b"key of eve").hexdigest(), "name": "eve"}
SLOW = {**SONG, "prompt": "wait"}


class Painter(Fake):
    """Draws a prompt of the word "wait" when it is told to."""

    def __init__(self) -> None:
        super().__init__("generator")
        self.go = asyncio.Event()

    async def draw(self, drawing: Any) -> Any:
        if "wait" in drawing.prompt:
            await self.go.wait()
        async for cover in super().draw(drawing):
            yield cover


class Server:
    """An application at `route_prefix: /art` below `root_path: /music`, on a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.painter = Painter()
        names = ("preprocess", "summarizer", "translator", "sentiment", "reranker")
        fakes = {name: Fake(name) for name in names} | {"generator": self.painter}
        stages = Stages(**{name: Handle(fake) for name, fake in fakes.items()})
        self.service = Service(stages, folder, upscale=1)
        self.api = build_api(self.service)
        self.loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._ready = threading.Event()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        self._thread = threading.Thread(target=self.loop.run_until_complete, args=[self._serve()])
        self._thread.start()
        assert self._ready.wait(60)
        self.url = f"http://127.0.0.1:{self.port}/art"
        self.client = httpx2.Client(base_url=self.url, timeout=60, trust_env=False)

    async def _serve(self) -> None:
        options = HTTPOptions(host="127.0.0.1", port=self.port, root_path="/music")
        options.middlewares.extend(middlewares())  # as Serve does with those of its callback
        async with self.api.router.lifespan_context(self.api):
            served, server = await start_asgi_http_server(
                self._proxied, options, event_loop=self.loop
            )
            while not server.started:
                await asyncio.sleep(0.01)
            self._ready.set()
            await self._end.wait()
            self.painter.go.set()
            server.should_exit = server.force_exit = True
            await served

    async def _proxied(self, scope: Any, receive: Any, send: Any) -> None:
        """What Serve's proxy does to a request on its way to the replica."""
        if scope["type"] == "http":
            scope = pickle.loads(pickle.dumps(scope))
            assert scope["path"].startswith("/music/art")
            scope["root_path"] += "/art"
        await self.api(scope, receive, send)

    def allow(self, **tunables: Any) -> None:
        """Set keys, limits and proxies."""
        self.service.guard.tunables = AccessTunables.model_validate(tunables)

    def draw(self, song: dict[str, Any], **headers: str) -> httpx2.Response:
        """Ask for covers on a connection of one's own."""
        url = f"{self.url}/v1/covers"
        return httpx2.post(url, json=song, headers=headers, timeout=60, trust_env=False)

    def under_way(self) -> int:
        """Jobs that are being drawn."""
        return len(self.service.runner.jobs)

    def close(self) -> None:
        """End it."""
        self.client.close()
        self.loop.call_soon_threadsafe(self._end.set)
        self._thread.join(60)
        self.service.database.close()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    server = Server(tmp_path)
    yield server
    server.close()


def until(condition: Any) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_no_header_of_this_machine_gives_another_bucket(server: Server) -> None:
    server.allow(draws_per_minute=2)
    answers = []
    for n in range(5):
        headers = {"X-Forwarded-For": f"203.0.113.{n}", "X-Forwarded-Proto": "https"}
        answers.append(server.client.post("/v1/covers", json={}, headers=headers).status_code)
    assert answers == [422, 422, 429, 429, 429]


def test_a_named_proxy_tells_address_scheme_and_host(server: Server) -> None:
    server.allow(draws_per_minute=2, proxies=["127.0.0.1/32"])
    asked = {"prompt": "a red kite", "response_format": "url"}
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "art.example"}
    for n in range(4):
        headers = {**told, "X-Forwarded-For": f"203.0.113.{n}"}
        answer = server.client.post("/v1/images/generations", json=asked, headers=headers)
        assert answer.status_code == 200
        url = answer.json()["data"][0]["url"]
        assert url.startswith("https://art.example/music/art/v1/images/")
    server.allow()
    answer = server.client.post("/v1/images/generations", json=asked, headers=told)
    assert answer.json()["data"][0]["url"].startswith(f"http://127.0.0.1:{server.port}/music/art/")


def test_a_key_is_asked_for_and_addresses_lead_back(server: Server) -> None:
    made = server.client.post("/v1/covers", json=SONG).json()
    path = made["covers"][0]["url"]
    assert path == f"/music/art/v1/covers/{made['id']}/images/1.png"
    server.allow(keys=[EVE])
    assert server.client.delete("/v1/covers").status_code == 401
    assert server.client.get(path.removeprefix("/music/art")).status_code == 200
    moved = server.client.get("/v1/covers/", headers={"X-API-Key": "key of eve"})
    assert (moved.status_code, moved.headers["location"][-20:]) == (307, "/music/art/v1/covers")


def test_head_has_no_body_and_keeps_the_connection(server: Server) -> None:
    made = server.client.post("/v1/covers", json=SONG).json()
    for path in ("/healthz", "/v1/models", f"/v1/covers/{made['id']}/images/1.png", "/"):
        got, head = server.client.get(path), server.client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == got.headers["content-length"]
    stream = server.client.head(f"/v1/covers/{made['id']}/events")
    assert stream.headers["content-type"].startswith("text/event-stream")


def test_a_stop_lets_requests_end_and_tells_the_others(server: Server) -> None:
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(server.draw, SLOW)
        until(lambda: server.under_way() == 1)
        (server.folder / ASKED).touch()
        refused = server.draw(SONG)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        assert refused.headers["x-requests-under-way"] == "1"
        server.loop.call_soon_threadsafe(server.painter.go.set)
        assert first.result().status_code == 200
        assert server.client.get("/healthz").headers["x-requests-under-way"] == "0"
        server.loop.call_soon_threadsafe(server.painter.go.clear)
        (server.folder / ASKED).unlink()
        waiting = pool.submit(server.draw, SLOW)
        stream = pool.submit(server.draw, {**SLOW, "seed": 8}, accept="text/event-stream")
        until(lambda: server.under_way() == 2)
        (server.folder / ASKED).touch()
        (server.folder / CUT).touch()
        assert waiting.result().status_code == 503
        last = stream.result().text.strip().split("\n\n")[-1]
        assert "event: interrupted\n" in f"{last}\n"
        assert '"events_url":"/music/art/v1/covers/' in last
