"""Every rule of the operator, broken once on the smallest service that keeps them all."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from scripts.operations.manifests.operator_rules import RULES, problems

Change = Callable[[dict[str, Any]], Any]


def smallest() -> dict[str, Any]:
    def group(**more: Any) -> dict[str, Any]:
        template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "ray"}]}}
        return {"rayStartParams": {}, "template": copy.deepcopy(template), **more}

    worker = group(groupName="cpu", minReplicas=1, maxReplicas=3, replicas=2, idleTimeoutSeconds=60)
    cluster = {
        "rayVersion": "2.60.0",
        "enableInTreeAutoscaling": True,
        "autoscalerOptions": {"version": "v2"},
        "authOptions": {"mode": "token"},
        "gcsFaultToleranceOptions": {"redisAddress": "redis:6379"},
        "headGroupSpec": group(),
        "workerGroupSpecs": [worker],
    }
    upgrade = {"type": "NewCluster"}
    return {
        "kind": "RayService",
        "metadata": {"name": "song-dalle", "annotations": {}},
        "spec": {"upgradeStrategy": upgrade, "rayClusterConfig": cluster},
    }


def worker(service: dict[str, Any]) -> dict[str, Any]:
    group: dict[str, Any] = service["spec"]["rayClusterConfig"]["workerGroupSpecs"][0]
    return group


def cluster(service: dict[str, Any]) -> dict[str, Any]:
    config: dict[str, Any] = service["spec"]["rayClusterConfig"]
    return config


def variable(group: dict[str, Any], name: str) -> None:
    group["template"]["spec"]["containers"][0]["env"] = [{"name": name, "value": "1"}]


def unscaled(service: dict[str, Any]) -> None:
    cluster(service)["enableInTreeAutoscaling"] = False
    del worker(service)["maxReplicas"]


def incremental(**options: Any) -> Change:
    strategy = {"type": "NewClusterWithIncrementalUpgrade", "clusterUpgradeOptions": options}
    return lambda s: s["spec"].update(upgradeStrategy=strategy)


BROKEN: list[tuple[str, Change, str]] = [
    ("name", lambda s: s["metadata"].update(name="s" * 48), "has 48 characters: 47 at most"),
    ("name", lambda s: s["metadata"].update(name="2songs"), "must begin with a letter"),
    (
        "bounds",
        lambda s: worker(s).update(minReplicas=4),
        "cpu: minReplicas 4 is above maxReplicas 3",
    ),
    ("bounds", lambda s: worker(s).update(replicas=7), "replicas 7 is not between"),
    ("bounds", unscaled, "both needed without an autoscaler"),
    (
        "autoscaler_restarts",
        lambda s: worker(s)["template"]["spec"].update(restartPolicy="Always"),
        "cpu: restartPolicy must be Never under autoscaler v2, not Always",
    ),
    (
        "autoscaler_version",
        lambda s: variable(cluster(s)["headGroupSpec"], "RAY_enable_autoscaler_v2"),
        "RAY_enable_autoscaler_v2 and autoscalerOptions.version must not both",
    ),
    (
        "idle_timeouts",
        lambda s: cluster(s).update(autoscalerOptions={"version": "v1"}),
        "idleTimeoutSeconds has no effect",
    ),
    (
        "resources",
        lambda s: worker(s).update(resources={"CPU": "4"}, rayStartParams={"num-cpus": "4"}),
        "cpu: num-cpus in rayStartParams and `resources` must not both be given",
    ),
    (
        "labels",
        lambda s: worker(s).update(rayStartParams={"labels": "a=b"}),
        "the group's `labels`",
    ),
    (
        "redis",
        lambda s: variable(worker(s), "RAY_REDIS_ADDRESS"),
        "cpu: RAY_REDIS_ADDRESS must not",
    ),
    (
        "redis",
        lambda s: cluster(s)["headGroupSpec"].update(rayStartParams={"redis-password": "x"}),
        "head: redis-password must not",
    ),
    (
        "fault_tolerance",
        lambda s: s["metadata"]["annotations"].update({"ray.io/ft-enabled": "true"}),
        "ray.io/ft-enabled and gcsFaultToleranceOptions must not both",
    ),
    (
        "nested_upgrade",
        lambda s: cluster(s).update(upgradeStrategy={"type": "Recreate"}),
        "spec.upgradeStrategy is meant",
    ),
    ("incremental_upgrade", incremental(), "needs clusterUpgradeOptions"),
    (
        "incremental_upgrade",
        incremental(stepSizePercent=60, maxSurgePercent=50, intervalSeconds=5),
        "stepSizePercent is above maxSurgePercent",
    ),
    ("incremental_upgrade", incremental(stepSizePercent=5), "intervalSeconds must be above 0"),
    (
        "incremental_upgrade",
        lambda s: s["spec"]["upgradeStrategy"].update(clusterUpgradeOptions={"stepSizePercent": 5}),
        "are for upgradeStrategy.type NewClusterWithIncrementalUpgrade only",
    ),
    (
        "head_service",
        lambda s: cluster(s)["headGroupSpec"].update(headService={"metadata": {"name": "head"}}),
        "the operator names it",
    ),
    (
        "tokens",
        lambda s: cluster(s).update(rayVersion="2.51.1"),
        "token needs Ray 2.52, not 2.51.1",
    ),
    (
        "probes",
        lambda s: worker(s)["template"]["spec"]["containers"][0].update(readinessProbe={}),
        "cpu: leave readinessProbe out",
    ),
]


def test_the_smallest_service_keeps_them_all() -> None:
    assert list(problems(smallest())) == []


@pytest.mark.parametrize(("rule", "change", "complaint"), BROKEN, ids=[b[2][:30] for b in BROKEN])
def test_a_broken_rule_is_told(rule: str, change: Change, complaint: str) -> None:
    service = smallest()
    change(service)
    told = {r.__name__: list(r(service)) for r in RULES}
    broken = {name: found for name, found in told.items() if found}
    assert list(broken) == [rule]
    assert len(broken[rule]) == 1
    assert complaint in broken[rule][0]


def test_every_rule_is_broken_somewhere() -> None:
    assert {rule for rule, _, _ in BROKEN} == {rule.__name__ for rule in RULES}
