from __future__ import annotations

from typing import Any

import pytest

from scripts.operations.manifests.errors import ManifestError
from scripts.operations.manifests.quantities import Demand, Share, cpus, demands, homeless, node_of


def group(parameters: dict[str, Any], **resources: Any) -> dict[str, Any]:
    containers = [{"resources": resources}]
    return {"rayStartParams": parameters, "template": {"spec": {"containers": containers}}}


def test_cpus_are_read_as_kubernetes_reads_them() -> None:
    assert (cpus("500m"), cpus("4"), cpus(2), cpus("0.5")) == (0.5, 4, 2, 0.5)
    with pytest.raises(ManifestError, match="write 4 or 500m"):
        cpus("4Gi")


def test_a_node_has_what_ray_takes_it_for() -> None:
    limits = {"cpu": "4", "nvidia.com/gpu": "1"}
    assert node_of(group({}, limits=limits)) == Share(4, 1)
    assert node_of(group({"num-cpus": "0"}, limits=limits)) == Share(0, 1)
    assert node_of(group({}, requests={"cpu": "1500m"})) == Share(1.5, 0)
    with pytest.raises(ManifestError, match="says nothing of CPUs"):
        node_of(group({}))


def test_demands_are_the_largest() -> None:
    entries: list[dict[str, Any]] = [
        {"name": "A", "autoscaling_config": {"max_replicas": 3}, "max_replicas_per_node": 1},
        {"name": "B", "num_replicas": 2, "ray_actor_options": {"num_cpus": 0.5, "num_gpus": 1}},
        {"name": "C"},
    ]
    assert demands({"applications": [{"deployments": entries}]}) == [
        Demand("A", 3, Share(1, 0), 1),
        Demand("B", 2, Share(0.5, 1), None),
        Demand("C", 1, Share(1, 0), None),
    ]


def test_who_finds_no_room_is_named() -> None:
    two = [Share(2, 0), Share(2, 1)]
    assert homeless([Demand("A", 4, Share(1, 0), None)], two) == []
    assert homeless([Demand("A", 5, Share(1, 0), None)], two) == ["A"]
    assert homeless([Demand("A", 3, Share(0.1, 0), 1)], two) == ["A"]
    assert homeless([Demand("A", 1, Share(0.1, 0.6), None)] * 2, two) == ["A"]
    # Tenths add up as Ray counts them
    assert homeless([Demand("A", 10, Share(0.1, 0.1), None)], [Share(1, 1)]) == []


def test_cpu_work_keeps_off_the_gpus_while_it_can() -> None:
    demand = [Demand("cpu", 2, Share(1, 0), None), Demand("gpu", 1, Share(2, 1), None)]
    assert homeless(demand, [Share(2, 1), Share(2, 0)]) == []
