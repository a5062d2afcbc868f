"""All covers of a set on one picture."""

from __future__ import annotations

import io
import math
from bisect import bisect_right
from collections.abc import Mapping

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin, UnidentifiedImageError

from songdalle_client.answers import CoverSet
from songdalle_client.errors import Unexpected
from songdalle_client.version import __version__

CELL = 256  # pixels
GAP = 12
CAPTION = 22
HEADER = FOOTER = 34
COLUMNS = 4
MAX_PIXELS = 4096**2
PAPER, INK = "white", "black"

NOTICE = "Image created by AI"
XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/">\
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">\
<Iptc4xmpExt:DigitalSourceType>\
http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia\
</Iptc4xmpExt:DigitalSourceType></rdf:Description></rdf:RDF></x:xmpmeta>"""
"""Media made by a trained model, in IPTC's terms, which image libraries and platforms read."""


def contact_sheet(cover_set: CoverSet, files: Mapping[int, bytes]) -> bytes:
    """A PNG of all covers, best first, each with its rank, score and seed; labelled as AI-made.

    Args:
        files: of the covers, by rank.

    Raises:
        Unexpected: a file is no picture.
    """
    columns = min(COLUMNS, len(cover_set.covers)) or 1
    rows = math.ceil(len(cover_set.covers) / columns)
    size = (GAP + columns * (CELL + GAP), HEADER + rows * (CELL + CAPTION + GAP) + FOOTER)
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((GAP, 10), _fitting(cover_set.prompt, size[0] - 2 * GAP, 14), INK, _font(14))
    for place, cover in enumerate(cover_set.covers):
        left = GAP + place % columns * (CELL + GAP)
        top = HEADER + place // columns * (CELL + CAPTION + GAP)
        sheet.paste(_cell(files[cover.rank]), (left, top))
        caption = f"{cover.rank}   score {cover.score:.2f}   seed {cover.seed}"
        draw.text((left, top + CELL + 3), caption, INK, _font(13))
    draw.text((size[0] - GAP, size[1] - 10), NOTICE, INK, _font(14), anchor="rs")
    file = io.BytesIO()
    sheet.save(file, format="PNG", pnginfo=_metadata(cover_set))
    return file.getvalue()


def _metadata(cover_set: CoverSet) -> PngImagePlugin.PngInfo:
    """The text chunks that a cover of the service has, of the whole set."""
    fields = {
        "prompt": cover_set.prompt.replace("\0", ""),  # NUL would end the text
        "seed": str(cover_set.seed),
        "model": cover_set.models.get("generator", "").replace("\0", ""),
        "notice": NOTICE,
        "software": f"Song DALL-E {__version__}",
        "XML:com.adobe.xmp": XMP,
    }
    info = PngImagePlugin.PngInfo()
    for name, text in fields.items():
        info.add_itxt(name, text)
    return info


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
    lengths = range(len(text))
    fits = bisect_right(
        lengths, width, key=lambda length: math.ceil(font.getlength(text[:length] + "..."))
    )
    return text[: max(0, fits - 1)] + "..."


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size=size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
