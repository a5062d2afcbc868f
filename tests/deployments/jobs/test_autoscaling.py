"""The policy, on contexts as Serve's controller makes them, and wrapped as Serve wraps it."""

from __future__ import annotations

from typing import Any

import pytest
from ray.serve._private.autoscaling_state import _resolve_policy_callable
from ray.serve._private.common import DeploymentID, TimeStampedValue
from ray.serve.autoscaling_policy import _apply_app_level_autoscaling_config
from ray.serve.config import AutoscalingConfig, AutoscalingContext, AutoscalingPolicy

from deployments.jobs.autoscaling import MAX_AGE_S, UNFINISHED, CandidatesPolicy

NOW = 10_000.0
POLICY = "deployments.jobs.autoscaling:CandidatesPolicy"


def context(
    name: str,
    *,
    target: int = 1,
    running: int | None = None,
    requests: float = 0.0,
    told: dict[str, list[tuple[float, float]]] | None = None,
    **config: Any,
) -> AutoscalingContext:
    """Args:
    told: of each ingress (age in seconds, candidates), oldest first.
    """
    series = {
        replica: [TimeStampedValue(NOW - age, value) for age, value in points]
        for replica, points in (told or {}).items()
    }
    return AutoscalingContext(
        deployment_id=DeploymentID(name=name, app_name="song-dalle"),
        deployment_name=name,
        app_name="song-dalle",
        current_num_replicas=target if running is None else running,
        target_num_replicas=target,
        running_replicas=[],
        total_num_requests=requests,
        total_queued_requests=0.0,
        aggregated_metrics={},
        raw_metrics={UNFINISHED: series} if series else {},  # type: ignore[arg-type]
        capacity_adjusted_min_replicas=0,
        capacity_adjusted_max_replicas=8,
        policy_state={},
        last_scale_up_time=None,
        last_scale_down_time=None,
        current_time=NOW,
        config=AutoscalingConfig(**({"max_replicas": 8} | config)),
    )


def decide(*contexts: AutoscalingContext, each: float = 24) -> dict[str, float]:
    wanted, state = CandidatesPolicy(each)({c.deployment_id: c for c in contexts})
    assert state == {}
    return {id.name: replicas for id, replicas in wanted.items()}


def test_the_line_decides_and_not_the_requests() -> None:
    ingress = context("Ingress", told={"a": [(1, 96)]})
    assert decide(ingress, context("Generator", requests=3))["Generator"] == 4
    idle = context("Ingress", told={"a": [(1, 0)]})
    assert decide(idle, context("Generator", requests=0))["Generator"] == 0


def test_a_generator_in_a_group_bears_its_name() -> None:
    ingress, group = context("Ingress", told={"a": [(1, 96)]}), context("Pictures", requests=0)
    wanted, _ = CandidatesPolicy(24, "Pictures")({c.deployment_id: c for c in (ingress, group)})
    assert wanted[group.deployment_id] == 4


def test_every_ingress_tells_the_same_sum_and_the_newest_counts() -> None:
    told = {"a": [(30.0, 480), (20.0, 240)], "b": [(12.0, 480), (2.0, 48)]}
    assert decide(context("Ingress", told=told), context("Generator"))["Generator"] == 2


@pytest.mark.parametrize("told", [{}, {"a": []}, {"a": [(MAX_AGE_S + 1, 480.0)]}])
def test_without_news_the_generator_stays(told: dict[str, list[tuple[float, float]]]) -> None:
    ingress = context("Ingress", told=told)
    assert decide(ingress, context("Generator", target=3, requests=9))["Generator"] == 3
    assert decide(context("Generator", target=3))["Generator"] == 3


def test_the_others_scale_by_ongoing_requests() -> None:
    summarizer = context("Summarizer", target=2, requests=48, target_ongoing_requests=8)
    ingress = context("Ingress", told={"a": [(1, 0)]}, requests=50, target_ongoing_requests=100)
    wanted = decide(ingress, context("Generator"), summarizer)
    assert wanted["Summarizer"] == 6
    assert wanted["Ingress"] == 0.5


@pytest.mark.parametrize("each", [0, -1, float("nan")])
def test_a_capacity_of_nothing_is_refused(each: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        CandidatesPolicy(each)


def wrapped() -> Any:
    """As a Serve config names it, with the delays that Serve adds."""
    policy = AutoscalingPolicy(policy_function=POLICY, policy_kwargs={"candidates_per_replica": 24})
    return _apply_app_level_autoscaling_config(_resolve_policy_callable(policy))


def test_serve_takes_it_from_the_config_and_adds_the_delays() -> None:
    policy = wrapped()
    ingress = context("Ingress", told={"a": [(1, 96)]})
    busy = context("Generator", target=1, upscale_delay_s=30)
    decisions, state = policy({c.deployment_id: c for c in (ingress, busy)})
    assert decisions[busy.deployment_id] == 1  # not before 30 s
    assert state[busy.deployment_id]
    at_once = context("Generator", target=1, upscale_delay_s=0)
    decisions, _ = policy({c.deployment_id: c for c in (ingress, at_once)})
    assert decisions[at_once.deployment_id] == 4


def test_the_first_replicas_start_at_once_for_jobs_that_wait() -> None:
    ingress = context("Ingress", told={"a": [(1, 96)]})
    asleep = context("Generator", target=0, upscale_delay_s=600)
    decisions, _ = wrapped()({c.deployment_id: c for c in (ingress, asleep)})
    assert decisions[asleep.deployment_id] == 4
