"""Compose captioned training scenes, to look at or to train something else on.

    python scripts/compose_scenes.py --art data/art --sheet scenes.png
    python scripts/compose_scenes.py --art data/art --folder scenes --count 1000

The same seed gives the same scene. A folder gets `00000000.png`, ... and `captions.jsonl`, one line a scene
with its file, caption and parts. The training scripts compose their scenes themselves, by `scripts/scenes`.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.scenes.art import ArtError
from scripts.scenes.composer import Composer, Scene
from scripts.training import Progress

COLUMNS = 8
CAPTION_HEIGHT = 44


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
                "concept": spec.concept.name,
                "second": spec.second.name if spec.second else None,
                "setting": spec.setting,
                "light": spec.light,
                "weather": spec.weather,
                "mood": spec.mood,
            }
            entry = {"file": name, "caption": scene.caption, **parts}
            lines.write(json.dumps(entry, ensure_ascii=False) + "\n")
            progress.update(number)


def rate(composer: Composer, seconds: float = 3.0) -> float:
    """Scenes a second on one core, captions included, after the sprites are cached."""
    for seed in range(300):
        composer.scene(seed)
    started, seed = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        composer.scene(seed)
        seed += 1
    return seed / (time.perf_counter() - started)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--art", type=Path, required=True, help="folder of fetch_art.py")
    parser.add_argument("--sets", default="fluent-emoji-flat", help="art sets, comma separated")
    parser.add_argument("--sheet", type=Path, help="write one contact sheet (PNG)")
    parser.add_argument("--folder", type=Path, help="write a PNG a scene, and captions.jsonl")
    parser.add_argument("--rate", action="store_true", help="say how many are composed a second")
    parser.add_argument("--count", type=int, default=48, help="scenes (default 48)")
    parser.add_argument("--first", type=int, default=0, help="seed of the first (default 0)")
    parser.add_argument("--size", type=int, default=128, help="pixels a side (default 128)")
    args = parser.parse_args(arguments)
    if not (args.sheet or args.folder or args.rate):
        parser.error("choose what to make: --sheet FILE, --folder FOLDER or --rate")
    if args.count < 1 or args.first < 0 or args.size < 32:
        parser.error("--count is at least 1, --first at least 0, --size at least 32")
    try:
        composer = Composer(args.art, args.size, sets=args.sets.split(","))
    except ArtError as error:
        parser.error(str(error))
    seeds = range(args.first, args.first + args.count)
    if args.sheet:
        contact_sheet(map(composer.scene, seeds), args.count, args.size).save(args.sheet)
        print(args.sheet)
    if args.folder:
        write_folder(((seed, composer.scene(seed)) for seed in seeds), args.count, args.folder)
        print(args.folder)
    if args.rate:
        print(f"{rate(composer):.0f} scenes/s on one core")


if __name__ == "__main__":
    main()
