"""Subjects as pictures: vector icons of openly licensed sets, rendered once and kept.

Each set is the `icons.json` of an npm package in Iconify's format, fetched by `scripts/training/fetch_art.py`:
Fluent Emoji flat (MIT), Noto Emoji (Apache-2.0), Twemoji (CC-BY 4.0).
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image, ImageFilter

from scripts.common import command_line
from scripts.training.scenes.colours import tinted

ART_SETS = ("fluent-emoji-flat", "noto", "twemoji")
DEFAULT_SETS = ART_SETS[:2]
"""The sets that scenes are drawn from: mostly the first, now and then the others."""
CONCEPTS_FILE = Path(__file__).parent / "concepts.tsv"
_FULL = 256  # pixels a side that icons are rendered at
_CACHED = 4096  # sized sprites in memory


class ArtError(RuntimeError):
    """An art set is missing or lacks an icon."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options --art and --sets of a script that composes scenes."""
    add = parser.add_argument
    add("--art", type=Path, default=Path("data/art"), metavar="DIR", help="folder of fetch_art.py")
    add("--sets", type=command_line.names, default=DEFAULT_SETS, help="art sets, by commas")


@dataclass(frozen=True)
class Concept:
    """A subject.

    Attributes:
        name: its canonical English name.
        icon: its slug in the icon sets.
        synonyms: other words for it.
        weight: how often it is drawn, against the others.
        tint: "main" if its chief hue may change, "all" if every hue may, "" if none.
        sets: the art sets to take it from; all of them if empty.
    """

    name: str
    icon: str
    synonyms: tuple[str, ...]
    weight: float = 1.0
    tint: str = ""
    sets: tuple[str, ...] = ()


def load_concepts(path: Path = CONCEPTS_FILE) -> list[Concept]:
    """The concepts of a TSV file, its columns in the order of `Concept`; `#` begins a comment."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if row and row[0][0] != "#"]
    return [
        Concept(name, icon, _words(words), float(weight), tint, _words(sets))
        for name, icon, words, weight, tint, sets in rows
    ]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


class ArtSet:
    """The icons of one set, by slug."""

    def __init__(self, name: str, folder: Path) -> None:
        path = folder / name / "icons.json"
        if not path.is_file():
            raise ArtError(
                f"{path} is missing: run `python scripts/training/fetch_art.py --out {folder}`"
            )
        data = json.loads(path.read_text(encoding="utf-8"))
        self.name = name
        self._icons = data["icons"]
        self._aliases = data.get("aliases", {})
        self._size = (data.get("width", 16), data.get("height", 16))

    def __contains__(self, slug: str) -> bool:
        return self._aliases.get(slug, {}).get("parent", slug) in self._icons

    def svg(self, slug: str) -> str:
        """The SVG document of an icon.

        Raises:
            ArtError: the set has no icon of this name.
        """
        if slug not in self:
            raise ArtError(f"{self.name} has no icon {slug!r}")
        icon = self._icons[self._aliases.get(slug, {}).get("parent", slug)]
        width, height = icon.get("width", self._size[0]), icon.get("height", self._size[1])
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="0 0 {width} {height}">{icon["body"]}</svg>'
        )

    def render(self, slug: str, size: int) -> Image.Image:
        """The icon as an RGBA picture, `size` pixels square."""
        png = resvg_py.svg_to_bytes(svg_string=self.svg(slug), width=size, height=size)
        return Image.open(io.BytesIO(bytes(png))).convert("RGBA")

    def keep(self, slugs: set[str]) -> None:
        """Forget all icons but these; a set is some tens of megabytes."""
        slugs = {self._aliases.get(slug, {}).get("parent", slug) for slug in slugs}
        self._icons = {slug: icon for slug, icon in self._icons.items() if slug in slugs}


@dataclass(frozen=True)
class Sprite:
    """A subject ready to paste, each part `size` pixels square: colours (RGB), ink and halo (L).

    The ink is centred; the halo reaches a little further than the ink.
    """

    colours: Image.Image
    ink: Image.Image
    halo: Image.Image


class Sprites:
    """Every concept of the sets, rendered when first asked for, in every size and colour asked for.

    Raises:
        ArtError: a set is missing, or a concept has an icon in none of its sets.
    """

    def __init__(self, concepts: list[Concept], folder: Path, sets: tuple[str, ...]) -> None:
        self._art = {name: ArtSet(name, folder) for name in sets}
        self._sets = {concept.name: self._holding(concept) for concept in concepts}
        for art in self._art.values():
            art.keep({concept.icon for concept in concepts})
        self._full: dict[tuple[str, str], Image.Image] = {}
        self._sized: OrderedDict[tuple[str, str, int, str | None], Sprite] = OrderedDict()

    def sets(self, concept: Concept) -> tuple[str, ...]:
        """The loaded sets whose drawing of a concept may be used, in the order given."""
        return self._sets[concept.name]

    def get(self, art: str, concept: Concept, size: int, colour: str | None = None) -> Sprite:
        """The concept in a square of `size` pixels, which its longer side fills."""
        key = (art, concept.name, size, colour)
        if key in self._sized:
            self._sized.move_to_end(key)
            return self._sized[key]
        full = self._rendered(art, concept)
        scale = size / max(full.size)
        shape = (max(1, round(full.width * scale)), max(1, round(full.height * scale)))
        image = full.resize(shape, Image.Resampling.LANCZOS)
        if colour is not None:
            image = tinted(image, colour, concept.tint == "all")
        self._sized[key] = _sprite(image, size)
        if len(self._sized) > _CACHED:
            self._sized.popitem(last=False)
        return self._sized[key]

    def _holding(self, concept: Concept) -> tuple[str, ...]:
        wanted = [name for name in self._art if name in concept.sets] or list(self._art)
        held = tuple(name for name in wanted if concept.icon in self._art[name])
        if not held:
            raise ArtError(f"{', '.join(wanted)} has no icon {concept.icon!r} for {concept.name}")
        return held

    def _rendered(self, art: str, concept: Concept) -> Image.Image:
        key = (art, concept.icon)
        if key not in self._full:
            self._full[key] = _trimmed(self._art[art].render(concept.icon, _FULL))
        return self._full[key]


def _sprite(image: Image.Image, size: int) -> Sprite:
    margin = size // 6
    square = Image.new("RGBA", (size, size))
    square.paste(image, ((size - image.width) // 2, (size - image.height) // 2))
    ink = square.getchannel("A")
    wide = Image.new("L", (size + 2 * margin, size + 2 * margin))
    wide.paste(ink, (margin, margin))
    radius = max(1, size // 24)
    spread = wide.filter(ImageFilter.MaxFilter(2 * max(1, size // 48) + 1))
    halo = spread.filter(ImageFilter.GaussianBlur(radius))
    return Sprite(square.convert("RGB"), ink, halo)


def _trimmed(image: Image.Image) -> Image.Image:
    box = image.getchannel("A").point(lambda a: 255 * (a > 8)).getbbox()
    return image.crop(box) if box else image


def as_array(image: Image.Image) -> np.ndarray:
    """An RGB picture as uint8 (H, W, 3)."""
    return np.asarray(image.convert("RGB"), dtype=np.uint8)
