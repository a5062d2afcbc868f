"""The contact sheet: a few covers each of prompts at even distances, unpicked."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from scripts.evaluation.covers.drawing import CoverSet

PROMPTS, SHOWN = 40, 4
COLUMNS = 4
SIDE = 104  # pixels of a cover
LABEL = 30
GAP = 10


def contact_sheet(sets: Sequence[CoverSet]) -> Image.Image:
    """The first covers of each set, first-ranked first, under its prompt; four sets a row."""
    width, height = SHOWN * SIDE + GAP, SIDE + LABEL
    rows = -(-len(sets) // COLUMNS)
    sheet = Image.new("RGB", (min(len(sets), COLUMNS) * width - GAP, rows * height), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=11)
    for number, covers in enumerate(sets):
        x, y = number % COLUMNS * width, number // COLUMNS * height
        lines = textwrap.wrap(covers.prompt, 68, max_lines=2, placeholder=" ...")
        draw.multiline_text((x + 2, y + 1), "\n".join(lines), "black", font, spacing=1)
        for place, picture in enumerate(covers.pictures[:SHOWN]):
            small = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
            sheet.paste(small, (x + place * SIDE, y + LABEL))
    return sheet
