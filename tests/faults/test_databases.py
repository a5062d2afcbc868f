"""PostgreSQL goes down and comes back under load; the stages are stand-ins, for they have no part in it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import uvicorn

from deployments.api.application import build_api
from deployments.api.service import Service
from deployments.config.application import HistoryOptions
from deployments.pipeline.stage_calls import Stages
from deployments.telemetry.metrics_page import Exposition
from tests.deployments.conftest import Fake, Handle
from tests.deployments.databases import postgresql, programs, restart
from tests.faults.conftest import Report
from tests.faults.load import Load, Row, assert_nothing_lost_or_done_twice

NAMES = ("preprocess", "summarizer", "translator", "sentiment", "generator", "reranker")


@dataclass
class Served:
    """An ingress over PostgreSQL."""

    url: str
    database: str

    def jobs(self) -> list[Row]:
        """Idempotency key, id and status of every job."""
        with psycopg.connect(self.database) as connection:
            return connection.execute("select idempotency_key, id, status from jobs").fetchall()


@contextmanager
def served(database: str, folder: Path) -> Iterator[Served]:
    stages = Stages(**{name: Handle(Fake(name)) for name in NAMES})
    service = Service(stages, folder, upscale=1, history=HistoryOptions(url=database))
    app = build_api(service, Exposition(list))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", database)
        server.should_exit = True
        thread.join(30)


@pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")
def test_postgresql_is_restarted(tmp_path: Path, report: Report) -> None:
    """Who asks meanwhile is told 503 and when to come back; what was accepted is done once."""
    with postgresql() as database, served(database, tmp_path) as service, Load(service) as load:
        load.wait_for(20)
        for _ in range(3):
            began = time.monotonic()
            restart(database)
            load.wait_for(4)
            healthy = time.monotonic() - began
            load.wait_for(20)
        load.stop()
        assert_nothing_lost_or_done_twice(load, service)
    report(healthy=healthy, asked=len(load.songs), problems=load.problems(), slowest=load.slowest())
    assert set(load.refusals()) <= {503}
