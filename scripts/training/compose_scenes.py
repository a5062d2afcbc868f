"""Compose captioned training scenes, to look at or to train something else on.

    python scripts/training/compose_scenes.py --art data/art --sheet scenes.png
    python scripts/training/compose_scenes.py --art data/art --sheet cats.png --concept cat --mood Sadness
    python scripts/training/compose_scenes.py --art data/art --concepts concepts.png
    python scripts/training/compose_scenes.py --art data/art --folder scenes --count 1000

The same seed gives the same scene. A folder gets `00000000.png`, ... and `captions.jsonl`, one line a scene
with its file, caption and parts. Training composes its own, by `scripts/training/scenes`.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
from PIL import Image, ImageDraw, ImageFont

from scripts.common import command_line
from scripts.training.common import Progress
from scripts.training.scenes import art
from scripts.training.scenes.composer import COLOURS, SETTINGS, Composer, Scene
from songdalle_core.finishing.lights import LIGHTS
from songdalle_core.finishing.styles import STYLES
from songdalle_core.finishing.weather import WEATHERS
from songdalle_core.moods import MOODS

COLUMNS = 8
PARTS: dict[str, tuple[str, ...]] = {
    "concept": (),
    "setting": SETTINGS,
    "light": tuple(LIGHTS),
    "weather": WEATHERS,
    "mood": MOODS,
    "style": tuple(STYLES),
    "colour": COLOURS,
}
"""What can be held fixed, and the values it can have; concepts are the composer's."""
CAPTION_HEIGHT = 44
WARM_UP = (
    2000  # scenes composed before the rate is measured: a first look at a drawing takes longest
)
MEASURED = 10.0  # seconds of processor time


def contact_sheet(scenes: Iterator[Scene], count: int, size: int) -> Image.Image:
    """`count` scenes of `size` pixels over their captions, eight a row."""
    rows = -(-count // COLUMNS)
    cell = size + CAPTION_HEIGHT
    sheet = Image.new("RGB", (min(count, COLUMNS) * size, rows * cell), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=9)
    for number, scene in enumerate(scenes):
        corner = number % COLUMNS * size, number // COLUMNS * cell
        sheet.paste(Image.fromarray(scene.image), corner)
        lines = textwrap.wrap(scene.caption, max(8, size // 5))[:4]
        draw.multiline_text(
            (corner[0] + 2, corner[1] + size), "\n".join(lines), "black", font, spacing=1
        )
    return sheet


def concept_sheet(composer: Composer, cell: int) -> Image.Image:
    """Every concept over its name, in each art set that draws it, twenty-four drawings a row."""
    drawings = [(c, name) for c in composer.concepts for name in composer.sprites.sets(c)]
    columns, height = 24, cell + 12
    sheet = Image.new("RGB", (columns * cell, -(-len(drawings) // columns) * height), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=9)
    for number, (concept, art_set) in enumerate(drawings):
        x, y = number % columns * cell, number // columns * height
        drawing = composer.sprites.square(art_set, concept, cell - 8)
        sheet.paste(drawing, (x + 4, y + 2), drawing)
        draw.text((x + 2, y + cell - 4), concept.name[:14], "black", font)
    return sheet


def write_folder(scenes: Iterator[tuple[int, Scene]], count: int, folder: Path) -> None:
    """A PNG for each (seed, scene), and `captions.jsonl`."""
    folder.mkdir(parents=True, exist_ok=True)
    progress = Progress(count, 1)
    with (folder / "captions.jsonl").open("w", encoding="utf-8") as lines:
        for number, (seed, scene) in enumerate(scenes):
            name = f"{seed:08d}.png"
            Image.fromarray(scene.image).save(folder / name)
            spec = scene.spec
            parts = {
                "concept": spec.concept.name if spec.concept else None,
                "second": spec.second.name if spec.second else None,
                "setting": spec.setting,
                "light": spec.light,
                "weather": spec.weather,
                "mood": spec.mood,
                "style": spec.style,
                "colour": spec.colour,
            }
            entry = {"file": name, "caption": scene.caption, **parts}
            lines.write(json.dumps(entry, ensure_ascii=False) + "\n")
            progress.update(number)


def rate(composer: Composer) -> float:
    """Scenes a second of processor time, captions included, once most drawings are traced."""
    for seed in range(WARM_UP):
        composer.scene(seed)
    started, seed = time.process_time(), WARM_UP
    while time.process_time() - started < MEASURED:
        composer.scene(seed)
        seed += 1
    return (seed - WARM_UP) / (time.process_time() - started)


def run(args: argparse.Namespace) -> None:
    """Make what the arguments ask for.

    Raises:
        ValueError: nothing is asked for, or something that scenes do not have.
    """
    if not (args.sheet or args.folder or args.concepts or args.rate):
        raise ValueError(
            "choose what to make: --sheet FILE, --folder FOLDER, --concepts FILE or --rate"
        )
    cv2.setNumThreads(1)
    composer = Composer(args.art, args.size, args.sets, art.drawn_by(args.art, args.sets))
    fixed = {part: getattr(args, part) for part in PARTS if getattr(args, part) is not None}
    known = {**PARTS, "concept": tuple(concept.name for concept in composer.concepts)}
    for part, value in fixed.items():
        if value not in known[part]:
            raise ValueError(f"--{part} {value!r} is unknown: choose from {', '.join(known[part])}")

    def compose(seed: int) -> Scene:
        return composer.variant(seed, **fixed) if fixed else composer.scene(seed)

    seeds = range(args.first, args.first + args.count)
    if args.concepts:
        concept_sheet(composer, 64).save(args.concepts)
    if args.sheet:
        contact_sheet(map(compose, seeds), args.count, args.size).save(args.sheet)
    if args.folder:
        write_folder(((seed, compose(seed)) for seed in seeds), args.count, args.folder)
    for path in filter(None, (args.concepts, args.sheet, args.folder)):
        print(path)
    if args.rate:
        print(f"{rate(composer):.0f} scenes/s on one core")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__)
    art.add_arguments(made)
    add = made.add_argument
    add("--sheet", type=Path, metavar="FILE", help="write one contact sheet (PNG)")
    add("--folder", type=Path, metavar="DIR", help="write a PNG a scene, and captions.jsonl")
    add("--concepts", type=Path, metavar="FILE", help="write one picture of all concepts (PNG)")
    for part in PARTS:
        add(f"--{part}", help=f"the same {part} in every scene")
    add("--rate", action="store_true", help="say how many are composed a second")
    add("--count", type=command_line.count, default=48, help="scenes")
    add("--first", type=command_line.amount, default=0, help="seed of the first")
    add("--size", type=int, default=128, help="pixels a side")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    return command_line.run(parser(), run, arguments, art.ArtError)


if __name__ == "__main__":
    sys.exit(main())
