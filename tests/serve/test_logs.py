"""Logs of the running application: JSON, with the request's id in every replica, without what was sung."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any

import httpx2
import pytest

SONG = "풍선을 타고 날아가는 예쁜 꿈\nwe sail a zanzibarian moon"
REPLICAS = {"Ingress", "Text", "Pictures"}


@pytest.fixture(scope="module")
def logs(address: str) -> Path:
    """The folder of Serve's logs."""
    import ray

    return Path(ray._private.worker._global_node.get_session_dir_path()) / "logs" / "serve"


def lines(folder: Path, request_id: str) -> list[dict[str, Any]]:
    """Every line of every replica that names the request."""
    return [
        json.loads(line)
        for path in folder.glob("replica_*.log")
        for line in path.read_text(encoding="utf-8").splitlines()
        if request_id in line
    ]


def test_a_request_is_found_in_every_replica(client: httpx2.Client, logs: Path) -> None:
    name = f"mine-{uuid.uuid4().hex}"
    response = client.post(
        "/v1/covers", json={"lyrics": SONG, "candidates": 2}, headers={"X-Request-ID": name}
    )
    assert response.status_code == 200
    assert response.headers["x-request-id"] == name
    end = time.monotonic() + 30
    while missing := REPLICAS - {
        line["deployment"].rpartition("_")[2] for line in lines(logs, name)
    }:
        assert time.monotonic() < end, missing
        time.sleep(0.2)
    records = lines(logs, name)
    assert all(record["request_id"] == name for record in records)
    assert any("covers done candidates=2" in record["message"] for record in records)


def test_a_request_without_an_id_gets_one(client: httpx2.Client) -> None:
    ids = {client.get("/healthz").headers["x-request-id"] for _ in range(2)}
    assert len(ids) == 2
    assert all(uuid.UUID(name) for name in ids)


def test_nothing_that_was_sung_or_drawn_is_logged(client: httpx2.Client, logs: Path) -> None:
    """Whichever way it came in, and whether it was drawn, invalid or refused."""
    song = {"lyrics": SONG, "candidates": 1}
    made = client.post("/v1/covers", json=song).json()
    client.post("/v1/covers", json=song, headers={"Accept": "text/event-stream"})
    client.post("/v1/covers", json={"lyrics": "", "style": SONG, "candidates": 1})
    client.post("/v1/covers", json=song | {"prompt": "a zanzibarian lantern"})
    refused = "a zanzibarian nude, beheaded"
    for body in (song | {"prompt": refused}, song | {"lyrics": refused}):
        assert client.post("/v1/covers", json=body).status_code == 422
    for prompt, status in ((refused, 400), ("a zanzibarian kite", 200), (SONG, 200)):
        answer = client.post("/v1/images/generations", json={"prompt": prompt})
        assert answer.status_code == status
    client.post("/v1/images/generations", json={"prompt": SONG, "n": 99})
    time.sleep(1)
    written = "".join(path.read_text(encoding="utf-8") for path in logs.glob("*.log"))
    assert "covers done" in written
    for private in (*SONG.split("\n"), "zanzibarian", made["prompt"], made["translation"]):
        assert private not in written
        assert json.dumps(private)[1:-1] not in written
