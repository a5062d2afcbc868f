"""Compare two generators on the same prompts and seeds: time, CLIP score, and a contact sheet.

    python scripts/benchmarks/compare_generators.py embedded /models/rq-cc3m --out comparison
    python scripts/benchmarks/compare_generators.py embedded runs/rqtransformer \\
        --prompts prompts.txt --candidates 12

A generator is "embedded", or a folder: of training, of a published checkpoint, or of a pipeline of diffusers.
Writes `comparison.json`, `comparison.md` and `comparison.png` (a row a prompt and generator, best cover first).
The CLIP score is that of one reranker for both; the difference comes with a 95% interval over prompts
(bootstrap). The spread of a set is the mean distance of its covers' CLIP embeddings: a low one says that fewer
candidates would do.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from PIL import Image

from scripts.benchmarks.generator.shapes import load_shape
from scripts.common.draw_sheet import PROMPTS, row
from scripts.common.intervals import bootstrap_interval
from scripts.common.reports import markdown
from scripts.common.text_files import read_lyrics
from songdalle_core.covers import cover_of
from songdalle_core.imagegen.engine.engine import Engine, EngineOptions, GenerationRequest
from songdalle_core.imagegen.engine.requests import Drawn
from songdalle_core.imagegen.engine.step_engine import StepEngine
from songdalle_core.imagegen.model.options import DenoisingOptions, SamplingOptions
from songdalle_core.imagegen.runtimes.runtime import RuntimeName, choose_runtime
from songdalle_core.reranking import ClipReranker

Sampling = SamplingOptions | DenoisingOptions
SHOWN_SIDE = 128  # pixels of a cover on the contact sheet


@dataclass(frozen=True)
class CoverSets:
    """What one generator made of all prompts; the first axis is the prompt."""

    name: str
    seconds: np.ndarray  # (P,)
    scores: np.ndarray  # (P, N)
    spreads: np.ndarray  # (P,) of each set, see `spread`
    best: list[list[np.ndarray]]  # (P, shown) pictures, best first

    def figures(self) -> dict[str, Any]:
        """For the report."""
        return {
            "generator": self.name,
            "seconds_a_set_median": round(float(np.median(self.seconds)), 3),
            "clip_score_mean": round(float(self.scores.mean()), 4),
            "clip_score_best_of_set": round(float(self.scores.max(axis=1).mean()), 4),
            "spread_mean": round(float(self.spreads.mean()), 4),
        }


Picture = Callable[[str, Drawn], np.ndarray]


def opened(name: str, args: argparse.Namespace) -> tuple[StepEngine, Sampling, Picture]:
    """An engine that runs, how it draws, and what makes a cover of what it drew."""
    if (Path(name) / "model_index.json").is_file():
        return _opened_denoiser(name, args)
    runtime = choose_runtime(args.runtime, "cpu", args.threads)
    generator = load_shape(name)
    sizes = EngineOptions(slots=args.candidates, width=args.candidates)
    engine = Engine(generator, sizes, runtime)
    return engine, generator.sampling, partial(cover_of, generator)


def _opened_denoiser(folder: str, args: argparse.Namespace) -> tuple[StepEngine, Sampling, Picture]:
    from songdalle_core.imagegen.denoisers.engine import DenoisingEngine
    from songdalle_core.imagegen.denoisers.loading import DenoiserOptions, load_denoiser
    from songdalle_core.pretrained import Source

    drawing = DenoisingOptions(args.steps, args.guidance)
    options = DenoiserOptions(args.side, args.side, drawing)
    sizes = EngineOptions(slots=args.candidates, width=1, decode_width=1)
    engine = DenoisingEngine(load_denoiser(Source(folder), options), sizes)
    return engine, drawing, lambda prompt, drawn: drawn.layers[0]


def draw_all(name: str, reranker: ClipReranker, args: argparse.Namespace) -> CoverSets:
    """Draw every prompt's set after one for warming up."""
    seconds, scores, spreads, best = [], [], [], []
    opened_engine, sampling, picture = opened(name, args)
    with opened_engine as engine:
        engine.draw(GenerationRequest(args.prompts[0], 1, args.seed, sampling))
        for prompt in args.prompts:
            started = time.perf_counter()
            request = GenerationRequest(prompt, args.candidates, args.seed, sampling)
            pictures = np.stack([picture(prompt, one) for one in engine.draw(request)])
            seconds.append(time.perf_counter() - started)
            scores.append(reranker.score(prompt, pictures))
            spreads.append(spread(reranker.features(pictures).cpu().numpy()))
            order = np.argsort(-np.asarray(scores[-1]))[: args.show]
            best.append([_shown(pictures[i]) for i in order])
            print(f"{name}: {seconds[-1]:.2f} s  {np.mean(scores[-1]):.3f}  {prompt}", flush=True)
    return CoverSets(name, np.array(seconds), np.array(scores), np.array(spreads), best)


def spread(embeddings: np.ndarray) -> float:
    """Mean distance (one less cosine) of all pairs of a set's unit embeddings (N, C); 0 for one picture.

    How much there is to choose from: of distilled models candidates are nearly equal, and few of them do.
    """
    count = len(embeddings)
    if count < 2:
        return 0.0
    alike = (embeddings @ embeddings.T).sum() - (embeddings**2).sum()
    return float(1 - alike / (count * (count - 1)))


def compare(first: CoverSets, second: CoverSets) -> dict[str, Any]:
    """Figures of both, and how the second differs from the first."""
    differences = second.scores.mean(axis=1) - first.scores.mean(axis=1)
    interval = bootstrap_interval(differences)
    return {
        "prompts": len(differences),
        "candidates": first.scores.shape[1],
        "generators": [first.figures(), second.figures()],
        "clip_score_difference": round(interval.mean, 4),
        "clip_score_difference_95": [round(interval.low, 4), round(interval.high, 4)],
        "time_ratio": round(float(np.median(second.seconds) / np.median(first.seconds)), 2),
    }


def table(comparison: dict[str, Any]) -> str:
    """Markdown."""
    header = ("generator", "s a set", "CLIP score", "best of a set", "spread of a set")
    rows = [[str(value) for value in figures.values()] for figures in comparison["generators"]]
    low, high = comparison["clip_score_difference_95"]
    return markdown(header, rows) + (
        f"\n\nSecond less first: CLIP score {comparison['clip_score_difference']:+.4f} "
        f"(95% interval {low:+.4f} to {high:+.4f}), time x {comparison['time_ratio']:g}, over "
        f"{comparison['prompts']} prompts of {comparison['candidates']} covers."
    )


def sheet(prompts: list[str], drawn: tuple[CoverSets, CoverSets]) -> Image.Image:
    """Both generators' best covers of each prompt, one row under the other."""
    rows = [
        row(f"{one.name}: {prompt}", one.best[number])
        for number, prompt in enumerate(prompts)
        for one in drawn
    ]
    return Image.fromarray(np.concatenate(rows))


def _shown(picture: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).resize((SHOWN_SIDE, SHOWN_SIDE)))


def _prompts(path: str) -> list[str]:
    try:
        lines = read_lyrics(Path(path)).split("\n")
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    prompts = [line.strip() for line in lines if line.strip()]
    if not prompts:
        raise argparse.ArgumentTypeError(f"{path} holds no prompt: write one a line")
    return prompts


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("first", help='"embedded" or a folder')
    parser.add_argument("second", help='"embedded" or a folder')
    parser.add_argument("--out", type=Path, default=Path("comparison"), help="folder to write to")
    parser.add_argument(
        "--prompts", type=_prompts, default=list(PROMPTS), help="file with a prompt a line"
    )
    parser.add_argument("--candidates", type=int, default=12)
    parser.add_argument("--show", type=int, default=6, help="covers a row of the sheet")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reranker", default="embedded", help="any open_clip model's name")
    parser.add_argument("--pretrained", help="open_clip's tag of its weights")
    parser.add_argument("--runtime", choices=get_args(RuntimeName), default="auto")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=4, help="of denoisers")
    parser.add_argument("--guidance", type=float, default=0.0, help="of denoisers")
    parser.add_argument("--side", type=int, default=512, help="pixels a side of denoisers")
    args = parser.parse_args(arguments)
    torch.set_num_threads(args.threads)
    reranker = ClipReranker.load(args.reranker, args.pretrained, "cpu")
    drawn = (draw_all(args.first, reranker, args), draw_all(args.second, reranker, args))
    comparison = compare(*drawn)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "comparison.json").write_text(
        json.dumps(comparison, indent=2) + "\n", encoding="utf-8"
    )
    (args.out / "comparison.md").write_text(table(comparison) + "\n", encoding="utf-8")
    sheet(args.prompts, drawn).save(args.out / "comparison.png")
    print("\n" + table(comparison))


if __name__ == "__main__":
    main()
