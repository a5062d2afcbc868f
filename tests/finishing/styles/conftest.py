"""Scenes that several tests of the styles paint."""

from __future__ import annotations

import pytest

from songdalle_core.finishing.scene import Scene
from tests.finishing.styles.scenes import make_scene


@pytest.fixture(scope="session")
def scene() -> Scene:
    """A scene 256 pixels a side."""
    return make_scene(256)
