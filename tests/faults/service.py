"""One service for all faults: `scripts/operations/serve.py` in processes of its own, with small models."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psutil
import yaml

from tests.serve import gpu_service
from tests.serve.gpu_service import ROOT

HEALTHY_SECONDS = 180.0
TWICE = ("Ingress", "Pictures")
"""Deployments of two replicas: the others show what happens when the only one is gone."""


def small_document(models: dict[str, Path]) -> dict[str, Any]:
    """`serve_config.yaml` with small models, two replicas of some deployments, and faults to switch on."""
    document: dict[str, Any] = yaml.safe_load((ROOT / "serve_config.yaml").read_text("utf-8"))
    application = document["applications"][0]
    application["import_path"] = "tests.faults.faulty:build"
    args = application["args"]
    args["generator"] |= {"backend": "folder", "folder": str(models["generator"]), "threads": 1}
    args["reranker"]["model"] = f"local-dir:{models['clip']}"
    args["songs"]["providers"] = []
    jobs = tuned(document, "Ingress")["user_config"]["jobs"]
    jobs |= {"grace_s": 0.5, "drawing": 24, "waiting": 40, "wait_s": 10}
    tuned(document, "Ingress")["user_config"]["timeouts"]["summarizer"] = (
        90  # one hangs and starts again
    )
    tuned(document, "Pictures")["user_config"]["generator"]["patience_s"] = 10
    tuned(document, "Text")["user_config"]["summarizer"]["patience_s"] = 8
    for deployment in application["deployments"]:
        if deployment["name"] in TWICE:
            deployment["num_replicas"] = 2
    return document


def tuned(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A deployment's entry in a configuration, to be changed."""
    entries = document["applications"][0]["deployments"]
    entry: dict[str, Any] = next(entry for entry in entries if entry["name"] == name)
    return entry


@dataclass
class Service(gpu_service.Service):
    """A running service and what may be done to it."""

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder / "data"

    def jobs(self) -> list[tuple[str, str, str]]:
        """Idempotency key, id and status of every job."""
        with closing(sqlite3.connect(self.data / "history.sqlite3", timeout=60)) as database:
            return database.execute("select idempotency_key, id, status from jobs").fetchall()

    def arm(self, fault: str) -> Path:
        """Switch on a fault of `tests.faults.faulty`; the file is gone once it has happened."""
        place = self.folder / "faults" / fault
        place.touch()
        return place

    def pids(self, title: str) -> list[int]:
        """Ray's processes of that title, such as "ServeReplica:song-dalle:Pictures"."""
        pids = []
        for process in psutil.process_iter():
            try:
                words = process.cmdline()
                if words and words[0].startswith(f"ray::{title}"):
                    own = process.environ().get("RAY_TMPDIR", "").startswith(str(self.folder))
                    pids += [process.pid] if own else []
            except psutil.Error:
                continue
        return pids

    def replica(self, deployment: str) -> int:
        """Process id of a deployment's replica."""
        return self.pids(f"ServeReplica:song-dalle:{deployment}")[0]

    def kill(self, title: str) -> int:
        """kill -9 of one process; its id."""
        pid = self.pids(title)[0]
        os.kill(pid, signal.SIGKILL)
        return pid

    def application(self, name: str = "song-dalle") -> dict[str, Any]:
        """Ray's view of an application; empty if there is none of that name."""
        answer = httpx2.get(f"{self.dashboard}/api/serve/applications/", timeout=60)
        view: dict[str, Any] = answer.raise_for_status().json()["applications"].get(name, {})
        return view

    def unwell(self, *gone: int) -> str:
        """What keeps it from being healthy, or nothing.

        Args:
            gone: process ids of replicas that must have been replaced.
        """
        try:
            application = self.application()
            for name, details in application["deployments"].items():
                replicas = details["replicas"]
                if any(replica["pid"] in gone for replica in replicas):
                    return f"{name}: one of {gone} is still counted on"
                states = [replica["state"] for replica in replicas]
                if states != ["RUNNING"] * details["target_num_replicas"]:
                    return f"{name}: {states}"
            ready = httpx2.get(f"{self.url}/readyz", timeout=10, trust_env=False)
        except (httpx2.HTTPError, KeyError) as error:
            return repr(error)
        return "" if ready.status_code == 200 else f"/readyz: {ready.status_code} {ready.text}"

    def until_healthy(self, *gone: int) -> float:
        """Wait until every replica runs and every stage answers; how long that took, in seconds."""
        began = time.monotonic()
        await_that(lambda: not self.unwell(*gone), lambda: self.unwell(*gone), HEALTHY_SECONDS)
        return time.monotonic() - began

    def gauge(self, name: str) -> float:
        """A metric of the application, summed over its processes."""
        page = httpx2.get(f"{self.url}/metrics", timeout=30, trust_env=False).text
        lines = [line for line in page.splitlines() if line.startswith(f"ray_songdalle_{name}")]
        return sum(float(line.rpartition(" ")[2]) for line in lines)


def await_that(
    true: Callable[[], bool], otherwise: Callable[[], object], seconds: float = 60.0
) -> None:
    """Wait until something is true; fails with what `otherwise` says."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, otherwise()
        time.sleep(0.2)
