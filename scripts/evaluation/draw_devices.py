"""Draw a contact sheet of a generator's covers by composition, or by style and mood, nothing picked.

    python scripts/evaluation/draw_devices.py --devices docs/devices.webp
    python scripts/evaluation/draw_devices.py --styles docs/styles.webp

`--devices` has a picture for each way to compose a cover, `--styles` a row for each style with a cover in each
mood. The generator is the embedded one unless `--generator` names a folder; it must be one that draws layers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageDraw, ImageFont

from scripts.common import command_line
from songdalle_core.covers import content_of, direction_of
from songdalle_core.finishing.composition import DEVICES
from songdalle_core.finishing.finish import finish
from songdalle_core.finishing.styles import STYLES
from songdalle_core.imagegen.engine.engine import Engine, EngineOptions, GenerationRequest
from songdalle_core.imagegen.model.generator import load_generator
from songdalle_core.imagegen.runtimes.runtime import choose_runtime
from songdalle_core.moods import MOODS

SUBJECTS = (
    "a cat by the window", "a guitar by the sea", "a train in the snow", "a rose", "a whale",
    "a bicycle in the alley", "a wolf in the forest", "a sailboat", "a balloon in the city",
    "a horse in a field", "an owl in the forest", "a lantern on the road", "a penguin",
    "a butterfly in the garden", "a heart", "the moon", "a duck by the harbour",
    "a castle in the mountains", "a bird on the rooftop", "a piano on the stage",
    "an umbrella in the park", "a rocket",
)  # fmt: skip
PLACES = (
    "the sea",
    "a forest",
    "a city",
    "a field",
    "a road",
    "an island",
    "the snow",
    "a bridge",
)
ABOUT = {
    **dict.fromkeys(("vista", "great sun", "framed"), PLACES),
    **{name: ("nothing",) for name in DEVICES if name.startswith("abstract")},
}
"""What a device shows, where it is no subject."""
COLUMNS = 6
LABEL = 22  # pixels of a line of text


@dataclass(frozen=True)
class Wanted:
    """A cover to draw and what stands under it."""

    label: str
    prompt: str
    device: str | None = None


def of_devices() -> Iterator[Wanted]:
    """A cover for each device, moods and subjects in turn."""
    taken: dict[tuple[str, ...], int] = {}
    for number, device in enumerate(DEVICES):
        about = ABOUT.get(device, SUBJECTS)
        turn = taken.get(about, 0)
        taken[about] = turn + 1
        mood = MOODS[number % len(MOODS)].lower()
        yield Wanted(device, f"a painting of {about[turn % len(about)]}. a mood of {mood}", device)


def of_styles() -> Iterator[Wanted]:
    """A cover for each style and mood, subjects in turn."""
    for row, style in enumerate(STYLES):
        for column, mood in enumerate(MOODS):
            about = SUBJECTS[(3 * row + 5 * column) % len(SUBJECTS)]
            yield Wanted(f"{style}, {mood}", f"a {style} of {about}. a mood of {mood.lower()}")


def cover(engine: Engine, wanted: Wanted, seed: int, side: int) -> npt.NDArray[np.uint8]:
    """The first candidate of a seed, uint8 (side, side, 3)."""
    planner = engine.generator.planner
    if planner is None:
        raise ValueError(f"{engine.generator.name} draws no layers")
    request = GenerationRequest(wanted.prompt, 1, seed, engine.generator.sampling)
    (drawn,) = engine.draw(request)
    plan = planner.plan(wanted.prompt, drawn.seed)
    direction = replace(direction_of(plan), device=wanted.device)
    return finish(content_of(plan, drawn.layers), direction, drawn.seed, side)


def sheet(
    engine: Engine, all_wanted: Iterator[Wanted], columns: int, args: argparse.Namespace
) -> Image.Image:
    """The covers in rows, each over its label."""
    font, rows = ImageFont.load_default(size=14), []
    numbered = enumerate(all_wanted, args.seed)
    while row := list(islice(numbered, columns)):
        strip = Image.new("RGB", (columns * args.side, args.side + LABEL), "white")
        draw = ImageDraw.Draw(strip)
        for column, (seed, wanted) in enumerate(row):
            picture = cover(engine, wanted, seed, args.side)
            strip.paste(Image.fromarray(picture), (column * args.side, 0))
            draw.text((column * args.side + 4, args.side + 2), wanted.label, "black", font)
        rows.append(np.asarray(strip))
    return Image.fromarray(np.concatenate(rows))


def run(args: argparse.Namespace) -> None:
    """Draw what the arguments ask for.

    Raises:
        ValueError: nothing is asked for, or the generator draws no layers.
    """
    if not (args.devices or args.styles):
        raise ValueError("choose what to draw: --devices FILE, --styles FILE or both")
    torch.set_num_threads(1)
    generator = load_generator(args.generator)
    with Engine(generator, EngineOptions(), choose_runtime("auto", "cpu", args.threads)) as engine:
        for path, wanted, columns in (
            (args.devices, of_devices(), COLUMNS),
            (args.styles, of_styles(), len(MOODS)),
        ):
            if path:
                sheet(engine, wanted, columns, args).save(path, quality=88)
                print(path)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__, "seed", "threads")
    add = made.add_argument
    add("--generator", default="embedded", help="generator folder, or embedded")
    add(
        "--devices",
        type=Path,
        metavar="FILE",
        help="picture to write: a cover for each composition",
    )
    add(
        "--styles",
        type=Path,
        metavar="FILE",
        help="picture to write: a row for each style, moods across",
    )
    add("--side", type=command_line.count, default=256, help="pixels of a cover")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    return command_line.run(parser(), run, arguments)


if __name__ == "__main__":
    sys.exit(main())
