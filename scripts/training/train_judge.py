"""Train the judge of `scripts/evaluation/evaluate_covers.py` on composed scenes; `--resume` continues a run.

    python scripts/training/train_judge.py --art data/art --run runs/judge

Writes `judge.safetensors`, `shape.json`, `labels.json`, `metrics.json`, `curves.png` and, to resume,
`checkpoint.pt` to the run folder. The judge has scenes and an architecture of its own. It is never used in
training or ranking, and not shipped with the service. One process composes while the other trains.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from scripts.training.common import draw_curves, keep_memory
from scripts.training.judge.evaluation import HeldOut
from scripts.training.judge.judge import save_judge
from scripts.training.judge.labels import Labels
from scripts.training.judge.model import JudgeShape
from scripts.training.judge.trainer import JudgeOptions, JudgeTrainer
from scripts.training.scenes.art import ART_SETS, ArtError, load_concepts
from songdalle_core.imagegen.model.generator import load_rqvae


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train as the arguments say; returns what `metrics.json` holds."""
    keep_memory()
    torch.set_num_threads(args.threads)
    labels, shape = Labels.of(load_concepts()), JudgeShape()
    options = JudgeOptions(
        args.steps, args.batch, args.lr, seed=args.seed, evaluate_every=args.evaluate_every
    )
    scenes = args.eval_scenes
    if args.smoke:
        options = replace(options, steps=12, batch=16, warmup=2, evaluate_every=6)
        scenes = 32
    sets = tuple(args.sets.split(","))
    args.run.mkdir(parents=True, exist_ok=True)
    held_out = HeldOut.collect(args.art, sets, labels, scenes)
    trainer = JudgeTrainer(labels, shape, options, held_out, args.run)
    if args.resume and trainer.checkpoint.exists():
        trainer.resume()
        print(f"resuming at step {trainer.step}", flush=True)
    elif trainer.checkpoint.exists():
        raise SystemExit(f"{trainer.checkpoint} exists: add --resume, or give another --run")
    trainer.train(args.art, sets)
    save_judge(args.run, trainer.model, labels, shape)
    figures = {
        "step": trainer.step,
        "pictures": trainer.step * options.batch,
        "loss": trainer.history[-1]["loss"],
        "held_out_scenes": scenes,
        "accuracy": measure(trainer, args, sets, scenes),
        "parameters": sum(p.numel() for p in trainer.model.parameters()),
        "shape": asdict(shape),
        "options": asdict(options),
        "art_sets": list(sets),
        "command": " ".join(sys.argv),
    }
    (args.run / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    draw_curves(trainer.history, args.run / "curves.png")
    return figures


def measure(
    trainer: JudgeTrainer, args: argparse.Namespace, sets: tuple[str, ...], scenes: int
) -> dict[str, dict[str, float]]:
    """Accuracy on scenes as trained on, on scenes of each art set in the folder, and through the
    RQ-VAE if there is one."""
    labels = trainer.labels
    found = {"as trained": trainer.history[-1]}
    present = [name for name in ART_SETS if (args.art / name / "icons.json").is_file()]
    for name in dict.fromkeys((*sets, *present)):
        found[name] = HeldOut.collect(args.art, (name,), labels, scenes).measure(trainer.model)
    if args.rqvae:
        redrawn = HeldOut.reconstructed(args.art, sets, labels, scenes, load_rqvae(args.rqvae))
        found["through the RQ-VAE"] = redrawn.measure(trainer.model)
    for name, figures in found.items():
        figures = {head: share for head, share in figures.items() if head not in ("step", "loss")}
        found[name] = figures
        print(f"{name}: {json.dumps(figures)}", flush=True)
    return found


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--art", type=Path, required=True, help="folder of fetch_art.py")
    parser.add_argument("--run", type=Path, required=True, help="folder to write to")
    parser.add_argument("--resume", action="store_true", help="continue from the run's checkpoint")
    parser.add_argument("--sets", default="fluent-emoji-flat,noto", help="art sets, by commas")
    parser.add_argument(
        "--rqvae", type=Path, help="also measure through this train_rqvae.py folder"
    )
    parser.add_argument("--steps", type=int, default=6000, help="training steps (default 6000)")
    parser.add_argument("--batch", type=int, default=128, help="pictures a step (default 128)")
    parser.add_argument("--lr", type=float, default=3e-3, help="peak learning rate (default 3e-3)")
    parser.add_argument("--seed", type=int, default=77, help="weights and disguises (default 77)")
    parser.add_argument("--threads", type=int, default=1, help="beside the composing process")
    parser.add_argument("--evaluate-every", type=int, default=500, help="steps between measures")
    parser.add_argument(
        "--eval-scenes", type=int, default=2000, help="held-out scenes of a measure (default 2000)"
    )
    parser.add_argument("--smoke", action="store_true", help="a few steps, to see that all works")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        run(parse())
    except (ArtError, ValueError) as error:
        sys.exit(f"train_judge: {error}")
