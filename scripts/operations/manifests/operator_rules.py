"""What KubeRay's operator (1.7) refuses or does not do, and no schema says.

Each rule takes a RayService and yields what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from scripts.operations.manifests.rendering import Manifest

Rule = Callable[[Manifest], Iterator[str]]

NAME_LENGTH = 47
"""Of a RayService: Kubernetes' 63 less what the operator appends to names of clusters, pods and services."""
DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
FT_ANNOTATION = "ray.io/ft-enabled"
AUTOSCALER_SWITCH = "RAY_enable_autoscaler_v2"
REDIS_VARIABLES = {"RAY_REDIS_ADDRESS", "REDIS_PASSWORD"}
REDIS_PARAMETER = "redis-password"
TOKEN_SINCE = (2, 52)
INCREMENTAL = "NewClusterWithIncrementalUpgrade"


def cluster_of(service: Manifest) -> dict[str, Any]:
    """The RayService's rayClusterConfig."""
    cluster: dict[str, Any] = service["spec"]["rayClusterConfig"]
    return cluster


def groups_of(service: Manifest) -> dict[str, dict[str, Any]]:
    """The head group as "head", and the worker groups by their names."""
    cluster = cluster_of(service)
    workers = {group["groupName"]: group for group in cluster.get("workerGroupSpecs") or []}
    return {"head": cluster["headGroupSpec"], **workers}


def container_of(group: dict[str, Any]) -> dict[str, Any]:
    """A group's Ray container: the first."""
    container: dict[str, Any] = group["template"]["spec"]["containers"][0]
    return container


def variables_of(group: dict[str, Any]) -> set[str]:
    """Names in `env` of a group's Ray container."""
    return {entry["name"] for entry in container_of(group).get("env") or []}


def name(service: Manifest) -> Iterator[str]:
    """The name is short enough for what is appended to it, and a DNS label."""
    own = service["metadata"]["name"]
    if len(own) > NAME_LENGTH:
        yield f"the name {own} has {len(own)} characters: {NAME_LENGTH} at most"
    if not DNS_1035.fullmatch(own):
        yield f"the name {own} must begin with a letter, of small letters, digits and hyphens"


def bounds(service: Manifest) -> Iterator[str]:
    """minReplicas <= replicas <= maxReplicas; without an autoscaler both bounds are given."""
    scales = cluster_of(service).get("enableInTreeAutoscaling")
    for group, spec in groups_of(service).items():
        if group == "head":
            continue
        least, most = spec.get("minReplicas"), spec.get("maxReplicas")
        if not scales and (least is None or most is None):
            yield f"{group}: minReplicas and maxReplicas are both needed without an autoscaler"
            continue
        least, most = least or 0, most if most is not None else float("inf")
        if least > most:
            yield f"{group}: minReplicas {least} is above maxReplicas {most}"
        elif not least <= spec.get("replicas", least) <= most:
            yield f"{group}: replicas {spec['replicas']} is not between minReplicas and maxReplicas"


def autoscaler_restarts(service: Manifest) -> Iterator[str]:
    """Under autoscaler v2 a pod is never restarted: restartPolicy is Never, or left out."""
    if (cluster_of(service).get("autoscalerOptions") or {}).get("version") != "v2":
        return
    for group, spec in groups_of(service).items():
        policy = spec["template"]["spec"].get("restartPolicy", "Never")
        if policy != "Never":
            yield f"{group}: restartPolicy must be Never under autoscaler v2, not {policy}"


def autoscaler_version(service: Manifest) -> Iterator[str]:
    """The autoscaler's version is said in one place."""
    if not (cluster_of(service).get("autoscalerOptions") or {}).get("version"):
        return
    if AUTOSCALER_SWITCH in variables_of(groups_of(service)["head"]):
        yield f"head: {AUTOSCALER_SWITCH} and autoscalerOptions.version must not both be given"


def idle_timeouts(service: Manifest) -> Iterator[str]:
    """A group's own idleTimeoutSeconds is read by autoscaler v2 only."""
    if (cluster_of(service).get("autoscalerOptions") or {}).get("version") == "v2":
        return
    for group, spec in groups_of(service).items():
        if "idleTimeoutSeconds" in spec:
            yield f"{group}: idleTimeoutSeconds has no effect without autoscalerOptions.version v2"


def resources(service: Manifest) -> Iterator[str]:
    """A group's resources are given once: by `resources`, or by rayStartParams."""
    for group, spec in groups_of(service).items():
        given = {"num-cpus", "num-gpus", "memory", "resources"} & set(
            spec.get("rayStartParams") or {}
        )
        if spec.get("resources") and given:
            both = ", ".join(sorted(given))
            yield f"{group}: {both} in rayStartParams and `resources` must not both be given"


def labels(service: Manifest) -> Iterator[str]:
    """Labels of Ray's nodes are given by the group's `labels`."""
    for group, spec in groups_of(service).items():
        if "labels" in (spec.get("rayStartParams") or {}):
            yield f"{group}: labels do not go into rayStartParams, but into the group's `labels`"


def redis(service: Manifest) -> Iterator[str]:
    """Beside gcsFaultToleranceOptions nothing else names the Redis."""
    cluster = cluster_of(service)
    if "gcsFaultToleranceOptions" not in cluster:
        return
    for group, spec in groups_of(service).items():
        for variable in sorted(REDIS_VARIABLES & variables_of(spec)):
            yield f"{group}: {variable} must not be set beside gcsFaultToleranceOptions"
        if REDIS_PARAMETER in (spec.get("rayStartParams") or {}):
            yield f"{group}: {REDIS_PARAMETER} must not be set beside gcsFaultToleranceOptions"


def fault_tolerance(service: Manifest) -> Iterator[str]:
    """GCS fault tolerance is asked for by the options, not by the old annotation as well."""
    annotations = service["metadata"].get("annotations") or {}
    if FT_ANNOTATION in annotations and "gcsFaultToleranceOptions" in cluster_of(service):
        yield f"the annotation {FT_ANNOTATION} and gcsFaultToleranceOptions must not both be given"


def nested_upgrade(service: Manifest) -> Iterator[str]:
    """A RayService upgrades, not its cluster."""
    if "upgradeStrategy" in cluster_of(service):
        yield "rayClusterConfig.upgradeStrategy must not be set: spec.upgradeStrategy is meant"


def incremental_upgrade(service: Manifest) -> Iterator[str]:
    """An incremental upgrade has its options, its steps fit, and there is an autoscaler."""
    strategy = service["spec"].get("upgradeStrategy") or {}
    options = strategy.get("clusterUpgradeOptions")
    if strategy.get("type") != INCREMENTAL:
        if options:
            yield f"clusterUpgradeOptions are for upgradeStrategy.type {INCREMENTAL} only"
        return
    if not cluster_of(service).get("enableInTreeAutoscaling"):
        yield f"{INCREMENTAL} needs enableInTreeAutoscaling"
    if not options:
        yield f"{INCREMENTAL} needs clusterUpgradeOptions"
        return
    if options.get("stepSizePercent", 0) > options.get("maxSurgePercent", 100):
        yield "clusterUpgradeOptions: stepSizePercent is above maxSurgePercent"
    if options.get("intervalSeconds", 0) <= 0:
        yield "clusterUpgradeOptions: intervalSeconds must be above 0"


def head_service(service: Manifest) -> Iterator[str]:
    """The operator names the head's service."""
    metadata = (groups_of(service)["head"].get("headService") or {}).get("metadata") or {}
    if metadata.get("name"):
        yield "headService.metadata.name must not be set: the operator names it"


def tokens(service: Manifest) -> Iterator[str]:
    """Authentication by token needs a Ray that has it."""
    cluster = cluster_of(service)
    version = str(cluster.get("rayVersion", ""))
    if (cluster.get("authOptions") or {}).get("mode") != "token" or not version:
        return
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if numbers < TOKEN_SINCE:
        yield f"authOptions.mode token needs Ray {'.'.join(map(str, TOKEN_SINCE))}, not {version}"


def probes(service: Manifest) -> Iterator[str]:
    """KubeRay's probes stay: a readinessProbe of one's own sends traffic to workers without a proxy."""
    for group, spec in groups_of(service).items():
        for probe in ("readinessProbe", "livenessProbe"):
            if probe in container_of(spec):
                yield f"{group}: leave {probe} out, KubeRay's own looks at Serve's proxy"


RULES: tuple[Rule, ...] = (
    name,
    bounds,
    autoscaler_restarts,
    autoscaler_version,
    idle_timeouts,
    resources,
    labels,
    redis,
    fault_tolerance,
    nested_upgrade,
    incremental_upgrade,
    head_service,
    tokens,
    probes,
)


def problems(service: Manifest) -> Iterator[str]:
    """What the operator would refuse, by all rules."""
    for rule in RULES:
        yield from rule(service)
