from __future__ import annotations

import pytest
import torch

from songdalle_core.imagegen.denoisers.runner import preview_steps, to_pixels
from songdalle_core.imagegen.engine.requests import GenerationRequest
from songdalle_core.imagegen.model.options import DenoisingOptions


@pytest.mark.parametrize(
    ("candidates", "previews", "steps", "shown"),
    [
        (12, 8, 20, {c: {2} if c < 4 else {11} for c in range(8)}),
        (1, 3, 20, {0: {2, 8, 14}}),
        (4, 8, 8, {c: {2, 5} for c in range(4)}),
        (2, 2, 2, {0: {1}, 1: {1}}),
        (12, 8, 1, {}),
        (4, 0, 20, {}),
    ],
)
def test_candidates_are_shown_from_the_second_step_on(
    candidates: int, previews: int, steps: int, shown: dict[int, set[int]]
) -> None:
    request = GenerationRequest("the sea", candidates, 5, DenoisingOptions(steps), previews)
    given = {c: set(preview_steps(request, c, steps)) for c in range(candidates)}
    assert {c: after for c, after in given.items() if after} == shown


def test_pixels_of_colours() -> None:
    pictures = torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0]).view(1, 1, 1, 5).expand(1, 3, 2, 5)
    pixels = to_pixels(pictures)
    assert pixels.shape == (1, 2, 5, 3)
    assert pixels[0, 0, :, 0].tolist() == [0, 0, 128, 255, 255]
