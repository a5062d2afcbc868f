"""How like a chosen cover those drawn "like this" are: distance to it, against those of a fresh set.

    python scripts/evaluation/measure_likeness.py --prompts 24

For each prompt a cover is chosen; a set is drawn like it for each setting of the knobs, and one afresh. The
distance is the mean one in CIE L*a*b* of thumbnails, in which composition and colours count and strokes do not;
and one less the cosine of CLIP's embeddings. "Closer" is the fresh set's distance less the like set's, a mean
over prompts with its bootstrap interval of 95 %.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import numpy.typing as npt

from scripts.common.intervals import bootstrap_interval
from scripts.evaluation.covers.prompts import CoverPrompt, read_prompts
from scripts.evaluation.covers.variety import apart, thumbnail
from songdalle_core.covers import Painter
from songdalle_core.imagegen.engine.engine import Drawn, Engine, GenerationRequest
from songdalle_core.imagegen.engine.requests import Kept, Rectangle
from songdalle_core.imagegen.model.generator import Generator, load_generator
from songdalle_core.imagegen.runtimes.runtime import choose_runtime
from songdalle_core.reranking.clip import ClipReranker
from songdalle_core.seeds import CoverSeeds

Pixels = npt.NDArray[np.uint8]
SIDE = 128
KNOBS: dict[str, dict[str, float | bool]] = {
    "codes 1": {"share": 1.0},
    "codes 0.5": {"share": 0.5},
    "composition": {"share": 0.0, "composition": True},
    "finish": {"share": 0.0, "finish": True},
    "codes 1, composition": {"share": 1.0, "composition": True},
    "codes 1, finish": {"share": 1.0, "finish": True},
    "codes 0.5, composition, finish": {"share": 0.5, "composition": True, "finish": True},
    "a part": {},
}
PART = Rectangle(layer=0, top=2, left=2, height=4, width=4)


class Studio:
    """Draws and paints sets, and measures how far they are from a cover."""

    def __init__(self, generator: Generator, engine: Engine, reranker: ClipReranker) -> None:
        self._generator, self._engine, self._reranker = generator, engine, reranker
        self._painter = Painter(generator.planner, SIDE)

    def draw(
        self, prompt: str, count: int, seed: int, kept: Kept | None = None
    ) -> tuple[list[Drawn], list[Pixels]]:
        """A set, and its pictures."""
        usual = self._generator.sampling
        sampling = kept.sampling(usual) if kept else usual
        drawn = self._engine.draw(GenerationRequest(prompt, count, seed, sampling, kept=kept))
        seeds = [one.seeds or CoverSeeds.of(one.seed) for one in drawn]
        pairs = zip(seeds, drawn, strict=True)
        return drawn, [self._painter.paint(prompt, own, one.layers) for own, one in pairs]

    def distances(self, chosen: Pixels, pictures: list[Pixels]) -> tuple[float, float]:
        """Means of L*a*b* and of CLIP."""
        small = thumbnail(chosen)
        colours = float(np.mean([apart(small, thumbnail(picture)) for picture in pictures]))
        features = self._reranker.features(np.stack([chosen, *pictures])).cpu().numpy()
        return colours, float(np.mean(1 - features[1:] @ features[0]))


def measure(
    studio: Studio, prompts: list[CoverPrompt], candidates: int
) -> dict[str, npt.NDArray[np.float64]]:
    """For each setting the distances (prompts, 2) of its sets; "fresh" is a set that takes nothing over."""
    found: dict[str, list[tuple[float, float]]] = {"fresh": [], **{name: [] for name in KNOBS}}
    for prompt in prompts:
        text = f"a painting of {prompt.text}. a mood of {prompt.mood.lower()}"
        drawn, (chosen,) = studio.draw(text, 1, prompt.number)
        (first,) = drawn
        seeds, other = first.seeds or CoverSeeds.of(first.seed), 10_000 + prompt.number
        found["fresh"].append(studio.distances(chosen, studio.draw(text, candidates, other)[1]))
        for name, knobs in KNOBS.items():
            kept = Kept(seeds, first.latents, **knobs)  # type: ignore[arg-type]
            if name == "a part":
                kept = Kept(seeds, first.latents, part=PART, composition=True, finish=True)
            pictures = studio.draw(text, candidates, other, kept)[1]
            found[name].append(studio.distances(chosen, pictures))
    return {name: np.array(distances) for name, distances in found.items()}


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 1 if a setting is not closer than a fresh set."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--prompts", type=int, default=24, help="how many (default 24)")
    parser.add_argument("--candidates", type=int, default=12, help="covers of a set (default 12)")
    options = parser.parse_args(arguments)
    prompts = [prompt for prompt in read_prompts() if prompt.half == "plain"][: options.prompts]
    generator = load_generator()
    with Engine(generator, runtime=choose_runtime("auto", "cpu", 2)) as engine:
        studio = Studio(generator, engine, ClipReranker.load())
        found = measure(studio, prompts, options.candidates)
    fresh = found["fresh"]
    print(f"{len(prompts)} prompts, sets of {options.candidates}; distance to the chosen cover")
    print(f"{'taken over':32} {'L*a*b*':>7} {'closer by':>22} {'CLIP':>7} {'closer by':>24}")
    failed = False
    for name, distances in found.items():
        line = f"{name:32}"
        for column, digits in ((0, 1), (1, 3)):
            line += f" {distances[:, column].mean():7.{digits}f}"
            closer = bootstrap_interval(fresh[:, column] - distances[:, column])
            low, high = (f"{edge:.{digits}f}" for edge in (closer.low, closer.high))
            line += f" {closer.mean:8.{digits}f} ({low} to {high})"
            failed |= name != "fresh" and column == 0 and closer.low <= 0
        print(line)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
