"""Train the embedded CLIP on composed scenes; `--resume` continues from the last checkpoint.

    python scripts/training/train_clip.py --art data/art --tokenizer runs/tokenizer.json --run runs/clip \\
        --generator runs/weights/generator --rqvae runs/rqvae --export runs/weights/clip

With a generator, scenes are composed of layers as it draws them, so that CLIP learns on what the service
shows. Writes `checkpoint.pt`, `metrics.json` and `curves.png` to the run folder; at the end the open_clip
folder (configuration, half-precision weights, tokenizer, figures) to `--export`, with its SHA-256 sums. One
process composes while the other trains.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import torch

from scripts.common import command_line
from scripts.training.caption_vocabulary import write_vocabulary
from scripts.training.clip.attributes import Attributes
from scripts.training.clip.batches import Batches, BatchPlan
from scripts.training.clip.composed import ComposerScenes
from scripts.training.clip.evaluation import HeldOut
from scripts.training.clip.layers import drawn_layers
from scripts.training.clip.model import ClipShape, begin_with, build, export_weights, prepare_folder
from scripts.training.clip.trainer import Trainer, TrainOptions
from scripts.training.common import keep_memory
from scripts.training.curves import draw_curves
from scripts.training.scenes import art
from scripts.training.weight_sums import update_sums

METRICS = "metrics.json"


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train as the arguments say; returns the figures of the last measurement.

    Raises:
        ValueError: a generator is given without its codes; see also `drawn_layers`.
    """
    if args.generator and not args.rqvae:
        raise ValueError("--generator needs --rqvae: the codes of its layers lie there")
    keep_memory()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    shape = ClipShape()
    plan = BatchPlan(batch=args.batch, chunk=args.batch * 10)
    options = TrainOptions(
        steps=args.steps, lr=args.lr, seed=args.seed, evaluate_every=args.evaluate_every
    )
    galleries, questions = 3, args.questions
    if args.smoke:
        plan = replace(plan, batch=16, chunk=32, block=4)
        options = replace(options, steps=3, warmup=1, evaluate_every=3)
        galleries, questions = 1, 1
    prepare_folder(args.run / "model", args.tokenizer, shape)
    model, tokenizer = build(args.run / "model", args.seed)
    if args.start:
        begin_with(model, args.start)
    drawn = drawn_layers(args.generator, args.rqvae) if args.generator else {}
    open_source = partial(ComposerScenes, args.art, args.sets, drawn)
    batches = Batches(
        open_source,
        tokenizer,
        plan,
        image_size=shape.image_size,
        seed=args.seed,
        first=pictures_trained_on(args.start) // len(plan.groupings),
    )
    source = open_source()
    held_out = HeldOut.collect(source, shape.image_size, galleries=galleries, questions=questions)
    attributes = Attributes(source.values, shape.embed_dim)
    trainer = Trainer(model, tokenizer, attributes, batches, held_out, options, args.run)
    if args.resume and trainer.checkpoint.exists():
        trainer.resume()
        print(f"resuming at step {trainer.step}", flush=True)
    elif trainer.checkpoint.exists():
        raise SystemExit(f"{trainer.checkpoint} exists: add --resume, or give another --run")
    trainer.train()
    figures = report(trainer, args, shape, plan, options, len(drawn))
    if args.export:
        export(trainer.model, trainer.attributes, args.export, args.tokenizer, shape, args.run)
    return figures


def report(
    trainer: Trainer,
    args: argparse.Namespace,
    shape: ClipShape,
    plan: BatchPlan,
    options: TrainOptions,
    drawn: int,
) -> dict[str, Any]:
    """Write `metrics.json` (figures and how they came about) and `curves.png`."""
    figures: dict[str, Any] = {
        **trainer.history[-1],
        "images": pictures_trained_on(args.start) + trainer.step * plan.batch,
        "parameters": sum(p.numel() for p in trainer.model.parameters()),
        "shape": asdict(shape),
        "batches": asdict(plan),
        "options": asdict(options),
        "art_sets": list(args.sets),
        **({"started_from": str(args.start)} if args.start else {}),
        "layers_of_the_generator": drawn,
    }
    (args.run / METRICS).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    shares = [name for name in trainer.history[-1] if name not in ("step", "loss")]
    panels = {"training loss": ("loss",), "held-out scenes: share right": shares}
    draw_curves(trainer.history, panels, args.run / "curves.png")
    return figures


def pictures_trained_on(start: Path | None) -> int:
    """Pictures that the model to begin with was trained on."""
    if start is None:
        return 0
    return int(json.loads((start / METRICS).read_text(encoding="utf-8"))["images"])


def export(
    model: Any,
    attributes: Attributes,
    folder: Path,
    tokenizer: Path,
    shape: ClipShape,
    run_folder: Path,
) -> None:
    """Write the open_clip folder; list its files in the SHA256SUMS of the folder above."""
    names = prepare_folder(folder, tokenizer, shape)
    shutil.copyfile(run_folder / METRICS, folder / METRICS)
    written = (
        export_weights(model, folder),
        write_vocabulary(folder),
        attributes.prototypes().write(folder),
    )
    names += [METRICS, *(path.name for path in written)]
    update_sums(folder.parent, [f"{folder.name}/{name}" for name in names])


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__, "seed", "threads", "resume")
    art.add_arguments(made)
    made.set_defaults(threads=1)  # another process composes
    defaults, plan, add = TrainOptions(), BatchPlan(), made.add_argument
    add("--tokenizer", type=Path, required=True, metavar="FILE", help="a tokenizer.json")
    add("--run", type=Path, required=True, metavar="DIR", help="checkpoint and figures go here")
    add("--start", type=Path, metavar="DIR", help="open_clip folder whose weights to begin with")
    add("--export", type=Path, metavar="DIR", help="folder for the finished open_clip model")
    add("--generator", type=Path, metavar="DIR", help="of collect_weights.py, to draw the layers")
    add("--rqvae", type=Path, metavar="DIR", help="of train_rqvae.py: the codes of those layers")
    add("--steps", type=int, default=defaults.steps, help="training steps")
    add("--batch", type=int, default=plan.batch, help="pairs a step")
    add("--lr", type=float, default=defaults.lr, help="peak learning rate")
    add(
        "--evaluate-every", type=int, default=defaults.evaluate_every, help="steps between measures"
    )
    add("--questions", type=int, default=100, help="questions for each field")
    add("--smoke", action="store_true", help="a few steps, to see that all works")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    return command_line.run(parser(), run, arguments, art.ArtError)


if __name__ == "__main__":
    sys.exit(main())
