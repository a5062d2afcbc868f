"""What stands between a client and the routes, through `make serve`'s launcher and Serve's real proxy.

One service below a prefix of its own and one that a proxy takes away, with keys and limits; then it stops.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from deployments.api.access import guarded
from scripts.operations.serving.watcher import ANSI, DASHBOARD
from tests.deployments.streams import ServerSentEvent, events
from tests.serve.conftest import ROOT, free_port

PREFIX = "/music/art"  # in addresses; requests come without /music
ANN = {"Authorization": "Bearer key of ann"}
BOB = {"Authorization": "Bearer key of bob"}
START_SECONDS = 500.0
STOP_SECONDS = 10.0
SONG = {"lyrics": "A balloon over the sea", "candidates": 1, "seed": 7}
DRAWS = 8


def config(port: int) -> dict[str, Any]:
    keys = [
        {"name": name, "sha256": hashlib.sha256(f"key of {name}".encode()).hexdigest()}
        for name in ("ann", "bob")
    ]
    access = {"keys": keys, "draws_per_minute": DRAWS}
    ingress = {"name": "Ingress", "user_config": {"access": access}}
    application = {
        "name": "light",
        "route_prefix": "/art",
        "import_path": "tests.serve.light_app:build",
        "deployments": [ingress],
    }
    http = {"host": "127.0.0.1", "port": port, "root_path": "/music"}
    return {"http_options": http, "applications": [application]}


class Launched:
    """The launcher, and a client of what it started."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        (folder / "config.yaml").write_text(yaml.safe_dump(config(self.port)))
        words = [sys.executable, str(ROOT / "scripts" / "operations" / "serve.py")]
        words += ["--config", str(folder / "config.yaml"), "--data", str(folder / "data")]
        words += ["--stop-seconds", f"{STOP_SECONDS:g}", "--start-seconds", f"{START_SECONDS:g}"]
        path = filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])
        env = {**os.environ, "PYTHONPATH": ":".join(path)}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            words, cwd=ROOT, env=env, stdout=pipe, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []
        guard = threading.Timer(START_SECONDS + 60, self.process.kill)
        guard.start()
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if "ready" in line:
                break
        guard.cancel()
        assert "ready" in self.lines[-1], self.lines
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx2.Client(base_url=f"{self.url}/art", timeout=60, trust_env=False)

    def stop(self) -> None:
        """Ask for it and wait; does nothing the second time."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            assert self.process.stdout is not None
            self.lines += self.process.stdout.readlines()
            self.process.wait(120)


@pytest.fixture(scope="module")
def launched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    launched = Launched(tmp_path_factory.mktemp("front"))
    yield launched
    launched.stop()
    launched.client.close()


def below(launched: Launched, path: str, **how: Any) -> httpx2.Response:
    """GET of an address that an answer told, as a proxy passes it on."""
    assert path.startswith(f"{PREFIX}/")
    return launched.client.get(path.removeprefix(PREFIX), **how)


def test_every_route_wants_a_key_below_a_prefix(launched: Launched) -> None:
    document = launched.client.get("/openapi.json").json()
    assert document["servers"] == [{"url": PREFIX}]
    wanting = set()
    for path, operations in document["paths"].items():
        for method in [*operations, *(["head"] if "get" in operations else [])]:
            if launched.client.request(method, path).status_code == 401:
                wanting.add(path)
    assert wanting == {path for path in document["paths"] if guarded(path)}
    openai = launched.client.post("/v1/images/generations", json={})
    assert (openai.status_code, set(openai.json())) == (401, {"error"})


def test_addresses_lead_back_and_to_their_owner_alone(launched: Launched) -> None:
    client = launched.client
    made = client.post("/v1/covers", json=SONG, headers=ANN)
    assert made.headers["content-location"] == f"{PREFIX}/v1/covers/{made.json()['id']}"
    assert below(launched, made.json()["covers"][0]["url"]).headers["content-type"] == "image/png"
    url = made.headers["content-location"]
    assert below(launched, url, headers=ANN).status_code == 200
    assert below(launched, url, headers=BOB).status_code == 404
    assert client.delete("/v1/covers", headers=BOB).status_code == 204
    assert len(client.get("/v1/covers", headers=ANN).json()["covers"]) == 1
    page = client.get("/")
    assert page.status_code == 200
    assert client.get("/web/app.js").status_code == 200
    refused = client.put("/v1/covers", headers=ANN)
    assert refused.headers["allow"] == "DELETE, GET, HEAD, POST"


def test_head_has_no_body_and_keeps_the_connection(launched: Launched) -> None:
    client = launched.client
    id = client.get("/v1/covers", headers=ANN).json()["covers"][0]["id"]
    for path in ("/healthz", f"/v1/covers/{id}", f"/v1/covers/{id}/images/1.png"):
        got, head = client.get(path, headers=ANN), client.head(path, headers=ANN)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == got.headers["content-length"]
    head = client.head(f"/v1/covers/{id}/events", headers=ANN)
    assert head.headers["content-type"].startswith("text/event-stream")


def test_an_event_source_is_sent_away_at_the_end(launched: Launched) -> None:
    client = launched.client
    id = client.get("/v1/covers", headers=ANN).json()["covers"][0]["id"]
    stream = client.get(f"/v1/covers/{id}/events", headers=ANN)
    last = list(events(stream.text.split("\n")))[-1]
    assert (last.name, last.data["covers"][0]["url"][: len(PREFIX)]) == ("done", PREFIX)
    again = {**ANN, "Last-Event-ID": str(last.number)}
    assert client.get(f"/v1/covers/{id}/events", headers=again).status_code == 204


def test_no_header_of_this_machine_gives_another_bucket(launched: Launched) -> None:
    """Guesses of keys are counted for the address, which Serve's HTTP server would take from a header."""
    answers = [
        launched.client.post("/v1/covers", json={}, headers={"X-Forwarded-For": f"203.0.113.{n}"})
        for n in range(DRAWS + 3)
    ]
    assert {answer.status_code for answer in answers[:2]} <= {401, 429}
    assert {answer.status_code for answer in answers[DRAWS:]} == {429}


def test_a_new_key_holds_when_the_deployment_is_healthy_again(launched: Launched) -> None:
    """As docs/operations.md says: right after it was asked for, the status is still that of before."""
    log = Path(launched.lines[0].rpartition("(log: ")[2].strip().removesuffix(")"))
    found = DASHBOARD.search(ANSI.sub("", log.read_text()))
    assert found is not None
    api = f"http://{found[1]}:{found[2]}/api/serve/applications/"
    changed = config(launched.port)
    access = changed["applications"][0]["deployments"][0]["user_config"]["access"]
    access["keys"].append({"name": "eve", "sha256": hashlib.sha256(b"key of eve").hexdigest()})
    seen: list[tuple[str, int]] = []
    with httpx2.Client(timeout=60, trust_env=False) as dashboard:
        dashboard.put(api, json=changed).raise_for_status()
        end = time.monotonic() + 120
        while time.monotonic() < end and (not seen or seen[-1] != ("HEALTHY", 200)):
            details = dashboard.get(api).json()["applications"]["light"]
            status = str(details["deployments"]["Ingress"]["status"])
            eve = {"Authorization": "Bearer key of eve"}
            seen.append((status, launched.client.get("/v1/covers", headers=eve).status_code))
    statuses = [status for status, _ in seen]
    assert seen[-1] == ("HEALTHY", 200), seen
    if "UPDATING" in statuses:
        healthy = statuses.index("HEALTHY", statuses.index("UPDATING"))
        assert {code for _, code in seen[healthy:]} == {200}, seen


def listen(
    launched: Launched, song: dict[str, Any], heard: threading.Event
) -> list[ServerSentEvent]:
    """The events of a new job, to the end of the stream."""
    lines: list[str] = []
    headers = {**BOB, "Accept": "text/event-stream"}
    url = f"{launched.url}/art/v1/covers"
    with httpx2.stream("POST", url, json=song, headers=headers, timeout=60, trust_env=False) as got:
        assert got.status_code == 200
        for line in got.iter_lines():
            lines.append(line)
            heard.set()
    if "event: interrupted" in lines:
        lines.insert(lines.index("event: interrupted"), "id: 0")  # it has none: the last one counts
    return list(events(lines))


def test_a_stop_lets_requests_end_and_tells_the_others(launched: Launched) -> None:
    url = f"{launched.url}/art/v1/covers"
    heard = threading.Event()

    def draw(seconds: int) -> httpx2.Response:
        song = {**SONG, "prompt": f"wait {seconds}"}
        return httpx2.post(url, json=song, headers=BOB, timeout=60, trust_env=False)

    with ThreadPoolExecutor(4) as pool:
        short, long = pool.submit(draw, 5), pool.submit(draw, 50)
        stream = pool.submit(listen, launched, {**SONG, "prompt": "wait 50"}, heard)
        assert heard.wait(30)
        time.sleep(1)
        began = time.monotonic()
        stopping = pool.submit(launched.stop)
        time.sleep(2)
        refused = httpx2.post(url, json=SONG, headers=BOB, timeout=10, trust_env=False)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        assert refused.json()["type"].endswith(":stopping")
        assert short.result().status_code == 200
        assert long.result().status_code == 503
        assert long.result().headers["retry-after"] == "10"
        last = stream.result()[-1]
        assert last.name == "interrupted"
        assert last.data["events_url"].startswith(f"{PREFIX}/v1/covers/")
        assert time.monotonic() - began >= STOP_SECONDS - 1
        stopping.result()
    assert launched.process.returncode == 0, launched.lines
    assert any("3 requests are under way" in line for line in launched.lines), launched.lines
    assert any("2 still under way: told to come back" in line for line in launched.lines)
    assert launched.lines[-1] == "Stopped.\n"
