"""Changes of the running service under load: no request fails."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.conftest import Report
from tests.faults.load import Load, assert_nothing_lost_or_done_twice
from tests.faults.service import Service, await_that, tuned


@pytest.fixture
def changed(service: Service) -> Iterator[dict[str, Any]]:
    """The configuration, to be changed; it stays the service's."""
    service.document = copy.deepcopy(service.document)
    return service.document


def update(service: Service, report: Report, *replaced: str) -> None:
    """Hand the changed configuration in under load, and wait until the named deployments have new replicas."""
    titles = [f"ServeReplica:song-dalle:{name}" for name in replaced]
    before = {pid for title in titles for pid in service.pids(title)}
    with Load(service) as load:
        service.deploy(service.document)
        await_that(
            lambda: not before & {pid for title in titles for pid in service.pids(title)},
            lambda: f"{replaced} are still the old ones",
            240,
        )
        healthy = service.until_healthy()
        load.wait_for(6)
    assert_nothing_lost_or_done_twice(load, service)
    report(healthy=healthy, asked=len(load.songs), problems=load.problems(), slowest=load.slowest())
    assert not load.refusals()


def test_user_config_changes_in_place(
    service: Service, changed: dict[str, Any], report: Report
) -> None:
    tuned(changed, "Pictures")["user_config"]["generator"]["sampling"] = {"temperature": 0.9}
    tuned(changed, "Text")["user_config"]["summarizer"]["max_chars"] = 40
    before = set(service.pids("ServeReplica:song-dalle"))
    update(service, report)
    assert set(service.pids("ServeReplica:song-dalle")) == before


@pytest.mark.long
def test_actor_options_replace_a_stage(
    service: Service, changed: dict[str, Any], report: Report
) -> None:
    for name in ("Text", "Pictures"):
        tuned(changed, name)["ray_actor_options"]["num_cpus"] = 0.15
    update(service, report, "Text", "Pictures")


@pytest.mark.long
def test_args_replace_everything(service: Service, changed: dict[str, Any], report: Report) -> None:
    changed["applications"][0]["args"]["upscale"] = 3
    update(service, report, "Ingress", "Text", "Pictures")
