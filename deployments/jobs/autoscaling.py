"""How many replicas of the Generator there should be: by the candidates that the job queue knows of.

Serve's own rule counts requests at a stage, and the Generator's are bounded by what the ingresses begin; the
line is in the database. So each ingress tells the queue's sum with its autoscaling statistics, and the
application's policy (`autoscaling_policy` in the Serve config) reads it in Serve's controller.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ray.serve.autoscaling_policy import replica_queue_length_autoscaling_policy
from ray.serve.config import AutoscalingContext

UNFINISHED = "unfinished_candidates"
"""What `Ingress.record_autoscaling_stats` calls the sum; the same at every ingress."""

MAX_AGE_S = 60.0
"""Of a sum that is still believed; ingresses tell it every ten seconds or more often."""


class CandidatesPolicy:
    """Replicas of the Generator by unfinished candidates; all others by Serve's own rule, ongoing requests.

    Bounds and delays are those of each deployment's `autoscaling_config`. While no ingress tells the sum, as
    when the database is gone, the Generator stays as it is.

    Args:
        candidates_per_replica: what one replica is to have before another is started.
        generator: name of the Generator's deployment, or of the group of `colocate` that has it.

    Raises:
        ValueError: that is not above 0.
    """

    def __init__(self, candidates_per_replica: float, generator: str = "Generator") -> None:
        if not candidates_per_replica > 0:
            raise ValueError(
                f"candidates_per_replica must be above 0, not {candidates_per_replica!r}"
            )
        self.candidates_per_replica = candidates_per_replica
        self.generator = generator

    def __call__(
        self, contexts: Mapping[Any, AutoscalingContext]
    ) -> tuple[dict[Any, float], dict[Any, dict[str, Any]]]:
        """Replicas wanted of each deployment that scales, by its id; and no state of its own."""
        unfinished = None
        for context in contexts.values():
            if context.deployment_name == "Ingress":
                unfinished = latest(context)
        wanted: dict[Any, float] = {}
        for id, context in contexts.items():
            if context.deployment_name != self.generator:
                wanted[id], _ = replica_queue_length_autoscaling_policy(context)
            elif unfinished is None:
                wanted[id] = context.target_num_replicas
            else:
                wanted[id] = unfinished / self.candidates_per_replica
        return wanted, {}


def latest(ingresses: AutoscalingContext) -> float | None:
    """The newest sum that an ingress told; None if that was long ago, or never."""
    told = (ingresses.raw_metrics or {}).get(UNFINISHED, {})
    points = [series[-1] for series in told.values() if series]
    newest = max(points, key=lambda point: point.timestamp, default=None)
    if newest is None or (ingresses.current_time or 0) - newest.timestamp > MAX_AGE_S:
        return None
    return float(newest.value)
