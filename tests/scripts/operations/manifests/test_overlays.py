"""One truth: an overlay's serveConfigV2 is, letter by letter, the config that `serve run` takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from scripts.operations.manifests.errors import ManifestError
from scripts.operations.manifests.overlays import FOLDER, PATCH, SOURCES, overlays, patch_of
from scripts.operations.manifests.rendering import Manifest, ray_service


def test_every_overlay_has_a_config() -> None:
    assert [overlay.name for overlay in overlays(FOLDER)] == sorted(SOURCES)


@pytest.mark.parametrize("overlay", SOURCES)
def test_the_written_patch_is_its_config(overlay: str) -> None:
    written = (FOLDER / "overlays" / overlay / PATCH).read_text("utf-8")
    assert written == patch_of(SOURCES[overlay]), "run scripts/operations/write_manifests.py"
    assert yaml.safe_load(written)["spec"]["serveConfigV2"] == SOURCES[overlay].read_text("utf-8")


@pytest.mark.parametrize("overlay", SOURCES)
def test_the_rendered_one_is_too(manifests: Callable[[str], list[Manifest]], overlay: str) -> None:
    rendered = ray_service(manifests(overlay))["spec"]["serveConfigV2"]
    assert rendered == SOURCES[overlay].read_text("utf-8")


def test_a_folder_without_overlays_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"has no overlays/\*/kustomization.yaml"):
        overlays(tmp_path)
