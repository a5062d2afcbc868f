"""Subjects as pictures: vector icons of openly licensed sets, rendered once and kept as arrays.

Each set is the `icons.json` of an npm package in Iconify's format, fetched by `scripts/fetch_art.py`:
Fluent Emoji flat (MIT), Noto Emoji (Apache-2.0), Twemoji (CC-BY 4.0).
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

ART_SETS = ("fluent-emoji-flat", "noto", "twemoji")
CONCEPTS_FILE = Path(__file__).parent / "concepts.tsv"


class ArtError(RuntimeError):
    """An art set is missing or lacks an icon."""


@dataclass(frozen=True)
class Concept:
    """A subject: its canonical English name, its icon's slug, and other words for it."""

    name: str
    icon: str
    synonyms: tuple[str, ...]


def load_concepts(path: Path = CONCEPTS_FILE) -> list[Concept]:
    """The concepts of a TSV file (name, icon, comma-separated synonyms); `#` begins a comment."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if row and row[0][0] != "#"]
    return [
        Concept(r[0], r[1], tuple(s.strip() for s in r[2].split(",") if s.strip())) for r in rows
    ]


class ArtSet:
    """The icons of one set, by slug."""

    def __init__(self, name: str, folder: Path) -> None:
        path = folder / name / "icons.json"
        if not path.is_file():
            raise ArtError(f"{path} is missing: run `python scripts/fetch_art.py --out {folder}`")
        data = json.loads(path.read_text(encoding="utf-8"))
        self.name = name
        self._icons = data["icons"]
        self._aliases = data.get("aliases", {})
        self._size = (data.get("width", 16), data.get("height", 16))

    def svg(self, slug: str) -> str:
        """The SVG document of an icon.

        Raises:
            ArtError: the set has no icon of this name.
        """
        slug = self._aliases.get(slug, {}).get("parent", slug)
        if slug not in self._icons:
            raise ArtError(f"{self.name} has no icon {slug!r}")
        icon = self._icons[slug]
        width, height = icon.get("width", self._size[0]), icon.get("height", self._size[1])
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="0 0 {width} {height}">{icon["body"]}</svg>'
        )

    def render(self, slug: str, size: int) -> Image.Image:
        """The icon as an RGBA picture, `size` pixels square."""
        png = resvg_py.svg_to_bytes(svg_string=self.svg(slug), width=size, height=size)
        return Image.open(io.BytesIO(bytes(png))).convert("RGBA")


class Sprites:
    """Every concept of every set, rendered at 256 px and cropped to its ink, then resized on demand."""

    def __init__(self, concepts: list[Concept], folder: Path, sets: tuple[str, ...]) -> None:
        self.sets = sets
        loaded = [ArtSet(name, folder) for name in sets]
        self._full = {
            (art.name, concept.name): _trimmed(art.render(concept.icon, 256))
            for art in loaded
            for concept in concepts
        }
        self._sized: dict[tuple[str, str, int], Image.Image] = {}

    def get(self, art: str, concept: str, size: int) -> Image.Image:
        """RGBA sprite whose longer side is `size` pixels."""
        key = (art, concept, size)
        if key not in self._sized:
            full = self._full[(art, concept)]
            scale = size / max(full.size)
            shape = (max(1, round(full.width * scale)), max(1, round(full.height * scale)))
            self._sized[key] = full.resize(shape, Image.Resampling.LANCZOS)
        return self._sized[key]


def _trimmed(image: Image.Image) -> Image.Image:
    box = image.getchannel("A").point(lambda a: 255 * (a > 8)).getbbox()
    return image.crop(box) if box else image


def as_array(image: Image.Image) -> np.ndarray:
    """An RGB picture as uint8 (H, W, 3)."""
    return np.asarray(image.convert("RGB"), dtype=np.uint8)
