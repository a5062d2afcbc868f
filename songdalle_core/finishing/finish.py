"""The finish: from layers, or from any picture, to a cover."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from songdalle_core.finishing.composition import DEVICES, choose_device
from songdalle_core.finishing.content import Content
from songdalle_core.finishing.direction import Direction
from songdalle_core.finishing.look import choose_look
from songdalle_core.finishing.pictures import check_picture, regraded, salience, squared
from songdalle_core.finishing.scene import Floats, Scene
from songdalle_core.finishing.stage import Stage, set_stage
from songdalle_core.finishing.streams import stream
from songdalle_core.finishing.styles import STYLES
from songdalle_core.finishing.weather import choose_weather, paint_weather

_SMALLEST, _LARGEST = 32, 8192  # pixels a side


def finish(
    content: Content,
    direction: Direction,
    seed: int,
    side: int = 512,
    composition: int | None = None,
) -> npt.NDArray[np.uint8]:
    """The cover of a content.

    Args:
        content: the layers.
        direction: what it is asked to look like.
        seed: decides what the direction leaves open; the same seed paints the same cover at any side.
        side: pixels.
        composition: another seed for where things stand; None: the same.

    Returns:
        uint8 (side, side, 3), sRGB.

    Raises:
        ValueError: a layer, the direction or the side cannot be painted; the message says why.
    """
    return styled(compose(content, direction, seed, side, composition), direction, seed)


def finish_picture(
    pixels: npt.NDArray[np.uint8], direction: Direction, seed: int, side: int = 512
) -> npt.NDArray[np.uint8]:
    """The cover of any other generator's picture, uint8 (H, W, 3): graded, weathered and styled."""
    check_picture(pixels)
    _check_side(side)
    look = choose_look(direction, seed)
    picture = squared(pixels, side)
    subject = salience(picture)
    picture = regraded(picture, subject, look, relit=direction.light is not None)
    stage = set_stage(Content(), look, choose_weather(direction, look, seed), seed, side)
    canvas = stage.canvas
    canvas.colours[:] = picture.transpose(2, 0, 1)
    canvas.subject = subject
    canvas.ground = 1 - canvas.subject
    canvas.depth = 1 - np.float32(0.8) * canvas.subject
    before = canvas.colours.copy()
    paint_weather(stage, near=False)
    canvas.lay(before, canvas.subject)
    paint_weather(stage, near=True)
    return styled(_scene(stage), direction, seed)


def compose(
    content: Content,
    direction: Direction,
    seed: int,
    side: int = 512,
    composition: int | None = None,
) -> Scene:
    """Everything before the style; see `finish`."""
    composition = seed if composition is None else composition
    content.check()
    _check_side(side)
    place = content.ground.place if content.ground is not None else None
    look = choose_look(direction, seed, place)
    stage = set_stage(content, look, choose_weather(direction, look, seed), seed, side, composition)
    device = direction.device or choose_device(stage, composition)
    if device not in DEVICES:
        raise ValueError(f"unknown device {device!r}: one of {', '.join(DEVICES)}")
    DEVICES[device](stage)
    if not stage.cast:
        paint_weather(stage, near=False)
    paint_weather(stage, near=True)
    return _scene(stage)


def _scene(stage: Stage) -> Scene:
    canvas, look = stage.canvas, stage.look
    planes = [np.clip(plane, 0, 1) for plane in canvas.colours]
    picture = np.asarray(cv2.merge(planes), dtype=np.float32)
    maps = (canvas.subject, canvas.ground, canvas.depth)
    return Scene(picture, *maps, look.ramp, look.mood, canvas.side)


def styled(scene: Scene, direction: Direction, seed: int) -> npt.NDArray[np.uint8]:
    """A composed scene painted in its style, uint8 (S, S, 3)."""
    style = STYLES.get(direction.style)
    picture: Floats = scene.picture if style is None else style(scene, stream(seed, "style"))
    return np.asarray(cv2.convertScaleAbs(picture, alpha=255), dtype=np.uint8)


def _check_side(side: int) -> None:
    if not _SMALLEST <= side <= _LARGEST:
        raise ValueError(f"a cover's side is {_SMALLEST} to {_LARGEST} pixels, not {side}")
