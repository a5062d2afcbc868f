from __future__ import annotations

from pathlib import Path

import pytest

from scripts.common import command_line
from scripts.operations import write_manifests
from scripts.operations.manifests.overlays import PATCH


def test_a_changed_config_is_seen_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, overlay = tmp_path / "serve.yaml", tmp_path / "overlays" / "cpu"
    overlay.mkdir(parents=True)
    source.write_text("applications: []\n\n# the end\n")
    monkeypatch.setattr(command_line, "ROOT", tmp_path)
    monkeypatch.setattr(write_manifests, "FOLDER", tmp_path)
    monkeypatch.setattr(write_manifests, "SOURCES", {"cpu": source})
    assert write_manifests.main(["--check"]) == 1
    assert not (overlay / PATCH).exists()
    assert write_manifests.main([]) == 0
    assert (
        "overlays/cpu/serve_config.yaml differs from deploy/serve.yaml" in capsys.readouterr().out
    )
    assert (overlay / PATCH).read_text().endswith("    applications: []\n\n    # the end\n")
    assert write_manifests.main(["--check"]) == 0
    source.write_text("applications: [1]\n")
    assert write_manifests.main(["--check"]) == 1
