"""The GPU configurations, served by `make serve`'s command with small models on GPUs that only Ray believes in.

Everything else is real: the file's fractions, replica counts and options, HTTP, the published formats. What
changes is which models are loaded, and `device: auto`, as there is no CUDA.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import yaml

from scripts.operations import serve
from tests.serve.conftest import free_port

ROOT = Path(__file__).resolve().parents[2]
ASSIGNED = re.compile(r"Ray assigned ([\d.]+) of GPU (\S+); CUDA: False")
LOG = re.compile(r"\(log: (\S+)\)")
DASHBOARD = re.compile(r"(http://127\.0\.0\.1:\d+)")


@dataclass
class Service:
    """A running service."""

    url: str
    dashboard: str
    folder: Path
    document: dict[str, Any]

    def application(self) -> dict[str, Any]:
        """Ray's view of the application."""
        answer = httpx2.get(f"{self.dashboard}/api/serve/applications/", timeout=60)
        view: dict[str, Any] = answer.raise_for_status().json()["applications"]["song-dalle"]
        return view

    def replicas(self) -> dict[str, dict[str, str]]:
        """Each deployment's replicas, by id, and their states."""
        deployments = self.application()["deployments"]
        return {
            name: {replica["replica_id"]: replica["state"] for replica in details["replicas"]}
            for name, details in deployments.items()
        }

    def deploy(self, document: dict[str, Any]) -> None:
        """Hand in a changed configuration, as `serve deploy` does."""
        address = f"{self.dashboard}/api/serve/applications/"
        httpx2.put(address, json=document, timeout=60).raise_for_status()

    def assigned(self) -> dict[str, Counter[tuple[float, str]]]:
        """What Ray gave each deployment: fraction and GPU of each replica, from the replicas' own logs."""
        fractions: dict[str, set[tuple[str, float, str]]] = {}
        for path in self.folder.glob("**/session_2*/logs/serve/replica_*.log"):
            for line in map(json.loads, path.read_text().splitlines()):
                match = ASSIGNED.search(line.get("message", ""))
                if match:
                    entry = (line["replica"], float(match[1]), match[2])
                    name = line["deployment"].rpartition("_")[2]
                    fractions.setdefault(name, set()).add(entry)
        return {
            name: Counter(entry[1:] for entry in assignments)
            for name, assignments in fractions.items()
        }


def with_small_models(path: Path, models: dict[str, Path]) -> dict[str, Any]:
    """A GPU configuration that loads `models`: summarizer, translator, sentiment, generator, reranker."""
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    args = document["applications"][0]["args"]
    args["device"] = "auto"
    for stage in ("summarizer", "translator", "sentiment"):
        args[stage]["model"] = str(models[stage])
    args["generator"]["folder"] = str(models["generator"])
    args["reranker"] = {"backend": "open_clip", "model": f"local-dir:{models['reranker']}"}
    return document


def launch(
    config: Path, folder: Path, gpus: int, **settings: str
) -> tuple[subprocess.Popen[str], int]:
    """Start `scripts/operations/serve.py` on a machine of 8 CPUs and some GPUs, as Ray is told; its port."""
    port = free_port()
    words = [sys.executable, serve.__file__, "--config", str(config), "--port", str(port)]
    words += ["--data", str(folder / "data"), "--start-seconds", "250", "--stop-seconds", "10"]
    machine = {"RAY_OVERRIDE_RESOURCES": json.dumps({"CPU": 8, "GPU": gpus})}
    here = {"RAY_TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    env = {**os.environ, **machine, **here, **settings}
    pipe = subprocess.PIPE
    child = subprocess.Popen(words, env=env, stdout=pipe, stderr=subprocess.STDOUT, text=True)
    return child, port


def running(
    document: dict[str, Any], folder: Path, gpus: int, **settings: str
) -> Iterator[Service]:
    """Serve a configuration; stops it in the end.

    Args:
        folder: for Ray's sockets: a short path.
    """
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump(document))
    child, port = launch(config, folder, gpus, **settings)
    assert child.stdout is not None
    lines: list[str] = []
    try:
        for line in child.stdout:
            lines.append(line)
            if "is ready" in line:
                break
        assert "is ready" in lines[-1], "".join(lines)
        threading.Thread(target=child.stdout.read, daemon=True).start()
        log = LOG.search(lines[0])
        assert log is not None
        address = DASHBOARD.search(Path(log[1]).read_text())
        assert address is not None
        document = {**document, "http_options": {**document["http_options"], "port": port}}
        yield Service(f"http://127.0.0.1:{port}", address[1], folder, document)
    finally:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(timeout=60)
        except subprocess.TimeoutExpired:
            child.kill()


class Crowd:
    """Clients that ask for covers one after the other, until told to stop."""

    def __init__(self, url: str, clients: int) -> None:
        self.answers: list[tuple[int, str]] = []
        self._url, self._stop = url, threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(clients)]

    def _ask(self, number: int) -> None:
        with httpx2.Client(base_url=self._url, timeout=250, trust_env=False) as client:
            while not self._stop.is_set():
                song = {"lyrics": f"풍선을 타고 날아가는 꿈 {number}", "candidates": 2}
                try:
                    answer = client.post("/v1/covers", json=song)
                    self.answers.append((answer.status_code, answer.text[:300]))
                except httpx2.HTTPError as error:
                    self.answers.append((0, repr(error)))

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, count: int) -> None:
        """Until so many more requests are answered."""
        end, wanted = time.monotonic() + 120, len(self.answers) + count
        while len(self.answers) < wanted:
            assert time.monotonic() < end, self.answers[-1:]
            time.sleep(0.1)
