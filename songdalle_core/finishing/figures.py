"""Subjects painted: shaded by the light, rimmed, with the shadows they cast."""

from __future__ import annotations

import cv2
import numpy as np

from songdalle_core.finishing import shapes
from songdalle_core.finishing.colour import mixed
from songdalle_core.finishing.drawing import RELIEF
from songdalle_core.finishing.enlarging import (
    Box,
    Placement,
    Sprite,
    draw,
    draw_ink,
    warp,
    warp_colours,
)
from songdalle_core.finishing.scene import Floats
from songdalle_core.finishing.stage import Actor, Stage

_BODY = 0.12  # how much lighter and darker the body turns towards and from the light
_TURN = 0.14  # slope of the relief at which the shaded side begins
_SOFT = 0.22  # how much of it the turn takes
_STEP = 0.05  # what slopes are measured over, in sides of the relief
_RIM = 0.011  # width of the rim of light, in sides of the subject


def paint_figure(
    stage: Stage, actor: Actor, placement: Placement, rim: float = 0.5, backlit: float = 0.0
) -> None:
    """A subject in its colours, its body turned to the stage's sun, with a rim of light.

    Args:
        stage: painted on.
        actor: who.
        placement: where its square lies.
        rim: strength of the rim, 0 to 1.
        backlit: how far it is a silhouette, 0 to 1.
    """
    sprite = draw(actor.drawing, placement, stage.side)
    if sprite.box.empty:
        return
    towards = _towards_sun(stage, placement)
    _shade(stage, actor, placement, sprite, towards)
    if backlit > 0:
        dusk = stage.look.shade(0.4)
        for plane, value in zip(sprite.colours, dusk, strict=True):
            plane += np.float32(backlit) * (value - plane)
    _rim(stage, actor, placement, sprite, towards, rim)
    stage.canvas.add_subject(sprite)


def paint_shape(stage: Stage, actor: Actor, placement: Placement, colour: Floats) -> None:
    """A subject's shape as decoration, flat and behind: not counted as a subject."""
    box, ink = draw_ink(actor.drawing, placement, stage.side)
    if not box.empty:
        stage.canvas.lay(colour, ink, box)


def paint_distant(stage: Stage, actor: Actor, placement: Placement, haze: float) -> None:
    """A subject far off, behind: in its colours, hazed, not counted as a subject."""
    sprite = draw(actor.drawing, placement, stage.side)
    if sprite.box.empty:
        return
    veil = mixed(stage.look.horizon, stage.look.shade(1.0), 0.35)
    for plane, value in zip(sprite.colours, veil, strict=True):
        plane += np.float32(haze) * (value - plane)
    stage.canvas.lay(sprite.colours, sprite.ink, sprite.box)


def paint_image_in_water(stage: Stage, actor: Actor, placement: Placement, water: float) -> None:
    """What water shows of a subject that lies in it: itself, upside down and faint."""
    below = Placement(
        placement.x, 2 * water - placement.y, placement.size, 180.0, not placement.mirrored
    )
    sprite = draw(actor.drawing, below, stage.side)
    if sprite.box.empty:
        return
    rows = (np.arange(sprite.box.top, sprite.box.bottom, dtype=np.float32) + 0.5) / stage.side
    depth = (rows - water) / np.float32(actor.height * placement.size)
    share = np.where(depth > 0, 0.5 * np.clip(1 - 1.4 * depth, 0, 1), 0).astype(np.float32)
    stage.canvas.lay(sprite.colours, sprite.ink * share[:, None], sprite.box)


def cast_shadow(stage: Stage, actor: Actor, placement: Placement, floor: float) -> None:
    """The shadow at a subject's feet, and the long one away from the sun, on a level floor."""
    cells = shapes.LATTICE
    whole = Box(0, 0, cells, cells)
    body = warp(actor.drawing.ink(), placement, cells, whole).astype(np.float32)
    lean = (placement.x - stage.sun[0]) * 0.9
    squash = -0.22 if stage.sun[1] < floor - 0.05 else 0.25  # the sun behind throws it forward
    base = floor * cells
    squashed = np.array([[1, -lean, lean * base], [0, squash, base * (1 - squash)]])
    long = cv2.warpAffine(body, squashed, (cells, cells), flags=cv2.INTER_LINEAR)
    x, y = shapes.lattice()
    fading = np.exp(-np.abs(y - floor) / 0.09) * np.float32(0.6 * stage.look.light.hard)
    long = cv2.GaussianBlur(long, (0, 0), 1.4) * fading / 255
    half = max(0.05, 0.46 * actor.width * placement.size)
    foot = np.exp(-(((x - placement.x) / half) ** 2) - ((y - floor) / (0.10 * half + 0.012)) ** 2)
    dark = shapes.enlarged(np.maximum(long, 0.55 * foot).astype(np.float32), stage.side)
    stage.canvas.darken(mixed(stage.look.ramp[0], stage.look.horizon, 0.15), dark)


def paint_glow(stage: Stage, x: float, y: float, radius: float, strength: float = 0.5) -> None:
    """A soft light behind a subject, so that it stands off a dark picture."""
    light = _spot(stage, x, y, radius, strength)
    stage.canvas.shine(mixed(stage.look.horizon, stage.look.sun, 0.5), light)


def paint_gloom(stage: Stage, x: float, y: float, radius: float, strength: float = 0.4) -> None:
    """A soft darkness behind a subject, so that it stands off a light picture."""
    stage.canvas.darken(stage.look.shade(1.2), _spot(stage, x, y, radius, strength))


def _spot(stage: Stage, x: float, y: float, radius: float, strength: float) -> Floats:
    cell_x, cell_y = shapes.lattice()
    away = ((cell_x - x) ** 2 + (cell_y - y) ** 2) / radius**2
    return shapes.enlarged(np.exp(-away) * np.float32(strength), stage.side)


def _towards_sun(stage: Stage, placement: Placement) -> tuple[float, float]:
    """Unit vector from the subject to the sun; a sun right behind it shines from above."""
    dx, dy = stage.sun[0] - placement.x, stage.sun[1] - placement.y
    if np.hypot(dx, dy) < 0.15:
        dx, dy = 0.3, -1.0
    length = float(np.hypot(dx, dy))
    return dx / length, dy / length


def _shade(
    stage: Stage, actor: Actor, placement: Placement, sprite: Sprite, towards: tuple[float, float]
) -> None:
    """A shaded side away from the sun, as illustrators lay it in: the slope of the relief, cut in two."""
    relief, look = actor.drawing.relief, stage.look
    turned = np.linalg.inv(placement.matrix(1, 1)[:, :2] / placement.size) @ towards
    step = _STEP * relief.shape[0] * turned
    ahead, behind = (
        cv2.warpAffine(relief, np.array([[1, 0, way[0]], [0, 1, way[1]]]), relief.shape[::-1])
        for way in (step, -step)
    )
    slope = ahead - behind  # positive where the body faces the sun
    dark = np.clip((-slope - _TURN) / _SOFT, 0, 1) * (0.14 + 0.30 * look.light.hard)
    tone = mixed(look.ramp[1], look.top, 0.3)
    tone = 1 - 0.55 * tone / max(float(tone.max()), 0.05)
    factors = (1 + _BODY * slope)[..., None] * (1 - dark[..., None] * tone)
    wide = placement.scaled(RELIEF)
    shading = warp_colours(factors.astype(np.float32), wide, stage.side, sprite.box)
    for plane, factor in zip(sprite.colours, shading, strict=True):
        plane *= factor
        np.minimum(plane, 1, out=plane)


def _rim(
    stage: Stage,
    actor: Actor,
    placement: Placement,
    sprite: Sprite,
    towards: tuple[float, float],
    strength: float,
) -> None:
    """A band of the sun's colour along the edge that faces it: ink less the ink moved away."""
    width = _RIM * max(placement.size, 0.3)
    moved = placement.moved(-width * towards[0], -width * towards[1])
    _, inner = draw_ink(actor.drawing, moved, stage.side, sprite.box)
    band = (1 - inner) * np.float32(strength)
    for plane, value in zip(sprite.colours, stage.look.sun, strict=True):
        plane += band * (value - plane)
