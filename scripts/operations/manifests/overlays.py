"""The overlays, and the Serve config that each has as its serveConfigV2."""

from __future__ import annotations

from pathlib import Path

from scripts.common.command_line import ROOT
from scripts.operations.manifests.errors import ManifestError

FOLDER = ROOT / "deploy" / "kubernetes"
SECRETS = "secrets.example.yaml"
PATCH = "serve_config.yaml"
SOURCES = {
    "cpu": ROOT / "deploy" / "serve_config.cluster.yaml",
    "gpu": ROOT / "deploy" / "serve_config.cluster_gpu.yaml",
}
"""One truth: what `serve run` and `serve deploy` take."""

HEADER = """\
# Written by scripts/operations/write_manifests.py from {source}: change it there.
apiVersion: ray.io/v1
kind: RayService
metadata: {{name: song-dalle}}
spec:
  serveConfigV2: |
"""


def overlays(folder: Path) -> list[Path]:
    """The overlays of a folder of manifests.

    Raises:
        ManifestError: there are none.
    """
    found = sorted(path.parent for path in folder.glob("overlays/*/kustomization.yaml"))
    if not found:
        raise ManifestError(f"{folder} has no overlays/*/kustomization.yaml")
    return found


def patch_of(source: Path) -> str:
    """The kustomize patch that puts a Serve config, as it stands, into the RayService."""
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    indented = "".join(f"    {line}" if line.strip() else line for line in lines)
    return HEADER.format(source=f"deploy/{source.name}") + indented
