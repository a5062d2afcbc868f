"""Layouts: how title and artist are set, as blocks of lines that are then placed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from songdalle_core.release.options import Layout, ReleaseError, SleeveText
from songdalle_core.release.type import RATIO, STEPS, Line, Typeface, broken, size_of

Align = Literal["left", "centre", "right"]
MARGIN = 0.06
"""Between type and the sleeve's edge, in sides: players round corners and lay badges over them."""


@dataclass(frozen=True)
class Recipe:
    """A layout's proportions.

    Attributes:
        width: that the title may take, in sides.
        steps: of the scale that the title may have, smallest and largest.
        weights: of the title, of which the seed takes one.
        lines: of the title, at most.
        leading: from one base line to the next, in sizes.
        aligns: of which the seed takes one, where a place has none of its own.
        artist: weight; its size is `below` steps under the title's.
        tracking: of the artist, in sizes.
        apart: whether the artist stands in the corner opposite to the title's.
        anywhere: whether the block may stand in the middle of the height.
    """

    width: float
    steps: tuple[int, int]
    weights: tuple[int, ...]
    lines: int
    leading: float
    aligns: tuple[Align, ...]
    artist: int
    below: int
    tracking: float = 0.0
    apart: bool = False
    anywhere: bool = True


RECIPES: dict[Layout, Recipe] = {
    "headline": Recipe(
        0.88, (2, 8), (800, 900), 2, 1.06, ("left", "centre"), 500, 4, anywhere=False
    ),
    "corner": Recipe(0.46, (1, 5), (500, 700), 3, 1.16, ("left", "right"), 350, 2),
    "centred": Recipe(0.64, (1, 6), (250, 400), 2, 1.22, ("centre",), 400, 3, tracking=0.14),
    "split": Recipe(0.6, (2, 7), (700, 800), 3, 1.1, ("left",), 500, 3, apart=True, anywhere=False),
}


@dataclass(frozen=True)
class Row:
    """A line in its face and size; `drop` pixels from the block's top to its base line."""

    line: Line
    face: Typeface
    size: int
    drop: int
    is_title: bool


@dataclass(frozen=True)
class Block:
    """Rows that stand together, in pixels.

    Attributes:
        step: of the title on the scale, or of the artist where it stands alone.
    """

    rows: tuple[Row, ...]
    align: Align
    width: int
    height: int
    step: int

    def left_of(self, row: Row) -> float:
        """Where a row begins, from the block's left edge."""
        room = self.width - row.line.width
        return {"left": 0.0, "centre": room / 2, "right": room}[self.align]


def blocks_of(
    layout: Layout, text: SleeveText, side: int, rng: np.random.Generator
) -> list[list[Block]]:
    """The ways to set a text, the largest title first; each has one block, or two that stand apart.

    Raises:
        ReleaseError: it cannot be set: too long, or with characters that the family lacks.
    """
    recipe = RECIPES[layout]
    weight = recipe.weights[int(rng.integers(len(recipe.weights)))]
    align = recipe.aligns[int(rng.integers(len(recipe.aligns)))]
    faces = Typeface(weight), Typeface(recipe.artist)
    for field in ("title", "artist"):
        if strange := faces[0].missing(getattr(text, field)):
            shown = " ".join(strange[:5])
            raise ReleaseError(
                field, f"the typeface has no {shown}: leave it out, or choose layout none"
            )
    title = text.title or text.artist
    artist = text.artist if text.title else ""
    ways: list[list[Block]] = []
    for step in range(recipe.steps[1], recipe.steps[0] - 1, -1):
        rows = _rows_of(title, recipe, faces[0], step, side)
        if rows is None:
            continue
        credit = _credit(artist, recipe, faces[1], max(0, step - recipe.below), side)
        if artist and credit is None:
            continue
        if credit is None or recipe.apart:
            blocks = [_block(rows, align, step)]
            if credit is not None:
                blocks.append(_block([credit], "right", step))
        else:
            blocks = [_block(_joined(rows, credit, recipe), align, step)]
        if all(block.height <= side * (1 - 2 * MARGIN) / 2 for block in blocks):
            ways.append(blocks)
    if not ways:
        field = (
            "title"
            if _rows_of(title, recipe, faces[0], recipe.steps[0], side) is None
            else "artist"
        )
        raise ReleaseError(
            field, f"the {field} is too long for layout {layout}: shorten it, or choose layout none"
        )
    return ways


def _rows_of(title: str, recipe: Recipe, face: Typeface, step: int, side: int) -> list[Row] | None:
    """The title's rows at a step of the scale; None if they would be too wide."""
    size, room = size_of(step, side), recipe.width * side
    for anywhere in (False, True):
        # a word is parted only where nothing else helps
        if anywhere and step > recipe.steps[0] + 1:
            return None
        lines = [
            face.set_line(part, size) for part in broken(title, recipe.lines, face, size, anywhere)
        ]
        if max(line.width for line in lines) <= room:
            leading, rise = round(recipe.leading * size), face.rise(size)
            return [Row(line, face, size, rise + k * leading, True) for k, line in enumerate(lines)]
    return None


def _credit(artist: str, recipe: Recipe, face: Typeface, step: int, side: int) -> Row | None:
    """The artist's row, as large as its step or smaller where it is long; None if there is none that fits."""
    room = max(recipe.width, 0.6) * side
    for smaller in range(step, -1, -1) if artist else ():
        size = size_of(smaller, side)
        line = face.set_line(artist, size, recipe.tracking)
        if line.width <= room:
            return Row(line, face, size, face.rise(size), False)
    return None


def _joined(rows: list[Row], credit: Row, recipe: Recipe) -> list[Row]:
    """Title, then artist below it: a little less than a line apart."""
    last = rows[-1]
    gap = (
        round(last.size / RATIO / recipe.leading * 0.4)
        + last.face.height(last.size)
        - last.face.rise(last.size)
    )
    drop = last.drop + gap + credit.face.rise(credit.size)
    return [*rows, Row(credit.line, credit.face, credit.size, drop, False)]


def _block(rows: list[Row], align: Align, step: int) -> Block:
    assert 0 <= step < STEPS
    last = rows[-1]
    foot = last.face.height(last.size) - last.face.rise(last.size)
    width = round(max(row.line.width for row in rows))
    return Block(tuple(rows), align, width, last.drop + foot, step)
