"""From what a generator drew to a cover: layers are composed, lit and painted, other pictures are finished."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from songdalle_core.artifacts import WEIGHTS
from songdalle_core.captions.plan import Plan, Planner
from songdalle_core.captions.recaptioning import Recaptioner
from songdalle_core.finishing.content import Content, GroundLayer, SubjectLayer
from songdalle_core.finishing.direction import Direction
from songdalle_core.finishing.finish import finish, finish_picture
from songdalle_core.imagegen.engine.requests import Drawn
from songdalle_core.imagegen.model.generator import Generator

Pixels = npt.NDArray[np.uint8]

COVER_SIDE = 512
"""Pixels a side of a cover unless told otherwise."""
SKETCH_SIDE = 256
"""Pixels a side of an unfinished cover."""
_UNMULTIPLIED = np.ones((1, 256, 4), np.float32)  # factor of each channel, by alpha
_UNMULTIPLIED[0, :, :3] = (255 / np.maximum(np.arange(256, dtype=np.float32), 1))[:, None]
UNSTYLED = "picture"
"""The style of unfinished covers: shapes grow under it, and the brush comes last."""


def cover_of(generator: Generator, prompt: str, drawn: Drawn, side: int = COVER_SIDE) -> Pixels:
    """What was drawn of a prompt as a cover, uint8 (H, W, 3): layers painted, whole pictures as they are."""
    if generator.planner is None:
        picture: Pixels = drawn.layers[0]
        return picture
    return Painter(generator.planner, side).paint(prompt, drawn.seed, drawn.layers)


class Painter:
    """Paints candidates. Safe to share between threads.

    Args:
        planner: the generator's, or None for one that draws whole pictures: their prompts are then read with
            the embedded models' vocabulary.
        side: pixels of a finished cover.
    """

    def __init__(self, planner: Planner | None, side: int) -> None:
        self._layered = planner is not None
        self._planner = planner or embedded_planner()
        self.side = side

    def paint(self, prompt: str, seed: int, layers: Pixels) -> Pixels:
        """A finished cover, uint8 (side, side, 3).

        Args:
            prompt: that was drawn.
            seed: of the candidate; with the prompt it decides all that the layers do not show.
            layers: uint8 (N, R, R, 4), colour premultiplied; of a generator without layers (1, H, W, 3).
        """
        plan = self._planner.plan(prompt, seed)
        if not self._layered:
            return finish_picture(layers[0], direction_of(plan), seed, self.side)
        return finish(content_of(plan, layers), direction_of(plan), seed, self.side)

    def sketch(self, prompt: str, seed: int, layers: Pixels) -> Pixels:
        """An unfinished cover: what is there of its layers, composed but not painted; see `paint`."""
        if not self._layered:
            return layers[0]
        plan = self._planner.plan(prompt, seed)
        direction = direction_of(plan, UNSTYLED)
        return finish(content_of(plan, layers), direction, seed, min(SKETCH_SIDE, self.side))


def embedded_planner() -> Planner:
    """The planner of the embedded generator's vocabulary."""
    recaptioner = Recaptioner.of(WEIGHTS / "generator")
    if recaptioner is None:
        raise FileNotFoundError(
            f"{WEIGHTS / 'generator'} has no vocabulary: install the package anew"
        )
    return Planner(recaptioner)


def direction_of(plan: Plan, style: str | None = None) -> Direction:
    """How a plan is to look; `style` goes before its own."""
    return Direction(style or plan.style or UNSTYLED, plan.mood, plan.light, plan.weather)


def content_of(plan: Plan, layers: Pixels) -> Content:
    """The drawn layers of a plan, in the order of its captions: uint8 (N, R, R, 4), premultiplied."""
    pixels = [straight(layer) for layer in layers]
    subjects = tuple(
        SubjectLayer(drawn, subject.stance, subject.colour, subject.mirrors)
        for drawn, subject in zip(pixels, plan.subjects, strict=False)
    )
    if plan.ground is None:
        return Content(subjects)
    return Content(subjects, GroundLayer(pixels[-1], plan.ground.place, plan.ground.variant))


def straight(pixels: Pixels) -> Pixels:
    """RGBA with its colour no longer multiplied by alpha."""
    alpha = cv2.merge([np.ascontiguousarray(pixels[..., 3])] * 4)
    return np.asarray(cv2.multiply(pixels, cv2.LUT(alpha, _UNMULTIPLIED), dtype=cv2.CV_8U))
