from __future__ import annotations

from pathlib import Path

import pytest

from deployments.app import build
from deployments.config.application import AppOptions


def bound_folder(options: AppOptions) -> Path | None:
    """The data folder that the ingress is bound to."""
    bound = build(options)._bound_deployment
    folder: Path | None = bound.init_kwargs["options"].data
    return folder


def test_the_folder_named_where_the_graph_is_built_goes_along(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`serve run deployments.app:build` builds in its shell; the replicas have another environment."""
    configured = AppOptions(data=Path("/configured"))
    monkeypatch.delenv("SONGDALLE_DATA", raising=False)
    assert bound_folder(AppOptions()) is None
    assert bound_folder(configured) == Path("/configured")
    monkeypatch.setenv("SONGDALLE_DATA", str(tmp_path))
    assert bound_folder(AppOptions()) == bound_folder(configured) == tmp_path
    monkeypatch.setenv("SONGDALLE_DATA", "covers")
    with pytest.raises(ValueError, match="SONGDALLE_DATA is 'covers': give an absolute path"):
        build(AppOptions())
