"""Weathers: what falls or drifts through a picture, some of it behind the cast and some before."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin

import cv2
import numpy as np

from songdalle_core.finishing import shapes
from songdalle_core.finishing.colour import mixed, of_hex
from songdalle_core.finishing.direction import Direction
from songdalle_core.finishing.look import Look
from songdalle_core.finishing.scene import Floats
from songdalle_core.finishing.stage import Stage
from songdalle_core.finishing.streams import stream

WEATHERS = ("clear", "rain", "snow", "fog", "wind", "fireworks", "petals")


def choose_weather(direction: Direction, look: Look, seed: int) -> str:
    """The weather asked for, or one that suits the mood.

    Raises:
        ValueError: there is no such weather.
    """
    suited = look.grade.weathers
    chosen = suited[int(stream(seed, "weather choice").integers(len(suited)))]
    weather = direction.weather if direction.weather is not None else chosen
    if weather not in WEATHERS:
        raise ValueError(f"unknown weather {weather!r}: one of {', '.join(WEATHERS)}")
    return weather


def paint_weather(stage: Stage, near: bool) -> None:
    """The part of the stage's weather behind the cast, or before it. Indoors it stays outside."""
    if stage.weather == "clear":
        return
    canvas = stage.canvas
    indoors = stage.ground is not None and stage.ground.indoors
    if indoors and near:
        return
    before = canvas.colours.copy() if indoors else None
    _WEATHERS[stage.weather](stage, near)
    if before is not None:
        canvas.lay(before, np.maximum(canvas.ground, canvas.subject))


def _wash(stage: Stage, colour: Floats, share: float) -> None:
    for plane, value in zip(stage.canvas.colours, colour, strict=True):
        plane += np.float32(share) * (value - plane)


def _rain(stage: Stage, near: bool) -> None:
    chance, look = stage.drift, stage.look
    if not near:
        _wash(stage, mixed(look.horizon, look.ramp[1], 0.5), 0.22)
    count, length, width = (30, 0.15, 0.0026) if near else (90, 0.08, 0.0016)
    lean = -0.22
    outlines = []
    for x, y, scale in chance.random((count, 3)) * (1.3, 1.2, 0.6) + (-0.05, -0.15, 0.7):
        tall = length * scale
        outlines.append(
            np.array([(x, y), (x + width * scale, y), (x + lean * tall + 0.4 * width, y + tall)])
        )
    box, mask = shapes.polygons(outlines, stage.side)
    stage.canvas.lay(mixed(look.horizon, look.ramp[4], 0.7), mask, box, 0.45 if near else 0.35)


def _snow(stage: Stage, near: bool) -> None:
    chance, look = stage.drift, stage.look
    white = mixed(look.ramp[4], np.ones(3, np.float32), 0.6)
    if not near:
        _wash(stage, mixed(look.horizon, white, 0.4), 0.14)
    for count, size, share in (
        ((26, 0.010, 0.95), (5, 0.024, 0.8))
        if near
        else (
            (90, 0.0035, 0.6),
            (60, 0.006, 0.85),
        )
    ):
        outlines = shapes.dots(
            chance.random((count, 2)), size * chance.uniform(0.6, 1.3, count), 24
        )
        box, mask = shapes.polygons(outlines, stage.side)
        stage.canvas.lay(white, mask, box, share)


def _fog(stage: Stage, near: bool) -> None:
    """Banks: smooth noise of a coarse lattice drawn out level, thicker towards the ground."""
    look = stage.look
    coarse = stage.drift.random((9, 4)).astype(np.float32)
    size = (shapes.LATTICE, shapes.LATTICE)
    banks = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    _, y = shapes.lattice()
    low = np.clip((y - (0.62 if near else 0.2)) / 0.4, 0, 1)
    thick = np.clip(banks * 1.3 - 0.2, 0, 1) * low * (0.5 if near else 0.85)
    stage.canvas.lay(
        mixed(look.horizon, look.ramp[4], 0.45),
        shapes.enlarged(thick.astype(np.float32), stage.side),
    )


def _wind(stage: Stage, near: bool) -> None:
    """Long strokes that swell and thin out, and leaves that ride on them."""
    chance, look = stage.drift, stage.look
    strokes, leaves = [], []
    for _ in range(4 if near else 6):
        x, y = float(chance.uniform(-0.3, 0.7)), float(chance.uniform(0.06, 0.9))
        length, bend = float(chance.uniform(0.4, 0.8)), float(chance.uniform(-0.04, 0.04))
        t = np.linspace(0, 1, 40)
        middle = y + bend * np.sin(pi * t) + 0.006 * np.sin(3 * pi * t)
        half = 0.0018 * np.sin(pi * t)
        across = x + length * t
        upper = np.column_stack([across, middle - half])
        strokes.append(np.concatenate([upper, np.column_stack([across, middle + half])[::-1]]))
        where = int(chance.integers(10, 38))
        leaves.append(
            _leaf(across[where], middle[where] - 0.02, 0.018, float(chance.uniform(0, 3)))
        )
    box, mask = shapes.polygons(strokes, stage.side)
    stage.canvas.lay(mixed(look.horizon, look.ramp[4], 0.8), mask, box, 0.7)
    box, mask = shapes.polygons(leaves, stage.side)
    stage.canvas.lay(look.of_ground(of_hex(["9cba48"]))[0], mask, box)


def _leaf(x: float, y: float, size: float, turn: float) -> shapes.Points:
    points = shapes.ellipse(0, 0, size, 0.42 * size, 32)
    c, s = cos(turn), sin(turn)
    return points @ np.array([(c, s), (-s, c)]) + (x, y)


def _fireworks(stage: Stage, near: bool) -> None:
    """Bursts of tapering rays in the sky, with their light in the air."""
    if near:
        return
    chance, look = stage.drift, stage.look
    hues = look.of_subject(of_hex(["ffd65c", "ff6e82", "78e2ff", "be8cff", "8cf0a0"]))
    _wash(stage, look.ramp[0], 0.4)
    for number in range(5):
        x, y = 0.12 + 0.19 * number, float(chance.uniform(0.1, 0.42))
        reach, rays = float(chance.uniform(0.1, 0.18)), int(chance.integers(14, 22))
        outlines = []
        for ray in range(rays):
            angle = 2 * pi * ray / rays
            far = reach * (1.0 if ray % 2 else 0.7)
            towards, aside = np.array([cos(angle), sin(angle)]), np.array([-sin(angle), cos(angle)])
            tip = (x, y) + far * towards
            outlines.append(
                np.array(
                    [(x, y) + 0.25 * far * towards, tip + 0.0035 * aside, tip - 0.0035 * aside]
                )
            )
            outlines.append(shapes.ellipse(tip[0], tip[1], 0.005, 0.005, 12))
        box, mask = shapes.polygons(outlines, stage.side)
        stage.canvas.lay(hues[number], mask, box)
        cell_x, cell_y = shapes.lattice()
        glow = 0.3 * np.exp(-((cell_x - x) ** 2 + (cell_y - y) ** 2) / (0.7 * reach) ** 2)
        stage.canvas.shine(hues[number], shapes.enlarged(glow.astype(np.float32), stage.side))


def _petals(stage: Stage, near: bool) -> None:
    chance, look = stage.drift, stage.look
    pinks = look.of_subject(of_hex(["ffb0c8", "ffd0de"]))
    for pink in pinks:
        outlines = [
            _leaf(x, y, (0.022 if near else 0.012) * scale, turn * pi)
            for x, y, scale, turn in chance.random((7 if near else 22, 4)) * (1, 1, 0.6, 1)
            + (0, 0, 0.7, 0)
        ]
        box, mask = shapes.polygons(outlines, stage.side)
        stage.canvas.lay(pink, mask, box, 0.95)


_WEATHERS: dict[str, Callable[[Stage, bool], None]] = {
    "rain": _rain,
    "snow": _snow,
    "fog": _fog,
    "wind": _wind,
    "fireworks": _fireworks,
    "petals": _petals,
}
