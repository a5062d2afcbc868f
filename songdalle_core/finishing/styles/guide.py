"""What brush strokes ask about a scene: where to go, which way, in which colour."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles.strokes import MAP
from songdalle_core.finishing.styles.tone import (
    Field,
    Picture,
    apart,
    blur,
    grey,
    mix,
    rgb,
    scaled,
    shrunk,
    smoothstep,
)

_CONTRAST = 0.4  # how far local contrasts are raised


@dataclass(frozen=True)
class Guide:
    """A scene seen from afar, as a painter who squints: maps of M = 128 cells a side.

    Attributes:
        colours: what strokes are painted in, local contrasts raised, float32 (M, M, 3).
        behind: the same with the subjects painted out, float32 (M, M, 3).
        about: the picture out of focus, float32 (M, M, 3).
        shapes, details: where larger and where small things are, 0 calm .. 1 busy, float32 (M, M).
        subject: coverage by subjects, float32 (M, M).
        cosine, sine: of twice the angle in which strokes should run, float32 (M, M).
    """

    colours: Picture
    behind: Picture
    about: Picture
    shapes: Field
    details: Field
    subject: Field
    cosine: Field
    sine: Field

    @classmethod
    def of(cls, scene: Scene) -> Guide:
        """The guide to a scene."""
        picture, subject, ground = (
            shrunk(image, MAP) for image in (scene.picture, scene.subject, scene.ground)
        )
        about = blur(picture, MAP / 32)
        colours = _contrasted(picture, about)
        shapes = np.maximum(_standing_out(picture, about), subject + 0.4 * ground + 0.12)
        details = _standing_out(picture, cv2.blur(picture, (5, 5)))
        seen = 1.001 - subject
        around = cv2.divide(blur(scaled(colours, seen), 5.0), rgb(blur(seen, 5.0)))
        behind = mix(colours, around, subject)
        cosine, sine = _directions(grey(colours) + 0.35 * subject, subject, ground)
        return cls(colours, behind, about, shapes, details, subject, cosine, sine)

    def turned(self, turn: int | None) -> Guide:
        """The guide to the mirrored scene; `turn` as in `cv2.flip`."""
        if turn is None:
            return self
        flipped = {name: cv2.flip(field, turn) for name, field in vars(self).items()}
        if turn >= 0:  # mirrored in one axis, an angle changes its sign
            flipped["sine"] = -flipped["sine"]
        return Guide(**flipped)

    def along(self, angle: float) -> Field:
        """How well strokes of this angle lie, 1 along the forms to -1 across them, float32 (M, M)."""
        cosine, sine = np.float32(np.cos(2 * angle)), np.float32(np.sin(2 * angle))
        return self.cosine * cosine + self.sine * sine

    def model(self, picture: Picture) -> Picture:
        """The whole picture with its local contrasts raised, float32 (S, S, 3)."""
        about = cv2.resize(self.about, picture.shape[:2], interpolation=cv2.INTER_LINEAR)
        return _contrasted(picture, about)


def _contrasted(picture: Picture, about: Picture) -> Picture:
    """Light set against dark, as painters do: each pixel further from what lies about it."""
    return cv2.addWeighted(picture, 1 + _CONTRAST, about, -_CONTRAST, 0)


def _standing_out(picture: Picture, about: Picture) -> Field:
    """Where a picture differs from its surroundings, 0 to 1, and a little beyond."""
    return smoothstep(0.01, 0.065, cv2.blur(apart(picture, about), (3, 3)))


def _directions(form: Field, subject: Field, ground: Field) -> tuple[Field, Field]:
    """Strokes follow edges and forms; where there are none, each region has its own run.

    The orientation is that of the smoothed structure tensor (Brox et al. 2006), with a weak tensor of the
    region added; returned as the cosine and the sine of twice its angle.
    """
    gx, gy = cv2.Sobel(form, cv2.CV_32F, 1, 0), cv2.Sobel(form, cv2.CV_32F, 0, 1)
    run = 0.12 + 0.1 * ground + 0.9 * subject  # radians: sky level, ground a little steeper
    cosine = 0.006 * np.cos(2 * run) - blur(gx * gx - gy * gy, 3.5)
    sine = 0.006 * np.sin(2 * run) - blur(2 * gx * gy, 3.5)
    length = np.sqrt(cosine * cosine + sine * sine) + np.float32(1e-9)
    return cosine / length, sine / length
