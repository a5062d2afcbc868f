"""All covers of a set on one picture."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

from songdalle_client.answers import CoverSet
from songdalle_client.errors import Unexpected
from songdalle_core.provenance import CoverMetadata, encode_png

CELL = 256  # pixels
GAP = 12
CAPTION = 22
HEADER = 34
COLUMNS = 4
MAX_PIXELS = 4096**2
PAPER, INK = "white", "black"


def contact_sheet(made: CoverSet, files: Mapping[int, bytes]) -> bytes:
    """A PNG of all covers, best first, each with its rank, score and seed; labelled as AI-made.

    Args:
        files: of the covers, by rank.

    Raises:
        Unexpected: a file is no picture.
    """
    columns = min(COLUMNS, len(made.covers)) or 1
    rows = math.ceil(len(made.covers) / columns)
    size = (GAP + columns * (CELL + GAP), HEADER + rows * (CELL + CAPTION + GAP) + HEADER)
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((GAP, 10), _fitting(made.prompt, size[0] - 2 * GAP, 14), INK, _font(14))
    for place, cover in enumerate(made.covers):
        left = GAP + place % columns * (CELL + GAP)
        top = HEADER + place // columns * (CELL + CAPTION + GAP)
        sheet.paste(_cell(files[cover.rank]), (left, top))
        said = f"{cover.rank}   score {cover.score:.2f}   seed {cover.seed}"
        draw.text((left, top + CELL + 3), said, INK, _font(13))
    metadata = CoverMetadata(made.prompt, made.seed, made.models.get("generator", ""))
    return encode_png(np.asarray(sheet), metadata)


def _cell(file: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(file), formats=["PNG"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Unexpected("a cover is larger than a cover can be")
            return image.convert("RGB").resize((CELL, CELL), Image.Resampling.LANCZOS)
    except Image.DecompressionBombError as error:
        raise Unexpected("a cover is larger than a cover can be") from error
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise Unexpected("a cover is no PNG") from error


def _fitting(text: str, width: int, size: int) -> str:
    """As much of a line as `width` pixels hold."""
    font = _font(size)
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "...") > width:
        text = text[:-1]
    return text + "..."


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size=size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
