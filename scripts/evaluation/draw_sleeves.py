"""Draw ten sleeves for made-up releases, to look at: Hangul and Latin, first seeds, nothing picked.

    python scripts/evaluation/draw_sleeves.py --out sleeves --sheet docs/sleeves.webp

Each is checked against the stores' rules; the table tells contrast, share of the subject under type, and bytes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PIL import Image

from songdalle_core.covers import Painter
from songdalle_core.imagegen.engine.engine import Engine, GenerationRequest
from songdalle_core.imagegen.model.generator import load_generator
from songdalle_core.imagegen.runtimes.runtime import choose_runtime
from songdalle_core.provenance import CoverMetadata
from songdalle_core.release import LAYOUTS, Sleeve, SleeveText, make_back, make_front
from songdalle_core.release.files import encode
from songdalle_core.release.rules import check_release

RELEASES = (
    ("노란 풍선", "김하늘", "a painting of a yellow balloon flying over the sea. a mood of joyful"),
    ("Midnight Train to Incheon", "The Paper Boats",
     "a poster of a train in the city at night. a mood of tension"),
    ("뷁", "똠방각하", "a photograph of a cat on the street. a mood of calmness"),
    ("비 오는 날의 창가에서 너를 기다리며", "이소연 & 밤의 정원",
     "a watercolour of a window in the rain. a mood of sadness"),
    ("Whale", "Aurora Lee", "a risograph of a whale in the sea. a mood of calmness"),
    ("별이 지는 밤", "SEON (선)", "a neon of a star over the mountain at night. a mood of power"),
    ("Hello", "A", "a collage of a red heart and a key. a mood of joyful"),
    ("그대에게", "무한궤도의 아이들", "a lino cut of a house in the snow. a mood of sadness"),
    ("Everything I Never Told You, Vol. 2", "Margaret Winthrop-Ashdown",
     "a pencil sketch of a bird over a field. a mood of sadness"),
    ("Tension", "T.N.S.", "a painting of an abstract feeling. a mood of tension"),
)  # fmt: skip
FIRST_SEED = 100
COLUMNS, THUMBNAIL = 5, 400


def draw(size: int) -> list[tuple[Sleeve, str, str]]:
    """Each release's front with its title and artist, and a back of the first at the end."""
    generator = load_generator()
    painter = Painter(generator.planner, size)
    typeset = [layout for layout in LAYOUTS if layout != "none"]
    sleeves: list[tuple[Sleeve, str, str]] = []
    pictures = []
    with Engine(generator, runtime=choose_runtime("auto", "cpu", 2)) as engine:
        for number, (title, artist, prompt) in enumerate(RELEASES):
            seed = FIRST_SEED + number
            (drawn,) = engine.draw(GenerationRequest(prompt, 1, seed, generator.sampling))
            pixels, subject = painter.paint_at(prompt, seed, drawn.layers, size)
            pictures.append(pixels)
            layout = typeset[number % len(typeset)]
            front = make_front(pixels, SleeveText(title, artist), layout, number, subject)
            sleeves.append((front, title, artist))
    title, artist, _ = RELEASES[0]
    tracks = tuple(title for title, _, _ in RELEASES)
    sleeves.append((make_back(pictures[0], SleeveText(title, artist, tracks)), title, artist))
    return sleeves


def sheet(sleeves: list[Sleeve]) -> Image.Image:
    """All of them, small, in rows."""
    rows = -(-len(sleeves) // COLUMNS)
    whole = Image.new("RGB", (COLUMNS * THUMBNAIL, rows * THUMBNAIL), "white")
    for number, sleeve in enumerate(sleeves):
        row, column = divmod(number, COLUMNS)
        small = Image.fromarray(sleeve.pixels).resize(
            (THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS
        )
        whole.paste(small, (column * THUMBNAIL, row * THUMBNAIL))
    return whole


def main(arguments: list[str] | None = None) -> int:
    """Write the files and the sheet, print the table; 1 if a file breaks a rule."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("sleeves"), metavar="FOLDER")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="also a contact sheet")
    parser.add_argument("--size", type=int, default=3000, help="pixels a side (default 3000)")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    sleeves = draw(options.size)
    broken = 0
    print(f"{'layout':9} {'contrast':>8} {'covered':>8} {'MB':>6} quality  title")
    for number, (sleeve, title, artist) in enumerate(sleeves, start=1):
        file = encode(sleeve.pixels, "jpeg", CoverMetadata("", number, "embedded"), title, artist)
        (options.out / f"{number:02d}.jpg").write_bytes(file.content)
        broken += sum(not finding.kept for finding in check_release(file.content, options.size))
        figures = f"{sleeve.contrast or np.nan:8.1f} {sleeve.covered:8.1%}"
        print(
            f"{sleeve.layout:9} {figures} {len(file.content) / 1e6:6.2f} {file.quality:7}  {title}"
        )
    print(f"{broken} rules broken")
    if options.sheet:
        sheet([sleeve for sleeve, _, _ in sleeves[: len(RELEASES)]]).save(options.sheet, quality=85)
    return min(broken, 1)


if __name__ == "__main__":
    sys.exit(main())
