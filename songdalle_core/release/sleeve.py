"""A sleeve's two faces: the picture with its title and artist in type, and a back with the tracks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from songdalle_core.release.calm import Box, Calm
from songdalle_core.release.colours import chief_colours, choose_ink, luminance, veiled, worst
from songdalle_core.release.layouts import MARGIN, RECIPES, Block, Row, blocks_of
from songdalle_core.release.options import MAX_TRACKS, Layout, ReleaseError, SleeveText
from songdalle_core.release.type import Line, Typeface, draw_lines, size_of

Pixels = npt.NDArray[np.uint8]
TITLE_CONTRAST, ARTIST_CONTRAST = 3.0, 4.5
"""WCAG 2.2, 1.4.3: of large text, and of text. 95 % of the pixels behind type have it."""
_PLACES = 12  # of a block along each side
_SMALLER = 0.16  # cost of a step down the scale
_STEPS_DOWN = 3  # at most, to be out of the subject's way
_COVERED = 3.0  # cost of the whole subject under type
_MIDDLE = 0.35  # cost of a headline away from top and bottom
_DARK = 0.12  # luminance of a back cover's ground, at most
_STREAM = 21  # of the seed: no other decision draws from it


@dataclass(frozen=True)
class Sleeve:
    """A finished face.

    Attributes:
        pixels: uint8 (S, S, 3).
        layout: that was used.
        boxes: where type stands, in sides.
        contrast: WCAG's, of 95 % of the pixels behind the type that has least of it; None without type.
        covered: share of the subject that the boxes cover.
    """

    pixels: Pixels
    layout: Layout
    boxes: tuple[Box, ...] = ()
    contrast: float | None = None
    covered: float = 0.0


def choose_layout(text: SleeveText, seed: int) -> Layout:
    """The layout of a seed; none where there is nothing to set."""
    if not (text.title or text.artist):
        return "none"
    layouts = tuple(RECIPES)
    return layouts[int(_chance(seed).integers(len(layouts)))]


def make_front(
    picture: Pixels,
    text: SleeveText,
    layout: Layout | None = None,
    seed: int = 0,
    subject: Pixels | None = None,
) -> Sleeve:
    """The front: a picture with title and artist in type.

    Args:
        picture: uint8 (S, S, 3).
        text: what is set.
        layout: None leaves it to the seed.
        seed: weight, alignment and ink.
        subject: uint8 (N, N), coverage by the subject, where it is known.

    Raises:
        ReleaseError: the text cannot be set.
    """
    layout = layout or choose_layout(text, seed)
    if layout == "none":
        return Sleeve(picture, layout)
    if not (text.title or text.artist):
        raise ReleaseError(
            "title", f"layout {layout} sets type: name a title, or choose layout none"
        )
    side, chance, calm = len(picture), _chance(seed), Calm(picture, subject)
    ways = blocks_of(layout, text, side, chance)
    most = ways[0][0].step
    ways = [way for way in ways if most - way[0].step <= _STEPS_DOWN]
    _, placed = min(
        (_placed(way, layout, calm, side, most) for way in ways), key=lambda each: each[0]
    )
    accents = chief_colours(picture) if chance.random() < 0.5 else []
    pixels, least = picture, 21.0
    for each in placed:
        pixels, contrast = _set(pixels, each, accents)
        least = min(least, contrast)
    boxes = tuple(_box(block, x, y, side) for block, x, y in placed)
    covered = sum(calm.subject_in(box) for box in boxes)
    return Sleeve(pixels, layout, boxes, round(least, 2), round(covered, 3))


def make_back(front: Pixels, text: SleeveText, seed: int = 0) -> Sleeve:
    """The back: the front's colours, out of focus and dark, with title, artist and numbered tracks.

    Raises:
        ReleaseError: there is no track, too many, or one that cannot be set.
    """
    if not 1 <= len(text.tracks) <= MAX_TRACKS:
        raise ReleaseError(
            "tracks", f"a back cover lists 1 to {MAX_TRACKS} tracks, not {len(text.tracks)}"
        )
    side = len(front)
    ground = _ground(front)
    bold, plain = Typeface(700), Typeface(400)
    for field, texts in (
        ("title", [text.title]),
        ("artist", [text.artist]),
        ("tracks", text.tracks),
    ):
        for each in texts:
            if strange := plain.missing(each):
                raise ReleaseError(
                    field, f"the typeface has no {' '.join(strange[:5])}: leave it out"
                )
    mask = Image.new("L", (side, side), 0)
    left, top = round(1.5 * MARGIN * side), round(1.5 * MARGIN * side)
    for face, words, steps in ((bold, text.title, (4, 3, 2, 1)), (plain, text.artist, (2, 1, 0))):
        if words:
            size, line = _fitting(face, words, steps, side)
            top += face.rise(size)
            draw_lines(mask, face, size, [(line, left, top)])
            top += round(0.7 * size)
    _list_tracks(mask, plain, text.tracks, left, top + round(0.05 * side))
    inked = _inked(ground, np.asarray(mask), (245, 244, 240))
    least = _least(ground, np.asarray(mask), (245, 244, 240))
    return Sleeve(inked, "none", (), round(least, 2))


def _chance(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=seed + (_STREAM << 64)))


Placed = list[tuple[Block, int, int]]


def _placed(
    way: list[Block], layout: Layout, calm: Calm, side: int, most: int
) -> tuple[float, Placed]:
    """The calmest places of a way's blocks, and what they cost; `most` is the largest step there is."""
    cost = _SMALLER * (most - way[0].step)
    placed: Placed = []
    recipe = RECIPES[layout]
    for number, block in enumerate(way):
        options = []
        for y in _rows(block, side, recipe.anywhere):
            if number and (y < side / 2) == (placed[0][2] < side / 2):
                continue  # the artist stands at the other end
            x = _left(block, side)
            middle = min(y, side - y - block.height) / side - MARGIN
            box = _box(block, x, y, side)
            disturbed = calm.cost(box) + _COVERED * calm.subject_in(box)
            options.append((disturbed + _MIDDLE * middle, y, x))
        if not options:
            return 1e9, [(block, _left(block, side), round(MARGIN * side)) for block in way]
        best, y, x = min(options)
        cost += best
        placed.append((block, x, y))
    return cost, placed


def _rows(block: Block, side: int, anywhere: bool) -> list[int]:
    """Where a block's top may be: evenly spread, or at top and bottom alone."""
    first, last = round(MARGIN * side), side - round(MARGIN * side) - block.height
    if not anywhere:
        return [first, last]
    return [round(first + (last - first) * k / (_PLACES - 1)) for k in range(_PLACES)]


def _left(block: Block, side: int) -> int:
    margin = round(MARGIN * side)
    ends = {
        "left": margin,
        "centre": (side - block.width) // 2,
        "right": side - margin - block.width,
    }
    return ends[block.align]


def _box(block: Block, x: int, y: int, side: int) -> Box:
    return (x / side, y / side, (x + block.width) / side, (y + block.height) / side)


def _set(
    pixels: Pixels, placed: tuple[Block, int, int], accents: list[tuple[int, int, int]]
) -> tuple[Pixels, float]:
    """A picture with a block in the ink that suits its place, and the least contrast of its rows."""
    block, x, y = placed
    behind = luminance(pixels[y : y + block.height, x : x + block.width].reshape(-1, 3))
    ink, least = choose_ink(behind, accents, ARTIST_CONTRAST), 21.0
    rows = ((True, TITLE_CONTRAST), (False, ARTIST_CONTRAST))
    masks = [(_mask(placed, len(pixels), is_title), needed) for is_title, needed in rows]
    for mask, needed in masks:
        if mask is not None:
            pixels = veiled(pixels, mask, ink, needed)[0]
    for mask, _ in masks:
        if mask is not None:
            least = min(least, _least(pixels, mask, ink))
    for mask, _ in masks:
        pixels = pixels if mask is None else _inked(pixels, mask, ink)
    return pixels, least


def _mask(placed: tuple[Block, int, int], side: int, is_title: bool) -> Pixels | None:
    """Coverage (S, S) of a block's title, or of its artist; None if it has none."""
    block, x, y = placed
    rows = [row for row in block.rows if row.is_title == is_title]
    if not rows:
        return None
    mask = Image.new("L", (side, side), 0)
    for row in rows:
        draw_lines(mask, row.face, row.size, [_line(block, row, x, y)])
    return np.asarray(mask)


def _line(block: Block, row: Row, x: int, y: int) -> tuple[Line, float, float]:
    return row.line, x + block.left_of(row), y + row.drop


def _least(pixels: Pixels, mask: Pixels, ink: tuple[int, int, int]) -> float:
    under = cv2.dilate(mask, np.ones((3, 3), np.uint8)) > 127
    return worst(ink, luminance(pixels[under]))


def _inked(pixels: Pixels, mask: Pixels, ink: tuple[int, int, int]) -> Pixels:
    share = (mask.astype(np.float32) / 255)[..., None]
    return np.rint(pixels * (1 - share) + np.array(ink, np.float32) * share).astype(np.uint8)


def _ground(front: Pixels) -> Pixels:
    """A front out of focus, no lighter than `_DARK`."""
    side = len(front)
    small = cv2.resize(front, (96, 96), interpolation=cv2.INTER_AREA).astype(np.float32)
    soft = cv2.GaussianBlur(small, (0, 0), 14)
    bright = float(np.percentile(luminance(np.rint(soft).astype(np.uint8)), 98))
    soft *= min(1.0, (_DARK / max(bright, 1e-3)) ** (1 / 2.4))
    large = cv2.resize(soft, (side, side), interpolation=cv2.INTER_CUBIC)
    grain = np.random.Generator(np.random.Philox(key=_STREAM)).normal(0, 1.2, (side, side, 1))
    # steps between so few levels would show as bands
    return np.clip(np.rint(large + grain.astype(np.float32)), 0, 255).astype(np.uint8)


def _fitting(face: Typeface, words: str, steps: tuple[int, ...], side: int) -> tuple[int, Line]:
    """The largest size of some steps at which a line fits the back's width; smaller where none does."""
    room = side * (1 - 3 * MARGIN)
    for step in steps:
        size = size_of(step, side)
        line = face.set_line(words, size)
        if line.width <= room:
            return size, line
    size = max(8, int(size * room / line.width))
    return size, face.set_line(words, size)


def _list_tracks(
    mask: Image.Image, face: Typeface, tracks: tuple[str, ...], left: int, top: int
) -> None:
    """Numbered tracks in one column, or in two where there are many."""
    side = mask.width
    columns = 1 if len(tracks) <= 14 else 2
    rows = -(-len(tracks) // columns)
    height = (side * (1 - 1.5 * MARGIN) - top) / rows
    size = min(size_of(1, side), int(height / 1.5))
    pitch = min(height, 2.2 * size)
    room = (side * (1 - 3 * MARGIN) - (columns - 1) * 0.05 * side) / columns
    number_width = face.set_line("00", size).width * 1.5
    for index, track in enumerate(tracks):
        column, row = divmod(index, rows)
        x, base = left + column * (room + 0.05 * side), top + row * pitch + face.rise(size)
        draw_lines(mask, face, size, [(face.set_line(str(index + 1), size), x, base)])
        own = min(
            size, max(6, int(size * (room - number_width) / face.set_line(track, size).width))
        )
        draw_lines(mask, face, own, [(face.set_line(track, own), x + number_width, base)])
