from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scripts.operations import check_manifests
from scripts.operations.manifests.overlays import FOLDER
from scripts.operations.manifests.rendering import renderer
from tests.scripts.operations.manifests.conftest import CRD

Out = pytest.CaptureFixture[str]


@pytest.fixture
def deploy(tmp_path: Path) -> Path:
    """A copy of the manifests, and of Grafana's dashboard, which they take along."""
    if renderer() is None:
        pytest.skip("neither kustomize nor kubectl is installed: the overlays are not rendered")
    for name in ("kubernetes", "grafana"):
        shutil.copytree(FOLDER.parent / name, tmp_path / name)
    return tmp_path / "kubernetes"


def test_the_manifests_are_in_order(deploy: Path, capsys: Out) -> None:
    against = ["--crd", str(CRD)] if CRD.is_file() else []
    assert check_manifests.main(["--folder", str(deploy), *against]) == 0
    lines = capsys.readouterr().out.splitlines()
    checks = (
        ["schema", "serve", "operator", "agreement"]
        if against
        else ["serve", "operator", "agreement"]
    )
    wanted = [[overlay, check, "ok"] for overlay in ("cpu", "gpu") for check in checks]
    assert [line.split() for line in lines[: len(wanted)]] == wanted
    if not against:
        assert lines[-1] == "not checked against KubeRay's schema: give its CRD with --crd"
        pytest.skip(
            f"there is no {CRD.name}: the manifests are not checked against KubeRay's schema"
        )


def test_a_problem_is_told_below_its_check(deploy: Path, capsys: Out) -> None:
    base = deploy / "base" / "rayservice.yaml"
    base.write_text(base.read_text().replace("minReplicas: 2", "minReplicas: 12"))
    assert check_manifests.main(["--folder", str(deploy)]) == 1
    lines = capsys.readouterr().out.splitlines()
    place = lines.index("cpu   operator")
    assert lines[place + 1] == "      cpu: minReplicas 12 is above maxReplicas 10"


def test_what_cannot_be_checked_is_said(deploy: Path, capsys: Out) -> None:
    assert check_manifests.main(["--folder", str(deploy), "--crd", str(deploy / "none")]) == 2
    assert "check_manifests: cannot read" in capsys.readouterr().err
    assert check_manifests.main(["--folder", str(deploy / "base")]) == 2
