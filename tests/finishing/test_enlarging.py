"""Layers enlarged as vector art: crisp, without what the decoder added."""

from __future__ import annotations

import numpy as np

from songdalle_core.finishing.drawing import trace
from songdalle_core.finishing.enlarging import Placement, draw
from songdalle_core.finishing.scene import Floats
from tests.finishing.layers import FRUIT, SIDE, decoded, layer

WHOLE = Placement(0.5, 0.5, 1.0)


def enlarged(pixels: np.ndarray, side: int, placement: Placement = WHOLE) -> tuple[Floats, Floats]:
    """Colours (side, side, 3) and ink (side, side) of a layer over the whole cover."""
    sprite = draw(trace(pixels), placement, side)
    colours = np.zeros((side, side, 3), np.float32)
    ink = np.zeros((side, side), np.float32)
    colours[sprite.box.slices] = sprite.colours.transpose(1, 2, 0)
    ink[sprite.box.slices] = sprite.ink
    return colours, ink


def test_edges_are_about_a_pixel_wide() -> None:
    for side in (256, 1024, 2048):
        colours, ink = enlarged(decoded(FRUIT), side)
        edge = ink[side // 2]  # through the middle: two edges
        assert ((edge > 0.1) & (edge < 0.9)).sum() <= 6
        spot = colours[int(side * 100 / SIDE), : int(side * 0.36), 2]  # into the white highlight
        soft = (spot > 0.25) & (spot < 0.8)
        assert soft.sum() <= 6


def test_noise_and_specks_are_gone() -> None:
    clean, ink = enlarged(FRUIT, 512)
    noisy, noisy_ink = enlarged(decoded(FRUIT, noise=6), 512)
    assert np.abs(ink - noisy_ink).mean() < 0.01
    inside = (ink > 0.99) & (noisy_ink > 0.99)
    assert np.abs(clean - noisy)[inside].mean() < 0.02
    assert np.median(np.abs(np.diff(noisy[300, 180:330], axis=0))) == 0  # flat is flat


def test_the_band_between_two_colours_is_no_third_one() -> None:
    flag = layer(
        ("box", (0, 60, 127, 200), (220, 20, 30)), ("box", (128, 60, 255, 200), (255, 255, 255))
    )
    drawing = trace(decoded(flag))
    assert len(drawing.colours) == 2


def test_a_thin_line_survives() -> None:
    face = layer(
        ("box", (10, 10, 245, 245), (250, 200, 60)), ("box", (40, 128, 200, 130), (30, 20, 20))
    )
    colours, _ = enlarged(decoded(face), 512)
    assert colours[257:262, 150:350].mean(axis=-1).min() < 0.3


def test_a_gradient_stays_smooth() -> None:
    ramp = layer(("box", (0, 0, 255, 255), (0, 0, 0)))
    shade = np.linspace(60, 220, SIDE).astype(np.uint8)
    ramp[..., 0], ramp[..., 1], ramp[..., 2] = shade[None], 40, 120
    colours, _ = enlarged(ramp, 512)
    row = colours[256, 40:470, 0]
    assert row[-1] - row[0] > 0.35
    assert np.abs(np.diff(row)).max() < 0.05


def test_placements_turn_and_mirror() -> None:
    pixels = layer(
        ("box", (0, 0, 100, 255), (200, 40, 40)), ("box", (100, 0, 255, 255), (40, 40, 200))
    )
    straight, _ = enlarged(pixels, 128)
    mirrored, _ = enlarged(pixels, 128, Placement(0.5, 0.5, 1.0, 0.0, True))
    np.testing.assert_allclose(straight[:, ::-1], mirrored, atol=0.02)
    turned, _ = enlarged(pixels, 128, Placement(0.5, 0.5, 1.0, 90.0))
    assert turned[20, 64, 0] > 0.6  # left has become top
    assert turned[110, 64, 2] > 0.6


def test_a_small_copy_is_an_average() -> None:
    colours, ink = enlarged(FRUIT, 128, Placement(0.5, 0.5, 0.1))
    assert 0.5 < ink.sum() / (np.pi * 6.4**2) < 1.2
    assert colours[66, 68, 0] > colours[66, 68, 2]


def test_one_colour_or_none_can_be_traced() -> None:
    for pixels in (layer(("disc", (128, 128, 100), (10, 90, 200))), layer()):
        colours, ink = enlarged(pixels, 64)
        assert np.isfinite(colours).all()
        assert ink.max() <= 1
