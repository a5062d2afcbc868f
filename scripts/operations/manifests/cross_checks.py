"""What has to agree between the RayService, its Serve config, the other manifests and this project."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from scripts.operations.manifests.errors import ManifestError
from scripts.operations.manifests.operator_rules import cluster_of, container_of, groups_of
from scripts.operations.manifests.quantities import demands, homeless, node_of
from scripts.operations.manifests.rendering import Manifest, ray_service

SERVE_VARIABLES = "RAY_SERVE_"
SHARED_STORAGE = ("SONGDALLE_DATABASE", "SONGDALLE_PICTURES")
"""Without these every machine would keep jobs and pictures of its own."""
EVERYWHERE = ("0.0.0.0", "::")
SELECTING = {
    "PodDisruptionBudget": ("selector",),
    "NetworkPolicy": ("podSelector",),
    "PodMonitor": ("selector",),
}


@dataclass(frozen=True)
class Deployment:
    """One overlay, and what it is held against.

    Attributes:
        manifests: as rendered.
        secrets: Secrets that its reader makes, as in the example file.
        root: the project's folder.
    """

    manifests: Sequence[Manifest]
    secrets: Sequence[Manifest]
    root: Path

    @cached_property
    def service(self) -> Manifest:
        """The RayService."""
        return ray_service(list(self.manifests))

    @cached_property
    def groups(self) -> dict[str, dict[str, Any]]:
        """The head's group and the workers', by name."""
        return groups_of(self.service)

    @cached_property
    def serve(self) -> dict[str, Any]:
        """The Serve config."""
        document: dict[str, Any] = yaml.safe_load(self.service["spec"]["serveConfigV2"])
        return document

    @property
    def workers(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The worker groups."""
        return ((name, group) for name, group in self.groups.items() if name != "head")

    @property
    def entries(self) -> Iterator[dict[str, Any]]:
        """The deployments of the Serve config."""
        for application in self.serve["applications"]:
            yield from application.get("deployments") or []

    def environment(self, group: Mapping[str, Any]) -> dict[str, str]:
        """Names and values of a group's environment; of `valueFrom`, its source.

        Raises:
            ManifestError: a ConfigMap or Secret is named that there is none of.
        """
        container, found = container_of(dict(group)), dict[str, str]()
        for source in container.get("envFrom") or []:
            for kind, key in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
                if key in source:
                    found |= self._content(kind, source[key]["name"])
        for entry in container.get("env") or []:
            found[entry["name"]] = str(entry.get("value", entry.get("valueFrom")))
        return found

    def _content(self, kind: str, name: str) -> dict[str, str]:
        for manifest in (*self.manifests, *self.secrets):
            if (manifest["kind"], manifest["metadata"]["name"]) == (kind, name):
                return {**(manifest.get("data") or {}), **(manifest.get("stringData") or {})}
        raise ManifestError(f"there is no {kind} {name}, which the environment is taken from")


def locked_ray(root: Path) -> str:
    """The version of Ray in requirements.lock.

    Raises:
        ManifestError: it names none.
    """
    match = re.search(r"^ray==(\S+)", (root / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    if match is None:
        raise ManifestError("requirements.lock names no version of ray")
    return match[1]


def versions(deployment: Deployment) -> Iterator[str]:
    """One version of Ray, in one image."""
    wanted, locked = (
        str(cluster_of(deployment.service).get("rayVersion")),
        locked_ray(deployment.root),
    )
    if wanted != locked:
        yield f"rayVersion is {wanted}, but requirements.lock has {locked}"
    images = {name: container_of(group)["image"] for name, group in deployment.groups.items()}
    for name, image in images.items():
        if f"ray{locked}" not in image.rpartition(":")[2]:
            yield f"{name}: the image's tag does not name ray{locked}: {image}"
    if len(set(images.values())) > 1:
        yield f"head and workers have different images: {', '.join(sorted(set(images.values())))}"


def room(deployment: Deployment) -> Iterator[str]:
    """The replicas of every deployment at its largest fit the worker groups at theirs."""
    nodes = [node_of(g) for _, g in deployment.workers for _ in range(g["maxReplicas"])]
    for name in homeless(demands(deployment.serve), nodes):
        yield f"{name} at its max_replicas finds no room on all workers at their maxReplicas"


def head(deployment: Deployment) -> Iterator[str]:
    """No replica and no user's traffic is on the head."""
    if node_of(deployment.groups["head"]).cpus:
        yield 'head: num-cpus must be "0", or replicas start there'
    if not deployment.service["spec"].get("excludeHeadPodFromServeSvc"):
        yield "excludeHeadPodFromServeSvc must be true, or users' traffic goes to the head"


def environment(deployment: Deployment) -> Iterator[str]:
    """Serve's variables are the same everywhere, and everybody knows the shared storage."""
    try:
        all_of = {n: deployment.environment(g) for n, g in deployment.groups.items()}
    except ManifestError as error:
        yield str(error)
        return
    names = {name for found in all_of.values() for name in found}
    for variable in sorted(name for name in names if name.startswith(SERVE_VARIABLES)):
        values = {group: found.get(variable) for group, found in all_of.items()}
        if len(set(values.values())) > 1:
            told = ", ".join(f"{group}: {value}" for group, value in values.items())
            yield f"{variable} is not the same on head and workers ({told})"
    for variable in SHARED_STORAGE:
        for group, found in all_of.items():
            if variable not in found:
                yield f"{group}: {variable} is not set, and every machine would keep its own"


def grace(deployment: Deployment) -> Iterator[str]:
    """Serve's time to shut down < a drain's < a pod's < the old cluster's."""
    longest = max(int(entry.get("graceful_shutdown_timeout_s", 20)) for entry in deployment.entries)
    request = (deployment.serve.get("http_options") or {}).get("request_timeout_s") or 0
    delay = deployment.service["spec"].get("rayClusterDeletionDelaySeconds", 60)
    if delay <= max(longest, request):
        yield (
            f"rayClusterDeletionDelaySeconds {delay} must be above the longest request "
            f"({request:g} s) and graceful_shutdown_timeout_s ({longest})"
        )
    for name, group in deployment.workers:
        pod = group["template"]["spec"].get("terminationGracePeriodSeconds", 30)
        if pod <= longest:
            yield (
                f"{name}: terminationGracePeriodSeconds {pod} must be above "
                f"graceful_shutdown_timeout_s ({longest})"
            )
        hook = (container_of(group).get("lifecycle") or {}).get("preStop") or {}
        drain = [word for word in (hook.get("exec") or {}).get("command") or [] if word.isdigit()]
        if drain and int(drain[-1]) >= pod:
            yield f"{name}: preStop takes up to {drain[-1]} s, its pod is killed after {pod}"


def proxies(deployment: Deployment) -> Iterator[str]:
    """KubeRay and users reach Serve's proxy on every worker."""
    http = deployment.serve.get("http_options") or {}
    host, port = str(http.get("host", "127.0.0.1")), http.get("port", 8000)
    if host not in EVERYWHERE:
        yield f"http_options.host must be 0.0.0.0, not {host}: nobody reaches a pod there"
    if deployment.serve.get("proxy_location", "EveryNode") != "EveryNode":
        yield "proxy_location must be EveryNode: a worker without a proxy is never ready"
    for name, group in deployment.workers:
        ports = {p.get("name"): p["containerPort"] for p in container_of(group).get("ports") or []}
        if ports.get("serve") != port:
            yield f"{name}: the port named `serve` must be http_options.port, {port}"


def selectors(deployment: Deployment) -> Iterator[str]:
    """Budgets, policies and monitors select pods that there are."""
    pods = [
        group["template"]["metadata"].get("labels") or {} for group in deployment.groups.values()
    ]
    for manifest in deployment.manifests:
        if manifest["kind"] == "StatefulSet":
            pods.append(manifest["spec"]["template"]["metadata"]["labels"])
    for manifest in deployment.manifests:
        for key in SELECTING.get(manifest["kind"], ()):
            wanted = manifest["spec"][key].get("matchLabels") or {}
            if not any(wanted.items() <= labels.items() for labels in pods):
                yield f"{manifest['kind']} {manifest['metadata']['name']} selects no pod: {wanted}"


def imports(deployment: Deployment) -> Iterator[str]:
    """What the Serve config imports is in this project."""
    for application in deployment.serve["applications"]:
        policy = (application.get("autoscaling_policy") or {}).get("policy_function")
        for path in filter(None, (application["import_path"], policy)):
            module, _, attribute = path.partition(":")
            file = deployment.root / f"{module.replace('.', '/')}.py"
            if not file.is_file():
                yield f"{path}: there is no {file.relative_to(deployment.root)}"
            elif not re.search(
                rf"^(def|class) {attribute}\b", file.read_text("utf-8"), re.MULTILINE
            ):
                yield f"{path}: {file.relative_to(deployment.root)} has no {attribute}"


CHECKS = (versions, room, head, environment, grace, proxies, selectors, imports)


def problems(deployment: Deployment) -> Iterator[str]:
    """Everything that does not agree."""
    for check in CHECKS:
        yield from check(deployment)
