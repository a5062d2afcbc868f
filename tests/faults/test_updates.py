"""Changes of the running service under load: no request fails."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import httpx2
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


SLIPS: dict[str, dict[str, Any]] = {
    "Ingress": {"timeout": {"generator": 100}},
    "Text": {"summarizer": {"patience": 25}},
    "Pictures": {"generator": {"slots": 5}},
}
"""What is wrong with a `user_config`, by deployment."""


def test_a_slip_in_user_config_ends_nothing(
    service: Service, changed: dict[str, Any], report: Report
) -> None:
    good = copy.deepcopy(changed)
    for name, slip in SLIPS.items():
        entry = tuned(changed, name)
        entry["user_config"] = {**entry.get("user_config", {}), **slip}
    before = set(service.pids("ServeReplica:song-dalle"))

    def refused(path: str) -> dict[str, str]:
        answer = httpx2.get(f"{service.url}/{path}", timeout=30, trust_env=False)
        told: dict[str, str] = answer.raise_for_status().json()["refused"]
        return told

    groups = changed["applications"][0]["args"]["colocate"]
    wanted = {"ingress", *groups["Text"], *groups["Pictures"]}
    with Load(service) as load:
        service.deploy(changed)
        await_that(lambda: set(refused("readyz")) == wanted, lambda: refused("readyz"), 60)
        load.wait_for(6)
        reasons = refused("v1/models")
    assert_nothing_lost_or_done_twice(load, service)
    assert not load.refusals()
    assert set(service.pids("ServeReplica:song-dalle")) == before
    assert reasons["summarizer"] == "summarizer: patience: there is no such key; is it patience_s?"
    assert "multiple of width" in reasons["reranker"]
    service.deploy(good)
    await_that(lambda: refused("readyz") == {}, lambda: refused("readyz"), 60)
    report(asked=len(load.songs), slowest=load.slowest(), refused=reasons)


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
