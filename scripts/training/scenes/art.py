"""Subjects as pictures: vector icons of openly licensed sets.

Each set is the `icons.json` of an npm package in Iconify's format, fetched by `scripts/training/fetch_art.py`:
Fluent Emoji flat (MIT), Noto Emoji of today and its first version (Apache-2.0), Twemoji and Emoji One
(CC-BY 4.0).
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import resvg_py
from PIL import Image

from scripts.common import command_line

ART_SETS = ("fluent-emoji-flat", "noto", "noto-v1", "twemoji", "emojione")
DEFAULT_SETS = ART_SETS[:3]
"""The sets that the generator learns, one a hand, and that scenes are composed of."""
JUDGE_SETS = ART_SETS
"""The sets of the judge's scenes: it knows things in any hand, and never sees what a generator draws."""
MISNAMED = frozenset({("emojione", "cricket")})
"""Icons that are something else than elsewhere: a bat and a ball."""
CONCEPTS_FILE = Path(__file__).parent / "concepts.tsv"
_FULL = 512  # pixels a side that icons are rendered at


class ArtError(RuntimeError):
    """An art set is missing or lacks an icon."""


def add_folder(parser: argparse.ArgumentParser) -> None:
    """The option --art of a script that reads art."""
    add = parser.add_argument
    add("--art", type=Path, default=Path("data/art"), metavar="DIR", help="folder of fetch_art.py")


def add_arguments(parser: argparse.ArgumentParser, sets: tuple[str, ...] = DEFAULT_SETS) -> None:
    """The options --art and --sets of a script that composes scenes."""
    add_folder(parser)
    parser.add_argument("--sets", type=command_line.names, default=sets, help="art sets, by commas")


@dataclass(frozen=True)
class Concept:
    """A subject.

    Attributes:
        name: its canonical English name.
        icon: its slug in the icon sets.
        synonyms: other words for it.
        weight: how often it is drawn, against the others.
        tint: "main" if its chief hue may change, "all" if every hue may, "" if none.
        sets: those of `DEFAULT_SETS` that draw it well; all of them if empty.
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


def holding(concept: Concept, art: Mapping[str, ArtSet]) -> tuple[str, ...]:
    """The sets that a concept may be taken from: of `DEFAULT_SETS` those it names, any other with its icon."""
    others = [name for name in art if name not in DEFAULT_SETS or not concept.sets]
    fit = [name for name in art if name in concept.sets or name in others] or list(art)
    icon = concept.icon
    return tuple(name for name in fit if icon in art[name] and (name, icon) not in MISNAMED)


def drawn_by(folder: Path, sets: tuple[str, ...]) -> list[Concept]:
    """The shipped concepts that one of the sets has."""
    art = {name: ArtSet(name, folder) for name in sets}
    return [concept for concept in load_concepts() if holding(concept, art)]


class Sprites:
    """Every concept in the sets that draw it.

    Raises:
        ArtError: a set is missing, or a concept has an icon in none of its sets.
    """

    def __init__(self, concepts: Sequence[Concept], folder: Path, sets: tuple[str, ...]) -> None:
        self._art = {name: ArtSet(name, folder) for name in sets}
        self._sets = {concept.name: holding(concept, self._art) for concept in concepts}
        for concept in concepts:
            if not self._sets[concept.name]:
                raise ArtError(f"{', '.join(sets)}: no icon {concept.icon!r} for {concept.name}")
        for art in self._art.values():
            art.keep({concept.icon for concept in concepts})

    def sets(self, concept: Concept) -> tuple[str, ...]:
        """The loaded sets whose drawing of a concept may be used, in the order given."""
        return self._sets[concept.name]

    def square(self, art: str, concept: Concept, side: int) -> Image.Image:
        """The concept as RGBA in a square of `side` pixels, which its longer side fills, in the middle."""
        full = _trimmed(self._art[art].render(concept.icon, _FULL))
        scale = side / max(full.size)
        shape = (max(1, round(full.width * scale)), max(1, round(full.height * scale)))
        square = Image.new("RGBA", (side, side))
        image = full.resize(shape, Image.Resampling.LANCZOS)
        square.paste(image, ((side - shape[0]) // 2, (side - shape[1]) // 2))
        return square


def _trimmed(image: Image.Image) -> Image.Image:
    box = image.getchannel("A").point(lambda a: 255 * (a > 8)).getbbox()
    return image.crop(box) if box else image
