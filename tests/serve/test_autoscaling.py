"""A load step: the Generator sleeps, jobs come, its replicas follow them and go back, and no job is lost."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from tests.serve import gpu_service

pytestmark = pytest.mark.long

MOST = 3
START_S = 45.0  # as the config guesses it
CANDIDATES = 4
JOBS = 60
UP_S, DOWN_S = 60.0, 60.0
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "disabled",
    # How often an ingress tells what waits; as in deploy/kubernetes
    "RAY_SERVE_REPLICA_AUTOSCALING_METRIC_PUSH_INTERVAL_S": "2",
}
CONFIG = f"""
http_options: {{host: 127.0.0.1}}
applications:
- name: song-dalle
  import_path: tests.serve.scaled_app:build
  autoscaling_policy:
    policy_function: deployments.jobs.autoscaling:CandidatesPolicy
    policy_kwargs: {{candidates_per_replica: {6 * CANDIDATES}}}
  deployments:
  - name: Ingress
    autoscaling_config: {{min_replicas: 1, max_replicas: 1}}
    user_config: {{jobs: {{drawing: 32, waiting: 200, scaling: {{start_s: {START_S}, look_s: 0.5}}}}}}
  - name: Generator
    graceful_shutdown_timeout_s: 30
    autoscaling_config:
      min_replicas: 0
      initial_replicas: 1
      max_replicas: {MOST}
      upscale_delay_s: 1
      downscale_delay_s: 4
      downscale_to_zero_delay_s: 4
"""


class Scaled:
    """The running application: the Generator's replicas by Serve's own word, and its jobs."""

    def __init__(self, service: gpu_service.Service) -> None:
        self.client = httpx2.Client(base_url=service.url, timeout=60, trust_env=False)
        self.seen: list[int] = []
        self._service = service

    def until(self, generators: int, seconds: float) -> float:
        """Wait for so many replicas that run; how long that took."""
        began = time.monotonic()
        while self.generators() != generators:
            assert time.monotonic() - began < seconds, f"{generators} wanted, seen: {self.seen}"
            time.sleep(0.3)
        return time.monotonic() - began

    def generators(self) -> int:
        """Replicas of the Generator that run."""
        states = list(self._service.replicas()["Generator"].values())
        self.seen.append(states.count("RUNNING"))
        return self.seen[-1]

    def ask(self, seed: int) -> dict[str, Any]:
        """Have a job done later; its status."""
        song = {"lyrics": "A balloon over the sea", "candidates": CANDIDATES, "seed": seed}
        answer = self.client.post("/v1/covers", json=song, headers={"Prefer": "respond-async"})
        assert answer.status_code == 202, answer.text
        status: dict[str, Any] = answer.json()
        return status

    def status(self, id: str) -> str:
        """How a job stands."""
        status: str = self.client.get(f"/v1/covers/{id}").json()["status"]
        return status


@pytest.fixture
def scaled() -> Iterator[Scaled]:
    folder = Path(tempfile.mkdtemp(prefix="ss", dir="/tmp"))  # short: Ray's sockets lie below
    serving = gpu_service.running(yaml.safe_load(CONFIG), folder, gpus=0, **SETTINGS)
    yield Scaled(next(serving))
    serving.close()  # type: ignore[attr-defined]  # a generator
    shutil.rmtree(folder, ignore_errors=True)


def test_replicas_follow_the_line_and_no_job_is_lost(scaled: Scaled) -> None:
    to_sleep = scaled.until(0, DOWN_S)
    # Who asks whether it is ready, or what it runs, wakes nothing
    for path in ("/readyz", "/v1/models"):
        assert scaled.client.get(path).status_code == 200
    time.sleep(3)
    assert scaled.generators() == 0

    jobs = [scaled.ask(0)]
    assert START_S < jobs[0]["estimate_seconds"] < START_S + 10
    jobs += [scaled.ask(seed) for seed in range(1, JOBS)]
    up = scaled.until(MOST, UP_S)
    waiting = {job["id"] for job in jobs}
    began = time.monotonic()
    while waiting:
        assert time.monotonic() - began < 120, f"{len(waiting)} jobs of {JOBS} are unfinished"
        waiting = {id for id in waiting if scaled.status(id) in ("queued", "running")}
        time.sleep(0.5)
    drawn = time.monotonic() - began
    assert {scaled.status(job["id"]) for job in jobs} == {"done"}
    page = scaled.client.get("/v1/covers", params={"limit": 100}).json()
    assert sorted(made["id"] for made in page["covers"]) == sorted(job["id"] for job in jobs)
    down = scaled.until(0, DOWN_S)
    print(f"asleep {to_sleep:.1f} s, all up {up:.1f} s, drawn {drawn:.1f} s, down {down:.1f} s")
    time.sleep(3)  # until the ingress has looked, too
    assert 1 <= scaled.ask(JOBS)["estimate_seconds"] < START_S, "a start was seen by now"
