"""A disk that is full, a database that is locked."""

from __future__ import annotations

import sqlite3
import time

import httpx2
import pytest

from tests.faults.conftest import Report
from tests.faults.load import Load, assert_nothing_lost_or_done_twice
from tests.faults.service import Service, await_that
from tests.faults.volume import Volume

LOCKED_SECONDS = 4.0


def test_a_full_disk_is_told_and_got_over(service: Service, volume: Volume, report: Report) -> None:
    """507 for covers that cannot be stored, 503 for jobs that cannot be written down; nothing is half there."""
    if not volume.mounted:
        pytest.skip("mounting a small disk is not permitted here")
    with httpx2.Client(base_url=service.url, timeout=120, trust_env=False) as client:
        made = client.post("/v1/covers", json={"lyrics": "the sea at night", "candidates": 1})
        with volume.full():
            order = {"lyrics": "풍선을 타고 날아가는 꿈", "candidates": 12}
            refused = [client.post("/v1/covers", json=order) for _ in range(3)]
            assert client.get("/healthz").status_code == 200
            assert client.get(made.json()["covers"][0]["url"]).status_code == 200
            assert client.get(f"/v1/covers/{made.json()['id']}").status_code == 200
    report(refused=[answer.status_code for answer in refused])
    for answer in refused:
        assert answer.status_code in (503, 507), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert str(service.folder) not in answer.text
    with Load(service) as load:
        load.wait_for(4)
    assert_nothing_lost_or_done_twice(load, service)
    assert not load.refusals()
    await_that(
        lambda: not list((service.data / "covers").glob(".unfinished-*")),
        lambda: "half a set was left behind",
    )


def test_a_locked_database_is_waited_for(service: Service, report: Report) -> None:
    """SQLite's writers wait for each other, strangers included."""
    with Load(service) as load:
        database = sqlite3.connect(
            service.data / "history.sqlite3", isolation_level=None, timeout=60
        )
        database.execute("BEGIN EXCLUSIVE")
        time.sleep(LOCKED_SECONDS)
        database.execute("ROLLBACK")
        database.close()
        load.wait_for(4)
    assert_nothing_lost_or_done_twice(load, service)
    report(
        locked=LOCKED_SECONDS,
        asked=len(load.songs),
        problems=load.problems(),
        slowest=load.slowest(),
    )
    assert not load.refusals()
