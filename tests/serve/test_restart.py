"""Everything is killed in the middle of its work, and started again over the same data."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest
import yaml

from tests.serve.conftest import ROOT, free_port
from tests.serve.test_crowd import order
from tests.serve.test_jobs import LATER, ended

START_SECONDS = 240.0


@contextmanager
def running(config: Path, data: Path, port: int) -> Iterator[httpx2.Client]:
    """The application in processes of its own, all of which are killed at the end, without warning."""
    command = [
        sys.executable,
        str(ROOT / "scripts" / "operations" / "serve.py"),
        "--config",
        str(config),
    ]
    command += ["--port", str(port), "--data", str(data)]
    settings = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled", "HF_HUB_OFFLINE": "1"}
    service = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **settings, "PYTHONPATH": str(ROOT)}
    )
    try:
        with httpx2.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False
        ) as client:
            await_ready(client, service)
            yield client
    finally:
        kill_all(service)


def kill_all(service: subprocess.Popen[bytes]) -> None:
    """kill -9 of the command and of every process of the session that it began."""
    sessions = {child.pid for child in psutil.Process(service.pid).children()}
    service.kill()
    service.wait(30)
    for pid in psutil.pids():
        try:
            if os.getsid(pid) in sessions:
                os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def await_ready(client: httpx2.Client, service: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        assert service.poll() is None, "the service ended"
        assert time.monotonic() < end, "the service did not start"
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx2.HTTPError:
            pass
        time.sleep(0.5)


@pytest.fixture
def config(document: dict[str, Any], tmp_path: Path) -> Path:
    path = tmp_path / "serve_config.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


@pytest.mark.long
def test_accepted_jobs_are_finished_after_a_restart(config: Path, tmp_path: Path) -> None:
    data, urls = tmp_path / "data", []
    with running(config, data, free_port()) as client:
        for number in range(4):
            song = order(candidates=24, seed=number)
            urls.append(client.post("/v1/covers", json=song, headers=LATER).headers["location"])
        states = [client.get(url).json()["status"] for url in urls]
        assert "done" not in states[1:], "nothing was left to be killed"
    with running(config, data, free_port()) as client:
        made = [ended(client, url) for url in urls]
        assert [each["status"] for each in made] == ["done"] * 4
        listed = client.get("/v1/covers").json()["covers"]
        assert sorted(each["id"] for each in listed) == sorted(each["id"] for each in made)
        assert all(len(each["covers"]) == 24 for each in made)
