"""Choose a generator's sampling by the CLIP score of what it draws, and write it into its configuration.

    python scripts/training/tune_sampling.py --generator runs/rqtransformer \\
        --reranker local-dir:runs/clip/model \\
        --json runs/sampling.json --write

Every setting draws the same prompts with the same seeds. The measure is the mean score of a set's best cover,
which is what people see first; the mean of all covers is shown beside it. A setting is only taken over from the
one before it in the list if its best covers are better by more than the standard error of the difference.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from scripts.common import command_line, reports
from scripts.common.draw_sheet import PROMPTS
from songdalle_core.imagegen.engine.engine import Engine, EngineOptions, GenerationRequest
from songdalle_core.imagegen.model.generator import load_generator
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.runtimes.runtime import choose_runtime
from songdalle_core.reranking import ClipReranker


@dataclass(frozen=True)
class Tried:
    """A setting and the scores (P, N) of its covers."""

    sampling: SamplingOptions
    scores: np.ndarray

    @property
    def best(self) -> np.ndarray:
        """Score of the best cover of each prompt (P,)."""
        return np.asarray(self.scores.max(axis=1))

    def as_dict(self) -> dict[str, float]:
        """For JSON."""
        return {
            **asdict(self.sampling),
            "best_cover": round(float(self.best.mean()), 4),
            "all_covers": round(float(self.scores.mean()), 4),
        }


def choose(tried: list[Tried]) -> Tried:
    """The best setting; a later one has to beat the chosen one by more than the standard error."""
    chosen = tried[0]
    for one in tried[1:]:
        gain = one.best - chosen.best
        error = gain.std(ddof=1) / np.sqrt(len(gain)) if len(gain) > 1 else 0.0
        if gain.mean() > error:
            chosen = one
    return chosen


def settings(args: argparse.Namespace) -> list[SamplingOptions]:
    """All combinations of the options' values, in the order given."""
    grid = itertools.product(args.guidance, args.temperature, args.top_k)
    return [SamplingOptions(temperature=t, top_k=k, guidance=g) for g, t, k in grid]


def try_all(args: argparse.Namespace) -> list[Tried]:
    """Draw the prompts with every setting, saying the scores as they come."""
    generator = load_generator(args.generator)
    reranker = ClipReranker.load(args.reranker, None, "cpu")
    sizes = EngineOptions(slots=args.candidates, width=args.candidates)
    tried = []
    with Engine(generator, sizes, choose_runtime("auto", "cpu", args.threads)) as engine:
        for sampling in settings(args):
            scores = []
            for number, prompt in enumerate(args.prompts):
                request = GenerationRequest(prompt, args.candidates, 1000 * number, sampling)
                pictures = np.stack([drawn.pixels for drawn in engine.draw(request)])
                scores.append(reranker.score(prompt, pictures))
            tried.append(Tried(sampling, np.array(scores)))
            print(json.dumps(tried[-1].as_dict()), flush=True)
    return tried


def write(folder: Path, sampling: SamplingOptions) -> None:
    """Make the setting the model's own."""
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["sampling"] = asdict(sampling)
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(map(float, text.split(",")))


def _counts(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def _lines(path: str) -> list[str]:
    return [line for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__, "threads", "json")
    made.add_argument("--generator", type=Path, required=True, help="folder of the generator")
    made.add_argument("--reranker", default="embedded", help="open_clip model that scores")
    made.add_argument(
        "--prompts",
        type=_lines,
        metavar="FILE",
        help="a prompt a line (default: twelve fixed ones)",
    )
    add = made.add_argument
    add("--guidance", type=_numbers, default=(2.0, 3.0, 5.0), help="to try, by commas")
    add("--temperature", type=_numbers, default=(0.9, 0.7), help="to try, by commas")
    add("--top-k", type=_counts, default=(100, 30), help="to try, by commas")
    add("--candidates", type=command_line.count, default=12, help="covers a prompt")
    made.add_argument("--write", action="store_true", help="make the best setting the model's own")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    args = parser().parse_args(arguments)
    args.prompts = args.prompts or list(PROMPTS)
    torch.set_num_threads(args.threads)
    tried = try_all(args)
    chosen = choose(tried)
    print(f"best: {json.dumps(chosen.as_dict())}")
    figures = {"prompts": args.prompts, "tried": [one.as_dict() for one in tried]}
    reports.write_json(args.json, {**figures, "best": chosen.as_dict()})
    if args.write:
        write(args.generator, chosen.sampling)
    return 0


if __name__ == "__main__":
    sys.exit(main())
