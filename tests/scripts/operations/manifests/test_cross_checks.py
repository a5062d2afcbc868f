"""Each agreement broken once, on the overlays as they are rendered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from scripts.common.command_line import ROOT
from scripts.operations.manifests.cross_checks import CHECKS, Deployment, problems
from scripts.operations.manifests.rendering import Manifest, ray_service
from tests.scripts.operations.manifests.conftest import dig

Manifests = Callable[[str], list[Manifest]]
Change = Callable[[list[Manifest]], Any]


def cluster(manifests: list[Manifest]) -> dict[str, Any]:
    config: dict[str, Any] = ray_service(manifests)["spec"]["rayClusterConfig"]
    return config


def worker(manifests: list[Manifest]) -> dict[str, Any]:
    pod: dict[str, Any] = dig(cluster(manifests), "workerGroupSpecs", 0, "template", "spec")
    return pod


def container(manifests: list[Manifest]) -> dict[str, Any]:
    first: dict[str, Any] = worker(manifests)["containers"][0]
    return first


def named(manifests: list[Manifest], kind: str) -> Manifest:
    return next(m for m in manifests if m["kind"] == kind)


def serve(**changes: Any) -> Change:
    """Change the Serve config: of the document, or of a deployment by its name."""

    def change(manifests: list[Manifest]) -> None:
        spec = ray_service(manifests)["spec"]
        document = yaml.safe_load(spec["serveConfigV2"])
        (application,) = document["applications"]
        for key, value in changes.items():
            entries = [e for e in application["deployments"] if e["name"] == key]
            (entries[0] if entries else application if key in application else document).update(
                value if entries else {key: value}
            )
        spec["serveConfigV2"] = yaml.safe_dump(document)

    return change


def extra(name: str, value: str) -> Change:
    return lambda m: container(m).update(env=[{"name": name, "value": value}])


def without_secret(manifests: list[Manifest]) -> None:
    container(manifests)["envFrom"].pop()


BROKEN: list[tuple[str, Change, str]] = [
    ("versions", lambda m: cluster(m).update(rayVersion="2.59.0"), "rayVersion is 2.59.0, but"),
    ("versions", lambda m: container(m).update(image="x:ray2.60.0-gpu"), "different images"),
    (
        "room",
        lambda m: dig(cluster(m), "workerGroupSpecs", 0).update(maxReplicas=3),
        "finds no room on all workers",
    ),
    (
        "head",
        lambda m: cluster(m)["headGroupSpec"]["rayStartParams"].update({"num-cpus": "2"}),
        'num-cpus must be "0"',
    ),
    (
        "head",
        lambda m: ray_service(m)["spec"].update(excludeHeadPodFromServeSvc=False),
        "excludeHeadPodFromServeSvc must be true",
    ),
    (
        "environment",
        extra("RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S", "9"),
        "not the same on head and workers (head: 2, cpu: 9)",
    ),
    ("environment", extra("RAY_SERVE_NEW", "1"), "(head: None, cpu: 1)"),
    ("environment", without_secret, "cpu: SONGDALLE_DATABASE is not set"),
    (
        "environment",
        lambda m: container(m)["envFrom"].append({"configMapRef": {"name": "gone"}}),
        "there is no ConfigMap gone",
    ),
    (
        "grace",
        lambda m: worker(m).update(terminationGracePeriodSeconds=700),
        "cpu: terminationGracePeriodSeconds 700 must be above graceful_shutdown_timeout_s (700)",
    ),
    (
        "grace",
        lambda m: ray_service(m)["spec"].update(rayClusterDeletionDelaySeconds=60),
        "rayClusterDeletionDelaySeconds 60 must be above the longest request (600 s)",
    ),
    (
        "grace",
        lambda m: dig(container(m), "lifecycle", "preStop", "exec")["command"].append("2000"),
        "preStop takes up to 2000 s, its pod is killed after 960",
    ),
    ("proxies", serve(http_options={"host": "127.0.0.1"}), "http_options.host must be 0.0.0.0"),
    ("proxies", serve(proxy_location="HeadOnly"), "proxy_location must be EveryNode"),
    (
        "proxies",
        lambda m: container(m)["ports"].pop(),
        "cpu: the port named `serve` must be http_options.port, 8000",
    ),
    (
        "selectors",
        lambda m: named(m, "PodDisruptionBudget")["spec"]["selector"].update(
            matchLabels={"app": "song"}
        ),
        "PodDisruptionBudget song-dalle-workers selects no pod",
    ),
    ("imports", serve(import_path="deployments.application:build"), "deployments/application.py"),
    ("imports", serve(import_path="deployments.app:make"), "deployments/app.py has no make"),
]


@pytest.mark.parametrize("overlay", ["cpu", "gpu"])
def test_the_overlays_agree(manifests: Manifests, secrets: list[Manifest], overlay: str) -> None:
    assert list(problems(Deployment(manifests(overlay), secrets, ROOT))) == []


@pytest.mark.parametrize(("check", "change", "complaint"), BROKEN, ids=[b[2][:30] for b in BROKEN])
def test_what_does_not_agree_is_told(
    manifests: Manifests, secrets: list[Manifest], check: str, change: Change, complaint: str
) -> None:
    broken = manifests("cpu")
    change(broken)
    deployment = Deployment(broken, secrets, ROOT)
    told = {c.__name__: list(c(deployment)) for c in CHECKS}
    assert [name for name, found in told.items() if found] == [check]
    assert any(complaint in line for line in told[check])


def test_every_agreement_is_broken_somewhere() -> None:
    assert {check for check, _, _ in BROKEN} == {check.__name__ for check in CHECKS}


def test_a_gpu_too_few_is_told(manifests: Manifests, secrets: list[Manifest]) -> None:
    overlay = manifests("gpu")
    dig(cluster(overlay), "workerGroupSpecs", 1)["maxReplicas"] = 3
    assert list(problems(Deployment(overlay, secrets, ROOT))) == [
        "Generator at its max_replicas finds no room on all workers at their maxReplicas"
    ]
