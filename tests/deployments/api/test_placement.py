from __future__ import annotations

import time
from typing import Any

import pytest
from ray.serve.schema import ApplicationStatusOverview, DeploymentStatusOverview

from deployments.api import placement
from deployments.api.placement import PlacementError, await_places

LACKING = (
    "Deployment 'Generator' in application 'song-dalle' has 1 replicas that have taken more than 30s to be "
    'scheduled. Resources required for each replica: {"CPU": 1.0, "GPU": 0.6}, total resources available: '
    '{"CPU": 1.0}. Use `ray status` for more details.'
)
LOADING = "Deployment 'Generator' has 1 replicas that have taken more than 30s to initialize."


def deployment(running: int, message: str = "") -> DeploymentStatusOverview:
    states: Any = {"RUNNING": running, "STARTING": 1 - running}
    return DeploymentStatusOverview("UPDATING", "UNSPECIFIED", states, message)  # type: ignore[arg-type]


def application(
    age: float, status: str = "DEPLOYING", **deployments: DeploymentStatusOverview
) -> ApplicationStatusOverview:
    others = {"Ingress": deployment(0), **deployments}
    return ApplicationStatusOverview(status, "", time.time() - age, others)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement.ray, "cluster_resources", lambda: {"CPU": 2.0})
    monkeypatch.setattr(placement.ray, "available_resources", lambda: {"CPU": 0.5})


def wait(*statuses: ApplicationStatusOverview | None) -> int:
    """Run over statuses that follow one another; how many were looked at."""
    remaining = list(statuses)
    await_places(60, lambda: remaining.pop(0), lambda _: None)
    return len(statuses) - len(remaining)


def test_waits_for_every_other_deployment() -> None:
    early = application(1, Generator=deployment(0), Reranker=deployment(1))
    late = application(2, Generator=deployment(1), Reranker=deployment(1))
    assert wait(early, early, late, early) == 3


def test_says_what_is_missing_after_the_limit() -> None:
    before, after = (application(age, Generator=deployment(0, LACKING)) for age in (59, 61))
    with pytest.raises(PlacementError) as raised:
        wait(before, after)
    assert str(raised.value) == (
        'Generator found no place within 60 s: a replica needs {"CPU": 1.0, "GPU": 0.6}, and the cluster '
        "has 2 CPU (0.5 free) and 0 GPU (0 free). Add what is missing, or lower num_gpus "
        "(python scripts/operations/plan_gpus.py)"
    )


def test_loading_may_take_its_time() -> None:
    loading = application(600, Generator=deployment(0, LOADING))
    assert wait(loading, loading, application(700, Generator=deployment(1))) == 3


def test_an_old_replica_that_serves_is_enough() -> None:
    """A rolling restart whose successors find no place leaves the service up."""
    assert wait(application(600, Generator=deployment(1, LACKING))) == 1


def test_a_generator_that_scaled_to_nothing_is_no_missing_one() -> None:
    asleep = DeploymentStatusOverview("HEALTHY", "DOWNSCALE_COMPLETED", {}, "")  # type: ignore[arg-type]
    assert wait(application(600, Generator=asleep)) == 1


@pytest.mark.parametrize("status", ["DEPLOY_FAILED", "DELETING"])
def test_what_failed_or_goes_is_not_waited_for(status: str) -> None:
    assert wait(application(600, status, Generator=deployment(0, LACKING))) == 1
    assert wait(None) == 1
