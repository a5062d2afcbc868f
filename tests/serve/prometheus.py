"""Debian's Prometheus, run against a service."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.serve.conftest import ROOT, free_port

APT_SECONDS = 180


def programs(folder: Path) -> Path:
    """The folder of `prometheus` and `promtool`: the system's, else unpacked from Debian's package.

    Skips the test where apt cannot give it.
    """
    if installed := shutil.which("prometheus"):
        return Path(installed).parent
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        pytest.skip("there is no prometheus here, and no apt-get to get it with")
    folder.mkdir(exist_ok=True)
    complaint = ""
    for step in (["download"], ["update"], ["download"]):
        words = [*step, "prometheus"] if step == ["download"] else step
        done = subprocess.run(
            ["apt-get", "-q", *words],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=APT_SECONDS,
        )
        complaint = done.stderr
        if packages := list(folder.glob("prometheus_*.deb")):
            # Unpacked, not installed: the package would start a server of its own.
            subprocess.run(["dpkg-deb", "-x", packages[0], folder], check=True)
            return folder / "usr" / "bin"
    pytest.skip(f"apt-get cannot give prometheus: {complaint[-200:]}")


@contextmanager
def prometheus(service: str, folder: Path) -> Iterator[str]:
    """The address of a Prometheus that scrapes `service` each second by `deploy/prometheus.yml`."""
    config = yaml.safe_load((ROOT / "deploy" / "prometheus.yml").read_text())
    config["global"] |= {"scrape_interval": "1s", "scrape_timeout": "1s"}
    config["scrape_configs"][0]["static_configs"][0]["targets"] = [service.partition("://")[2]]
    written = folder / "prometheus.yml"
    written.write_text(yaml.safe_dump(config))
    port = free_port()
    command = [
        programs(folder / "programs") / "prometheus",
        f"--config.file={written}",
        f"--storage.tsdb.path={folder / 'store'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def query(address: str, expression: str) -> list[dict[str, Any]]:
    """The vector that a PromQL expression gives now."""
    words = urllib.parse.urlencode({"query": expression})
    with urllib.request.urlopen(f"{address}/api/v1/query?{words}", timeout=10) as response:
        answer = json.load(response)
    assert answer["status"] == "success", answer
    result: list[dict[str, Any]] = answer["data"]["result"]
    return result


def wait_for(address: str, expression: str, seconds: float = 60) -> list[dict[str, Any]]:
    """`query`, once it gives something."""
    end = time.monotonic() + seconds
    while True:
        try:
            if vector := query(address, expression):
                return vector
        except OSError:
            pass  # it is starting
        assert time.monotonic() < end, f"nothing came of {expression}"
        time.sleep(0.5)
