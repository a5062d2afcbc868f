"""What has to stay clear."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles.focus import focus


def test_the_subject_then_the_place_then_everything(scene: Scene) -> None:
    nothing = np.zeros_like(scene.subject)
    assert focus(scene) is scene.subject
    assert focus(replace(scene, subject=nothing)) is scene.ground
    assert (focus(replace(scene, subject=nothing, ground=nothing)) == 1).all()
