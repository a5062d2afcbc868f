"""Draw a contact sheet: one row of covers a prompt, best first, to look at rather than to measure.

    python scripts/common/draw_sheet.py --out sheet.png "a painting of a balloon over the sea" "a cat at night"

Without prompts it draws twelve fixed ones. `--generator` and `--reranker` take other models than the
embedded ones; `--reranker none` leaves the covers in the order of their seeds.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from songdalle_core.covers import cover_of
from songdalle_core.imagegen.engine.engine import Engine, EngineOptions, GenerationRequest
from songdalle_core.imagegen.model.generator import Generator, load_generator
from songdalle_core.imagegen.runtimes.runtime import choose_runtime
from songdalle_core.reranking import ClipReranker

PROMPTS = (
    "a painting of a balloon in the sky",
    "a painting of a guitar on the beach at sunset",
    "a painting of a train in the snow at night",
    "a painting of a cat by the window. a mood of calmness",
    "a painting of a red heart. a mood of joyful",
    "a painting of the moon over the sea. a mood of sadness",
    "a painting of an umbrella on the street in the rain",
    "a painting of a rose in a flower field",
    "a painting of a penguin in the snow",
    "a painting of a microphone on the stage. a mood of power",
    "a painting of a castle in the mountains at dawn",
    "a painting of a whale in space",
)


def row(prompt: str, pictures: list[np.ndarray]) -> np.ndarray:
    """The pictures side by side under their prompt, uint8 (H, W, 3)."""
    strip = np.concatenate(pictures, axis=1)
    label = Image.new("RGB", (strip.shape[1], 18), "white")
    ImageDraw.Draw(label).text((4, 2), prompt, fill="black", font=ImageFont.load_default(size=13))
    return np.concatenate([np.asarray(label), strip])


def sheet(
    generator: Generator, reranker: ClipReranker | None, args: argparse.Namespace
) -> Image.Image:
    """The contact sheet of the prompts."""
    sampling = generator.sampling
    for name in ("guidance", "temperature", "top_k", "top_p"):
        if getattr(args, name) is not None:
            sampling = replace(sampling, **{name: getattr(args, name)})
    rows = []
    sizes = EngineOptions(slots=args.candidates, width=args.candidates)
    with Engine(generator, sizes, choose_runtime("auto", "cpu", args.threads)) as engine:
        for prompt in args.prompts or PROMPTS:
            started = time.perf_counter()
            request = GenerationRequest(prompt, args.candidates, args.seed, sampling)
            pictures = [cover_of(generator, prompt, one) for one in engine.draw(request)]
            print(f"{time.perf_counter() - started:.2f} s  {prompt}", flush=True)
            if reranker is not None:
                pictures = [pictures[i] for i in reranker.rank(prompt, np.stack(pictures))]
            rows.append(row(prompt, pictures[: args.show or None]))
    return Image.fromarray(np.concatenate(rows))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("prompts", nargs="*", help="English prompts; default: twelve fixed ones")
    parser.add_argument("--out", type=Path, required=True, help="PNG to write")
    parser.add_argument("--generator", default="embedded", help="generator folder, or embedded")
    parser.add_argument("--reranker", default="embedded", help="open_clip model, embedded or none")
    parser.add_argument("--candidates", type=int, default=12)
    parser.add_argument("--show", type=int, help="show only so many of the best")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--guidance", type=float)
    parser.add_argument("--temperature", type=float)
    parser.add_argument("--top-k", type=int)
    parser.add_argument("--top-p", type=float)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args(arguments)
    torch.set_num_threads(args.threads)
    reranker = None if args.reranker == "none" else ClipReranker.load(args.reranker, None, "cpu")
    sheet(load_generator(args.generator), reranker, args).save(args.out)
    print(args.out)


if __name__ == "__main__":
    main()
