"""Train the judge of `scripts/evaluation/evaluate_covers.py` on composed scenes; `--resume` continues a run.

    python scripts/training/train_judge.py --art data/art --run runs/judge

Its scenes are composed of art in more hands than the generator learns, as it was drawn: it never sees what a
generator draws. Writes `judge.safetensors`, `shape.json`, `labels.json`, `metrics.json`, `curves.png` and, to
resume, `checkpoint.pt` to the run folder. The judge is never used in training or ranking, and not shipped with
the service. One process composes while the other trains.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import cv2
import torch

from scripts.common import command_line
from scripts.training.common import keep_memory
from scripts.training.curves import draw_curves
from scripts.training.judge.evaluation import HeldOut
from scripts.training.judge.judge import save_judge
from scripts.training.judge.labels import Labels
from scripts.training.judge.model import JudgeShape
from scripts.training.judge.trainer import JudgeOptions, JudgeTrainer
from scripts.training.scenes import art


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train as the arguments say; returns what `metrics.json` holds."""
    keep_memory()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    concepts = art.load_concepts()
    labels, shape = Labels.of(concepts), JudgeShape()
    known = {concept.name for concept in art.drawn_by(args.art, args.sets)}
    lacking = [concept.name for concept in concepts if concept.name not in known]
    if lacking:
        print(f"{len(lacking)} subjects are in none of the sets: {', '.join(lacking)}", flush=True)
    options = JudgeOptions(
        args.steps, args.batch, args.lr, seed=args.seed, evaluate_every=args.evaluate_every
    )
    scenes = args.eval_scenes
    if args.smoke:
        options = replace(options, steps=12, batch=16, warmup=2, evaluate_every=6)
        scenes = 32
    args.run.mkdir(parents=True, exist_ok=True)
    held_out = HeldOut.collect(args.art, args.sets, labels, scenes)
    own = HeldOut.collect(args.art, art.DEFAULT_SETS, labels, scenes)
    trainer = JudgeTrainer(labels, shape, options, held_out, args.run)
    if args.resume and trainer.checkpoint.exists():
        trainer.resume()
        print(f"resuming at step {trainer.step}", flush=True)
    elif trainer.checkpoint.exists():
        raise SystemExit(f"{trainer.checkpoint} exists: add --resume, or give another --run")
    trainer.train(args.art, args.sets)
    save_judge(args.run, trainer.model, labels, shape)
    figures = {
        "step": trainer.step,
        "pictures": trainer.step * options.batch,
        "loss": trainer.history[-1]["loss"],
        "held_out_scenes": scenes,
        "accuracy": measure(trainer, own),
        "parameters": sum(p.numel() for p in trainer.model.parameters()),
        "shape": asdict(shape),
        "options": asdict(options),
        "art_sets": list(args.sets),
        "subjects_without_art": lacking,
        "command": " ".join(sys.argv),
    }
    (args.run / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    shares = [name for name in trainer.history[-1] if name not in ("step", "loss")]
    panels = {"training loss": ("loss",), "held-out scenes: share right": shares}
    draw_curves(trainer.history, panels, args.run / "curves.png")
    return figures


def measure(trainer: JudgeTrainer, own: HeldOut) -> dict[str, dict[str, float]]:
    """Accuracy on scenes as trained on, and on scenes in the generator's hands alone."""
    measures = {"as trained": trainer.history[-1], "own art": own.measure(trainer.model)}
    accuracies = {
        name: {head: share for head, share in figures.items() if head not in ("step", "loss")}
        for name, figures in measures.items()
    }
    for name, figures in accuracies.items():
        print(f"{name}: {json.dumps(figures)}", flush=True)
    return accuracies


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__, "seed", "threads", "resume")
    art.add_arguments(made, art.JUDGE_SETS)
    defaults, add = JudgeOptions(), made.add_argument
    made.set_defaults(seed=defaults.seed, threads=1)  # another process composes
    add("--run", type=Path, required=True, metavar="DIR", help="folder to write to")
    add("--steps", type=int, default=defaults.steps, help="training steps")
    add("--batch", type=int, default=defaults.batch, help="pictures a step")
    add("--lr", type=float, default=defaults.lr, help="peak learning rate")
    add(
        "--evaluate-every", type=int, default=defaults.evaluate_every, help="steps between measures"
    )
    add("--eval-scenes", type=int, default=2000, help="held-out scenes of a measure")
    add("--smoke", action="store_true", help="a few steps, to see that all works")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    return command_line.run(parser(), run, arguments, art.ArtError)


if __name__ == "__main__":
    sys.exit(main())
