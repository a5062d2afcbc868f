"""What pods give, in Ray's terms, and whether replicas find room on them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.operations.manifests.errors import ManifestError
from scripts.operations.manifests.operator_rules import container_of

GPU = "nvidia.com/gpu"
_CPU = re.compile(r"(\d+(?:\.\d+)?)(m?)")


@dataclass(frozen=True)
class Share:
    """CPUs and GPUs, of a pod or of a replica."""

    cpus: float
    gpus: float

    def holds(self, other: Share) -> bool:
        """Whether there is room for another; Ray counts in ten-thousandths."""
        return self.cpus - other.cpus > -1e-4 and self.gpus - other.gpus > -1e-4

    def without(self, other: Share) -> Share:
        """What another leaves."""
        return Share(self.cpus - other.cpus, self.gpus - other.gpus)


def cpus(quantity: object) -> float:
    """Kubernetes' quantity of CPUs, "500m" or "4".

    Raises:
        ManifestError: it is none.
    """
    match = _CPU.fullmatch(str(quantity))
    if match is None:
        raise ManifestError(f"{quantity!r} is no number of CPUs: write 4 or 500m")
    return float(match[1]) / (1000 if match[2] else 1)


def node_of(group: Mapping[str, Any]) -> Share:
    """What Ray takes a pod of a group for: rayStartParams, else the container's limits, else its requests.

    Raises:
        ManifestError: a quantity cannot be read, or the pod says nothing of CPUs.
    """
    parameters = group.get("rayStartParams") or {}
    given = container_of(dict(group)).get("resources") or {}
    limits, requests = given.get("limits") or {}, given.get("requests") or {}
    cpu = parameters.get("num-cpus", limits.get("cpu", requests.get("cpu")))
    if cpu is None:
        raise ManifestError("a pod says nothing of CPUs: give num-cpus, a limit or a request")
    return Share(cpus(cpu), float(parameters.get("num-gpus", limits.get(GPU, 0))))


@dataclass(frozen=True)
class Demand:
    """The replicas of a deployment at its largest."""

    name: str
    replicas: int
    each: Share
    per_node: int | None


def demands(document: Mapping[str, Any]) -> list[Demand]:
    """What every deployment of a Serve config may ask for."""
    made = []
    for application in document["applications"]:
        for entry in application.get("deployments") or []:
            options = entry.get("ray_actor_options") or {}
            scaling = entry.get("autoscaling_config") or {}
            replicas = int(scaling.get("max_replicas") or entry.get("num_replicas") or 1)
            each = Share(float(options.get("num_cpus", 1)), float(options.get("num_gpus", 0)))
            made.append(Demand(entry["name"], replicas, each, entry.get("max_replicas_per_node")))
    return made


def homeless(wanted: Sequence[Demand], nodes: Sequence[Share]) -> list[str]:
    """Deployments of which a replica finds no room, the largest placed first, each where least is left."""
    free, held = list(nodes), [dict[str, int]() for _ in nodes]
    without = []
    for demand in sorted(wanted, key=lambda d: (-d.each.gpus, -d.each.cpus)):
        for _ in range(demand.replicas):
            fits = [
                place
                for place, room in enumerate(free)
                if room.holds(demand.each)
                and held[place].get(demand.name, 0) < (demand.per_node or demand.replicas)
            ]
            if not fits:
                without.append(demand.name)
                break
            best = min(fits, key=lambda place: (free[place].gpus, free[place].cpus))
            free[best] = free[best].without(demand.each)
            held[best][demand.name] = held[best].get(demand.name, 0) + 1
    return without
