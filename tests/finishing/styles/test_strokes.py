"""The layout of brush strokes."""

from __future__ import annotations

import numpy as np

from songdalle_core.finishing.styles.strokes import MAP, Brush, layer

BRUSH = Brush(0.05, 0.16, tiles=2, angle=0.3)


def test_strokes_cover_the_tile() -> None:
    sheet = layer(BRUSH, 256, 1)
    assert sheet.ids.shape == (128, 128)
    assert (sheet.ids > 0).mean() > 0.75
    assert sheet.ids.max() < len(sheet.twins)
    assert ((sheet.pixels >> 8) == sheet.ids).all()


def test_tiles_meet_without_a_seam() -> None:
    """On either side of the border between tiles lies the same stroke, as often as within a tile."""
    sheet = layer(BRUSH, 256, 1)
    strokes = sheet.twins[sheet.ids]
    border = (strokes[:, -1] == strokes[:, 0]).mean()
    within = (strokes[:, 63] == strokes[:, 64]).mean()
    assert border > within - 0.1


def test_twins_look_at_the_same_place() -> None:
    """A stroke across a border is coloured alike in both tiles."""
    sheet = layer(BRUSH, 256, 1)
    left, right = sheet.places[0, 0], sheet.places[0, 1]
    for number in np.unique(sheet.twins[1:]):
        images = np.flatnonzero(sheet.twins == number)
        columns = {int(cell) % MAP for cell in (*left[images], *right[images])}
        inside = [column for column in columns if 0 < column < MAP - 1]
        assert len(inside) <= 3


def test_the_same_strokes_at_twice_the_resolution() -> None:
    coarse, fine = layer(BRUSH, 256, 1), layer(BRUSH, 512, 1)
    assert (coarse.twins == fine.twins).all()
    assert (coarse.places == fine.places).all()
    assert (fine.ids[::2, ::2] == coarse.ids).mean() > 0.75


def test_windows_tile_the_picture() -> None:
    side = 101
    seen = np.zeros((side, side), int)
    for _, _, rows, columns in layer(BRUSH, side, 1).windows(side):
        seen[rows, columns] += 1
    assert (seen == 1).all()
