"""kill -9 of every kind of process in the middle of its work."""

from __future__ import annotations

import json

import pytest

from tests.faults.conftest import Report
from tests.faults.load import Load, assert_nothing_lost_or_done_twice
from tests.faults.service import Service

pytestmark = pytest.mark.long

STAGES = ("Text", "Pictures")


@pytest.mark.parametrize("stage", STAGES)
def test_a_killed_stage_is_waited_for(service: Service, report: Report, stage: str) -> None:
    """No client sees it, whether another replica is left or the only one has to start again."""
    with Load(service) as load:
        gone = service.kill(f"ServeReplica:song-dalle:{stage}")
        healthy = service.until_healthy(gone)
        load.wait_for(4)
    assert_nothing_lost_or_done_twice(load, service)
    report(healthy=healthy, asked=len(load.songs), problems=load.problems(), slowest=load.slowest())
    assert not load.refusals()


def test_a_killed_ingress_loses_nothing(service: Service, report: Report) -> None:
    """Who was connected to it repeats the request; what it had begun is done by the other one."""
    with Load(service) as load:
        gone = service.kill("ServeReplica:song-dalle:Ingress")
        healthy = service.until_healthy(gone)
        load.wait_for(4)
    assert_nothing_lost_or_done_twice(load, service)
    report(healthy=healthy, asked=len(load.songs), problems=load.problems(), slowest=load.slowest())
    assert set(load.refusals()) <= {0, 503}
    told = [json.loads(text) for song in load.songs for status, text in song.refusals if status]
    assert all(problem["status"] == 503 and problem["request_id"] for problem in told), told
    assert "Actor" not in str(told)


def test_a_killed_proxy_is_started_again(service: Service, report: Report) -> None:
    """Its connections are lost, and no job."""
    with Load(service) as load:
        service.kill("ProxyActor")
        healthy = service.until_healthy()
        load.wait_for(4)
    assert_nothing_lost_or_done_twice(load, service)
    report(healthy=healthy, asked=len(load.songs), problems=load.problems(), slowest=load.slowest())
    assert set(load.refusals()) <= {0, 500, 503}


def test_a_killed_controller_is_not_noticed(service: Service, report: Report) -> None:
    with Load(service) as load:
        service.kill("ServeController")
        load.wait_for(8)
        healthy = service.until_healthy()
    assert_nothing_lost_or_done_twice(load, service)
    report(healthy=healthy, asked=len(load.songs), problems=load.problems(), slowest=load.slowest())
    assert not load.refusals()
