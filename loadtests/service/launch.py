"""Starts applications on one Ray cluster of its own, and ends them with all their processes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml
from yarl import URL

from loadtests.service.client import CoverClient, NotReady

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 280.0
STOP_SECONDS = 90.0
LOG_TAIL = 600  # characters

Application = dict[str, Any]
"""One of a Serve config's `applications`."""


@dataclass(frozen=True)
class Checkout:
    """A copy of the project, and the interpreter of the environment that it runs in."""

    root: Path = ROOT
    python: Path = Path(sys.executable)

    @property
    def config(self) -> Path:
        """Its own service's Serve config."""
        return self.root / "serve_config.yaml"

    @property
    def launcher(self) -> Path:
        """What `make serve` runs."""
        return self.root / "scripts" / "operations" / "serve.py"

    def environment(self) -> dict[str, str]:
        """This process's, with the checkout's own modules before any that are installed."""
        return {**os.environ, "PYTHONPATH": str(self.root)}


OURS = Checkout()


@dataclass(frozen=True)
class Launched:
    """Running applications: their addresses by name, and their processes.

    Attributes:
        seconds: from the launcher's start until every application was ready.
    """

    urls: Mapping[str, URL]
    launcher: subprocess.Popen[bytes]
    seconds: float

    def processes(self) -> list[psutil.Process]:
        """The launcher and everything that it started: Ray keeps its workers in the session of `serve run`."""
        launcher = psutil.Process(self.launcher.pid)
        sessions = {os.getsid(p.pid) for p in launcher.children()}
        processes = [launcher]
        for pid in psutil.pids():
            try:
                if os.getsid(pid) in sessions:
                    processes.append(psutil.Process(pid))
            except (OSError, psutil.Error):
                continue  # it has ended
        return processes


@asynccontextmanager
async def launched(
    applications: Sequence[Application], start_seconds: float = START_SECONDS
) -> AsyncIterator[Launched]:
    """Run applications side by side while the context is open.

    Raises:
        NotReady: one of them did not start; the message has the end of the log.
    """
    http = {"host": "127.0.0.1", "request_timeout_s": 600}
    document = {
        "proxy_location": "EveryNode",
        "http_options": http,
        "applications": list(applications),
    }
    with tempfile.TemporaryDirectory(prefix="loadtest-") as folder:
        config = Path(folder) / "serve_config.yaml"
        config.write_text(yaml.safe_dump(document, allow_unicode=True))
        async with serving(OURS, config, start_seconds) as running:
            yield running


@asynccontextmanager
async def serving(
    checkout: Checkout, config: Path, start_seconds: float = START_SECONDS
) -> AsyncIterator[Launched]:
    """Run a checkout's service by a Serve config, on a port and with a data folder of its own.

    Raises:
        NotReady: it did not start; the message has the end of the log.
    """
    applications = yaml.safe_load(config.read_text(encoding="utf-8"))["applications"]
    with tempfile.TemporaryDirectory(prefix="loadtest-") as folder:
        port = free_port()
        log = Path(folder) / "launcher.log"
        began = time.monotonic()
        process = _start(checkout, config, port, Path(folder) / "data", log)
        try:
            urls = {a["name"]: _url(port, a["route_prefix"]) for a in applications}
            await _wait(list(urls.values()), process, log, start_seconds)
            yield Launched(urls, process, time.monotonic() - began)
        finally:
            await asyncio.to_thread(_stop, process)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _url(port: int, prefix: str) -> URL:
    return URL(f"http://127.0.0.1:{port}{prefix.rstrip('/')}")


def _start(
    checkout: Checkout, config: Path, port: int, data: Path, log: Path
) -> subprocess.Popen[bytes]:
    """The checkout's own launcher, in a session of its own, so that a Ctrl-C reaches it through `_stop`.

    It ends by itself if this process is killed and cannot stop it.
    """
    command = [
        checkout.python,
        checkout.launcher,
        "--config",
        config,
        "--port",
        port,
        "--data",
        data,
    ]
    command += ["--parent", os.getpid()]
    with log.open("wb") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            cwd=checkout.root,
            env=checkout.environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


async def _wait(
    urls: Sequence[URL], process: subprocess.Popen[bytes], log: Path, seconds: float
) -> None:
    """Until every application is ready."""
    end = time.monotonic() + seconds
    for url in urls:
        async with CoverClient(url) as client:
            while True:
                if process.poll() is not None:
                    tail = log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:]
                    raise NotReady(f"the applications did not start: {tail}")
                try:
                    await client.wait_ready(2, asyncio.Event())
                    break
                except NotReady as error:
                    if time.monotonic() > end:
                        raise NotReady(f"not ready after {seconds:g} s: {error}") from None


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the launcher, which ends Ray; insist once, then end it."""
    try:
        for _ in range(2):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_SECONDS)
                return
            except subprocess.TimeoutExpired:
                continue
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
