from __future__ import annotations

from pathlib import Path

import pytest

from scripts.operations.manifests import rendering
from scripts.operations.manifests.errors import ManifestError
from scripts.operations.manifests.rendering import load, ray_service, render, renderer


def test_kustomize_goes_before_kubectl() -> None:
    assert renderer(lambda name: f"/bin/{name}") == ["kustomize", "build"]
    assert renderer(lambda name: name if name == "kubectl" else None) == ["kubectl", "kustomize"]
    assert renderer(lambda _: None) is None


def test_without_either_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "renderer", lambda: None)
    with pytest.raises(ManifestError, match="install one of them"):
        render(Path("anywhere"))


def test_what_kustomize_refuses_is_told(tmp_path: Path) -> None:
    if renderer() is None:
        pytest.skip("neither kustomize nor kubectl is installed")
    (tmp_path / "kustomization.yaml").write_text("resources: [gone.yaml]")
    with pytest.raises(ManifestError, match=r"refuses .*gone\.yaml"):
        render(tmp_path)


def test_something_else_is_no_manifest() -> None:
    with pytest.raises(ManifestError, match="x has a document without kind or metadata"):
        load("kind: Pod", "x")
    with pytest.raises(ManifestError, match="x is not valid YAML"):
        load("a: [", "x")
    assert load("---\n---\nkind: Pod\nmetadata: {}\n", "x") == [{"kind": "Pod", "metadata": {}}]


def test_there_is_one_ray_service() -> None:
    one = {"kind": "RayService", "metadata": {}}
    assert ray_service([{"kind": "Pod"}, one]) == one
    for wrong in ([], [one, one]):
        with pytest.raises(ManifestError, match=f"not {len(wrong)}"):
            ray_service(wrong)
