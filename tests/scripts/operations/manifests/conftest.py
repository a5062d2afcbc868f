"""The overlays as they are rendered, to be broken."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scripts.common.command_line import ROOT
from scripts.operations.manifests.overlays import FOLDER, SECRETS
from scripts.operations.manifests.rendering import Manifest, load, ray_service, render, renderer

CRD = ROOT.parent / "shared" / "data" / "kuberay" / "ray.io_rayservices.yaml"


@cache
def rendered(overlay: str) -> list[Manifest]:
    return render(FOLDER / "overlays" / overlay)


@pytest.fixture
def manifests() -> Callable[[str], list[Manifest]]:
    """An overlay's manifests, the test's own to change."""
    if renderer() is None:
        pytest.skip("neither kustomize nor kubectl is installed: the overlays are not rendered")
    return lambda overlay: copy.deepcopy(rendered(overlay))


@pytest.fixture
def service(manifests: Callable[[str], list[Manifest]]) -> Manifest:
    """The RayService of the cpu overlay."""
    return ray_service(manifests("cpu"))


@pytest.fixture(scope="session")
def secrets() -> list[Manifest]:
    """The example's."""
    return load((FOLDER / SECRETS).read_text("utf-8"), SECRETS)


@pytest.fixture(scope="session")
def crd() -> Path:
    """KubeRay's definition of a RayService, where it is at hand."""
    if not CRD.is_file():
        pytest.skip(
            f"there is no {CRD.name}: the manifests are not checked against KubeRay's schema"
        )
    return CRD


def dig(value: Any, *path: Any) -> Any:
    """What lies at a path of keys and indices."""
    for step in path:
        value = value[step]
    return value
