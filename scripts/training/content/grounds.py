"""Grounds: where a subject is, drawn flat on a transparent sky.

`render` draws one, `facts` says where its horizon and floor are; `python -m scripts.training.content.grounds
--out sheet.png` draws all of them on one sheet.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw

from scripts.training.content import (
    places_abstract,
    places_coast,
    places_indoors,
    places_land,
    places_leisure,
    places_town,
    places_water,
    places_ways,
)
from scripts.training.content.drawings import Draw
from scripts.training.content.shapes import Drawing

FACTS_FILE = Path(__file__).parents[3] / "songdalle_core" / "finishing" / "grounds.tsv"

_DRAWINGS: dict[str, tuple[Draw, ...]] = {
    **places_land.DRAWINGS,
    **places_water.DRAWINGS,
    **places_coast.DRAWINGS,
    **places_town.DRAWINGS,
    **places_ways.DRAWINGS,
    **places_leisure.DRAWINGS,
    **places_indoors.DRAWINGS,
    **places_abstract.DRAWINGS,
}
PLACES: tuple[str, ...] = tuple(_DRAWINGS)
"""Every place there is a ground of."""
VARIANTS: dict[str, int] = {place: len(drawings) for place, drawings in _DRAWINGS.items()}
"""How many different grounds a place has."""


@dataclass(frozen=True)
class Ground:
    """Where things are in a ground, as shares of its height from the top.

    Attributes:
        horizon: where land or water meets the sky; indoors, where the wall meets the floor.
        floor: where the feet are of a subject that stands in the middle ground.
        indoors: whether walls are behind it, the sky at most in a window.
    """

    horizon: float
    floor: float
    indoors: bool


def render(place: str, variant: int, side: int = 256) -> Image.Image:
    """A ground as an RGBA picture with straight alpha, `side` pixels square.

    Raises:
        ValueError: there is no such place or variant.
    """
    _known(place, variant)
    drawing = Drawing()
    _DRAWINGS[place][variant](drawing)
    return drawing.render(side)


def facts(place: str, variant: int) -> Ground:
    """Where the horizon and the floor of a ground are.

    Raises:
        ValueError: there is no such place or variant.
    """
    _known(place, variant)
    return _all_facts()[place, variant]


def _known(place: str, variant: int) -> None:
    if not 0 <= variant < VARIANTS.get(place, 0):
        raise ValueError(f"no ground {variant} of {place!r}")


@lru_cache(maxsize=1)
def _all_facts() -> dict[tuple[str, int], Ground]:
    with FACTS_FILE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if row and row[0][0] != "#"]
    return {
        (place, int(variant)): Ground(float(horizon), float(floor), indoors == "1")
        for place, variant, horizon, floor, indoors in rows
    }


def sheet(side: int = 160, across: int = 9) -> Image.Image:
    """Every ground with its name, over a plain sky."""
    cells = [(place, variant) for place in PLACES for variant in range(VARIANTS[place])]
    label = 14
    size = (across * side, -(-len(cells) // across) * (side + label))
    page = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(page)
    sky = Image.linear_gradient("L").resize((side, side))
    above = Image.new("RGB", (side, side), (104, 160, 222))
    below = Image.new("RGB", (side, side), (222, 234, 244))
    backdrop = Image.composite(below, above, sky)
    for k, (place, variant) in enumerate(cells):
        x, y = k % across * side, k // across * (side + label)
        ground = render(place, variant, side)
        page.paste(backdrop, (x, y + label))
        page.paste(ground, (x, y + label), ground)
        pen.text((x + 3, y + 1), f"{place} {variant}", fill="black")
    return page


def main(arguments: list[str] | None = None) -> None:
    """Draw the sheet of all grounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="PNG file of the sheet")
    parser.add_argument("--side", type=int, default=160, help="pixels a side of a ground")
    options = parser.parse_args(arguments)
    sheet(options.side).save(options.out)


if __name__ == "__main__":
    main()
