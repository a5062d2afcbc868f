"""Whether the cluster has a place for every replica; Ray itself waits for one without end."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping

import ray
from ray import serve
from ray.serve.schema import ApplicationStatusOverview, DeploymentStatusOverview

POLL_SECONDS = 0.5
_REQUIRED = re.compile(r"Resources required for each replica: (\{.*?\})")
_ENDED = {"DEPLOY_FAILED", "DELETING"}


class PlacementError(RuntimeError):
    """The cluster has not got what a replica needs."""


def await_places(
    limit_s: float,
    status: Callable[[], ApplicationStatusOverview | None] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Wait until every other deployment of this application runs.

    A replica that loads its model may take its time; one that finds no place may not: so this raises in the
    ingress's constructor, which makes the application fail, with the reason in its status.

    Args:
        limit_s: seconds since the application was deployed after which a missing place is an error.
        status: the application's status; of the application this replica is of, unless given.
        sleep: pauses between looks.

    Raises:
        PlacementError: a replica found none in time.
    """
    own = "Ingress"
    status = status or _own_status
    while (application := status()) is not None and application.status not in _ENDED:
        others = {name: d for name, d in application.deployments.items() if name != own}
        if all(_runs(deployment) for deployment in others.values()):
            return
        if time.time() - application.last_deployed_time_s > limit_s:
            _refuse_waiting(others, limit_s)
        sleep(POLL_SECONDS)


def _own_status() -> ApplicationStatusOverview | None:
    return serve.status().applications.get(serve.get_replica_context().app_name)


def _runs(deployment: DeploymentStatusOverview) -> bool:
    """A deployment that scaled to nothing is healthy without a replica."""
    running = any(state == "RUNNING" and n for state, n in deployment.replica_states.items())
    return running or deployment.status == "HEALTHY"


def _refuse_waiting(deployments: Mapping[str, DeploymentStatusOverview], limit_s: float) -> None:
    for name, deployment in deployments.items():
        needs = _REQUIRED.search(deployment.message)
        if needs and not _runs(deployment):
            raise PlacementError(
                f"{name} found no place within {limit_s:g} s: a replica needs {needs[1]}, and the cluster "
                f"has {_resources()}. Add what is missing, or lower num_gpus "
                "(python scripts/operations/plan_gpus.py)"
            )


def _resources() -> str:
    """CPUs and GPUs of the cluster, and how many of them are free."""
    total = ray.cluster_resources()  # type: ignore[no-untyped-call]
    free = ray.available_resources()  # type: ignore[no-untyped-call]
    return " and ".join(
        f"{total.get(kind, 0):g} {kind} ({free.get(kind, 0):g} free)" for kind in ("CPU", "GPU")
    )
