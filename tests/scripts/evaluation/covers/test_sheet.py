from __future__ import annotations

import numpy as np

from scripts.evaluation.covers.drawing import CoverSet
from scripts.evaluation.covers.sheet import LABEL, SIDE, contact_sheet


def test_covers_stand_in_their_order() -> None:
    shades = (0, 60, 120, 180, 240)  # the last is one too many
    pictures = np.stack([np.full((8, 8, 3), shade, np.uint8) for shade in shades])
    sets = [
        CoverSet(f"prompt {k}", pictures, np.zeros(5, np.float32), np.zeros((5, 2), np.float32))
        for k in range(5)
    ]
    sheet = np.asarray(contact_sheet(sets))
    assert sheet.shape[0] == 2 * (SIDE + LABEL)
    middle = LABEL + SIDE // 2
    row = [int(sheet[middle, SIDE // 2 + place * SIDE, 0]) for place in range(4)]
    assert row == [0, 60, 120, 180]
    assert int(sheet[SIDE + LABEL + middle, SIDE // 2, 0]) == 0  # the fifth set, in the next row
    assert int(sheet[SIDE + LABEL + middle, 4 * SIDE + 40, 0]) == 255  # nothing beside it
