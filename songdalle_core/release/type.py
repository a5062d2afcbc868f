"""Type: one family for Hangul and Latin in nine weights, its sizes on a scale, lines broken and spaced.

Noto Sans CJK KR is under the SIL Open Font License 1.1, which allows pictures and documents with it, and comes
with the package `manimgx-fonts-cjk`, so that a title looks the same on every machine. It has all 11,172 modern
syllables; fonts for KS X 1001 have 2,350 and break at a title such as 뷁.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_KOREAN_FACE = 1  # of the collection: Japanese, Korean, two Chinese ones, Hong Kong's
_LOOKED_UP = 32  # pixels at which characters are looked up
_NOWHERE = "\uffff"  # a code point that no font has
RATIO = 4 / 3
"""From one size to the next (a perfect fourth)."""
BASE = 0.022
"""The smallest size, in sides of the sleeve: 66 pixels of 3000."""
STEPS = 10


def size_of(step: int, side: int) -> int:
    """Pixels of a step of the scale, from 0 to `STEPS` - 1."""
    return max(1, round(BASE * RATIO**step * side))


@cache
def font_file() -> Path:
    """The family's file, of the installed package.

    Raises:
        FileNotFoundError: the package is not installed whole.
    """
    path = Path(str(resources.files("manimgx_fonts_cjk") / "NotoSansCJK-VF.otf.ttc"))
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: install manimgx-fonts-cjk anew")
    return path


@dataclass(frozen=True)
class Line:
    """A line of type.

    Attributes:
        places: each cluster of characters and where it begins, in pixels from the line's left edge.
        width: pixels, without the space after the last cluster.
    """

    places: tuple[tuple[str, float], ...]
    width: float


class Typeface:
    """The family in one weight. A FreeType face belongs to one thread: make one for each sleeve.

    Args:
        weight: 100 to 900.
    """

    def __init__(self, weight: int) -> None:
        self.weight = weight
        self._sizes: dict[int, ImageFont.FreeTypeFont] = {}

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """The font at a size in pixels."""
        if size not in self._sizes:
            font = ImageFont.truetype(str(font_file()), size, index=_KOREAN_FACE)
            font.set_variation_by_axes([self.weight])
            self._sizes[size] = font
        return self._sizes[size]

    def missing(self, text: str) -> list[str]:
        """Characters of a text that the family does not have, each once."""
        font = self.at(_LOOKED_UP)
        box = bytes(font.getmask(_NOWHERE))
        return [
            character
            for character in dict.fromkeys(text)
            if not character.isspace() and bytes(font.getmask(character)) == box
        ]

    def set_line(self, text: str, size: int, tracking: float = 0.0) -> Line:
        """A line, kerned, with `tracking` (in sizes) between its clusters."""
        font = self.at(size)
        if not tracking:
            return Line(((text, 0.0),), font.getlength(text))
        places, before = [], ""
        for number, cluster in enumerate(clusters(text)):
            places.append((cluster, font.getlength(before) + number * tracking * size))
            before += cluster
        return Line(tuple(places), font.getlength(text) + (len(places) - 1) * tracking * size)

    def height(self, size: int) -> int:
        """Of the letters, from the top of a capital or a syllable to the foot of a g."""
        _, top, _, bottom = self.at(size).getbbox("H한g", anchor="ls")
        return round(bottom - top)

    def rise(self, size: int) -> int:
        """Of capitals and syllables above the base line."""
        return round(-self.at(size).getbbox("H한", anchor="ls")[1])


def clusters(text: str) -> list[str]:
    """A text in pieces that are never parted: a letter with its combining marks."""
    pieces: list[str] = []
    for character in text:
        joined = unicodedata.combining(character) or character in "\u200d\ufe0e\ufe0f"
        if pieces and joined:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def broken(text: str, lines: int, measure: Typeface, size: int, anywhere: bool) -> list[str]:
    """A text in at most so many lines, the longest of them as short as it can be.

    Args:
        anywhere: between any two clusters, for titles written without spaces; else between words.
    """
    pieces = clusters(text) if anywhere else text.split(" ")
    glue = "" if anywhere else " "
    font, blank = measure.at(size), measure.at(size).getlength(glue) if glue else 0.0
    marks = [0.0]  # where each piece begins, in a line of them all
    for count in range(1, len(pieces) + 1):
        marks.append(font.getlength(glue.join(pieces[:count])) + blank)

    def width(begin: int, end: int) -> float:
        return marks[end] - marks[begin] - blank

    best: dict[tuple[int, int], tuple[float, list[int]]] = {}

    def shortest(begin: int, left: int) -> tuple[float, list[int]]:
        """Width of the longest line of the rest, and where its lines end."""
        if (begin, left) not in best:
            options = [(width(begin, len(pieces)), [len(pieces)])]
            for end in range(begin + 1, len(pieces)) if left > 1 else ():
                rest, ends = shortest(end, left - 1)
                options.append((max(width(begin, end), rest), [end, *ends]))
            best[begin, left] = min(options)
        return best[begin, left]

    _, ends = shortest(0, lines)
    begins = [0, *ends[:-1]]
    return [glue.join(pieces[b:e]).strip() for b, e in zip(begins, ends, strict=True)]


def draw_lines(
    mask: Image.Image,
    face: Typeface,
    size: int,
    lines: Sequence[tuple[Line, float, float]],
) -> None:
    """Draw lines into an "L" mask, each with its left edge and its base line in pixels."""
    draw = ImageDraw.Draw(mask)
    for line, left, base in lines:
        for cluster, x in line.places:
            draw.text((left + x, base), cluster, font=face.at(size), fill=255, anchor="ls")
