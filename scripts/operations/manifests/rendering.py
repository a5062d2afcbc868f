"""An overlay as kubectl would apply it: rendered by kustomize, alone or in kubectl; no cluster is asked."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from scripts.operations.manifests.errors import ManifestError

Manifest = dict[str, Any]

SECONDS = 60


def renderer(which: Callable[[str], str | None] = shutil.which) -> list[str] | None:
    """The command that renders a folder; None where neither kustomize nor kubectl is installed."""
    if which("kustomize"):
        return ["kustomize", "build"]
    return ["kubectl", "kustomize"] if which("kubectl") else None


def render(overlay: Path) -> list[Manifest]:
    """Every manifest of an overlay.

    Raises:
        ManifestError: there is nothing to render with, or kustomize refuses the overlay.
    """
    command = renderer()
    if command is None:
        raise ManifestError("neither kustomize nor kubectl is on the PATH: install one of them")
    try:
        done = subprocess.run(
            [*command, str(overlay)], capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise ManifestError(f"{command[0]} took longer than {SECONDS} s over {overlay}") from None
    if done.returncode:
        raise ManifestError(f"{command[0]} refuses {overlay}: {' '.join(done.stderr.split())}")
    return load(done.stdout, str(overlay))


def load(text: str, name: str) -> list[Manifest]:
    """The manifests of a YAML text.

    Raises:
        ManifestError: it is no YAML, or has something else than manifests.
    """
    try:
        documents = [document for document in yaml.safe_load_all(text) if document is not None]
    except yaml.YAMLError as error:
        raise ManifestError(f"{name} is not valid YAML: {' '.join(str(error).split())}") from None
    for document in documents:
        if not isinstance(document, dict) or not {"kind", "metadata"} <= set(document):
            raise ManifestError(f"{name} has a document without kind or metadata")
    return documents


def ray_service(manifests: list[Manifest]) -> Manifest:
    """The one RayService among manifests.

    Raises:
        ManifestError: there is none, or more than one.
    """
    found = [manifest for manifest in manifests if manifest["kind"] == "RayService"]
    if len(found) != 1:
        raise ManifestError(f"there must be one RayService, not {len(found)}")
    return found[0]
