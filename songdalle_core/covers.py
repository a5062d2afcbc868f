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
from songdalle_core.finishing.finish import compose, finish, finish_picture, styled
from songdalle_core.imagegen.engine.requests import Drawn
from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.seeds import CoverSeeds

Pixels = npt.NDArray[np.uint8]

COVER_SIDE = 512
"""Pixels a side of a cover unless told otherwise."""
SUBJECT_SIDE = 128
"""Pixels a side of the map of what subjects cover."""
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

    def paint(self, prompt: str, seeds: CoverSeeds | int, layers: Pixels) -> Pixels:
        """A finished cover, uint8 (side, side, 3).

        Args:
            prompt: that was drawn.
            seeds: of the candidate; with the prompt they decide all that the layers do not show.
            layers: uint8 (N, R, R, 4), colour premultiplied; of a generator without layers (1, H, W, 3).
        """
        return self.paint_at(prompt, seeds, layers, self.side)[0]

    def paint_at(
        self, prompt: str, seeds: CoverSeeds | int, layers: Pixels, side: int
    ) -> tuple[Pixels, Pixels | None]:
        """The cover in any size, uint8 (side, side, 3), and what its subjects cover, uint8 (M, M), if known."""
        seeds = _seeds(seeds)
        plan = self._planner.plan(prompt, seeds.content)
        direction = direction_of(plan)
        if not self._layered:
            return finish_picture(layers[0], direction, seeds.finish, side), None
        scene = compose(content_of(plan, layers), direction, seeds.finish, side, seeds.composition)
        small = cv2.resize(scene.subject, (SUBJECT_SIDE,) * 2, interpolation=cv2.INTER_AREA)
        subject: Pixels = cv2.convertScaleAbs(small, alpha=255).astype(np.uint8)
        return styled(scene, direction, seeds.finish), subject

    def sketch(self, prompt: str, seeds: CoverSeeds | int, layers: Pixels) -> Pixels:
        """An unfinished cover: what is there of its layers, composed but not painted; see `paint`."""
        if not self._layered:
            return layers[0]
        seeds = _seeds(seeds)
        plan = self._planner.plan(prompt, seeds.content)
        direction = direction_of(plan, UNSTYLED)
        side = min(SKETCH_SIDE, self.side)
        return finish(content_of(plan, layers), direction, seeds.finish, side, seeds.composition)


def _seeds(seeds: CoverSeeds | int) -> CoverSeeds:
    return CoverSeeds.of(seeds) if isinstance(seeds, int) else seeds


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
