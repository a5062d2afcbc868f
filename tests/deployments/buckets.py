"""An S3 server of the tests' own: moto's, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from tests.serve.conftest import free_port

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


@contextmanager
def s3_server() -> Iterator[str]:
    """Its URL; what it holds is in its memory."""
    url = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", url.rpartition(":")[2]]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as server:
        try:
            _await(url, server)
            yield url
        finally:
            server.kill()


def _await(url: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            httpx2.get(f"{url}/moto-api/", timeout=5, trust_env=False)
            return
        except httpx2.HTTPError:
            assert server.poll() is None, (
                "moto's server ended: pip install 'moto[s3]' flask flask-cors"
            )
            assert time.monotonic() < end
            time.sleep(0.1)


def new_bucket(url: str) -> str:
    """Name of an empty bucket."""
    name = f"covers-{uuid.uuid4().hex}"
    httpx2.put(f"{url}/{name}", timeout=30, trust_env=False).raise_for_status()
    return name
