"""Train the embedded RQ-Transformer on captioned scenes; Ctrl-C and start again to resume.

    python scripts/training/train_rqtransformer.py --art data/art --rqvae runs/rqvae \\
        --tokenizer runs/tokenizer.json --out runs/rqtransformer

Writes `checkpoint.pt` (to resume) and a generator folder (`config.json`, `transformer.safetensors`,
`rqvae.safetensors`, `tokenizer.json`, `metrics.json`, `curves.png`). The weights written are an exponential
average of the trained ones. One text in ten is dropped, so that guidance works (Ho & Salimans 2022).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch

from scripts.common import command_line
from scripts.training.caption_vocabulary import vocabulary
from scripts.training.common import Workers, keep_memory, recall, remember
from scripts.training.curves import draw_curves
from scripts.training.rqtransformer.batches import Batches
from scripts.training.rqtransformer.trainer import DEPTH_WEIGHTS, Trainer, TrainOptions
from scripts.training.scenes import art
from scripts.training.scenes.composer import Composer
from songdalle_core.captions.recaptioning import Recaptioner
from songdalle_core.imagegen.model.generator import (
    Generator,
    load_generator,
    load_rqvae,
    save_generator,
)
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.rqtransformer import (
    RQTransformer,
    RQTransformerConfig,
    StackConfig,
)
from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.model.tokenizer import PromptTokenizer

TEXT_LENGTH = 32
SAMPLING = SamplingOptions(temperature=0.9, top_k=100, top_p=1.0, guidance=3.0)
DEPTHS = tuple(f"depth{d}" for d in range(len(DEPTH_WEIGHTS)))


def configuration(rqvae: RQVAE, vocab_size: int, width: int) -> RQTransformerConfig:
    """The embedded model's shape for an RQ-VAE and a text vocabulary."""
    return RQTransformerConfig(
        block_size=rqvae.config.code_shape,
        vocab_size=rqvae.config.n_embed,
        vocab_size_cond=vocab_size,
        block_size_cond=TEXT_LENGTH,
        embed_dim=width,
        input_embed_dim=rqvae.config.embed_dim,
        body=StackConfig(n_layer=6, n_head=width // 32),
        head=StackConfig(n_layer=2, n_head=width // 32),
    )


def begin_with(model: RQTransformer, folder: Path) -> int:
    """Take over the weights of a generator folder; returns the scenes that they were trained on."""
    model.load_state_dict(load_generator(folder).transformer.state_dict())
    figures = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return int(figures.get("transformer", figures)["scenes"])


def export(out: Path, model: RQTransformer, batches: Batches, metrics: dict[str, object]) -> None:
    """Write the generator folder; weights in half precision, as they are shipped."""
    parts = batches.tokenizer, model, batches.rqvae, SAMPLING, Recaptioner(vocabulary())
    generator = Generator(out.name, *parts)
    save_generator(out, generator, torch.float16)
    (out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    draw_curves(recall(out), {"nats a code, held out": DEPTHS}, out / "curves.png")


def run(args: argparse.Namespace) -> None:
    """Train as the arguments say; each checkpoint is exported."""
    keep_memory()
    torch.set_num_threads(args.threads)
    workers = Workers.join()
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    rqvae = load_rqvae(args.rqvae).to(memory_format=torch.channels_last)
    tokenizer = PromptTokenizer.from_file(args.tokenizer, TEXT_LENGTH)
    composer = Composer(args.art, rqvae.config.ddconfig.resolution, sets=args.sets)
    batches = Batches(composer, rqvae, tokenizer)
    model = RQTransformer(configuration(rqvae, tokenizer.vocab_size, args.width))
    model.initialise()
    options = TrainOptions(
        steps=args.steps, batch=args.batch, positions=args.positions, lr=args.lr, ema=args.ema,
        first_scene=begin_with(model, args.start) if args.start else 0,
        save_every=args.save_every, eval_scenes=args.eval_scenes,
    )  # fmt: skip

    def report(averaged: RQTransformer, step: int, nats: list[float]) -> None:
        metrics: dict[str, object] = {
            "step": step,
            "scenes": options.first_scene + step * args.batch,
            "validation_nats_by_depth": nats,
            **({"started_from": str(args.start)} if args.start else {}),
            "seed": args.seed,
            "command": " ".join(sys.argv),
        }
        print(json.dumps(metrics), flush=True)
        remember(args.out, step, dict(zip(DEPTHS, nats, strict=True)))
        export(args.out, averaged, batches, metrics)

    trainer = Trainer(model, batches, options, args.out, workers, report)
    if trainer.checkpoint.exists():
        trainer.resume()
        print(f"resuming at step {trainer.step}", flush=True)
    if workers.leads:
        print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f} M parameters", flush=True)
    trainer.train()


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__, "seed", "threads")
    art.add_arguments(made)
    defaults, add = TrainOptions(), made.add_argument
    add("--rqvae", type=Path, required=True, metavar="DIR", help="folder of train_rqvae.py")
    add("--tokenizer", type=Path, required=True, metavar="FILE", help="of train_tokenizer.py")
    add("--out", type=Path, required=True, metavar="DIR", help="to write to and to resume from")
    add("--start", type=Path, metavar="DIR", help="generator folder whose weights to begin with")
    add("--steps", type=int, default=defaults.steps, help="training steps")
    add("--batch", type=int, default=defaults.batch, help="scenes a step")
    add("--positions", type=int, default=defaults.positions,
        help="positions of a picture that the head learns from, 0 for all")  # fmt: skip
    add("--width", type=int, default=192, help="channels, a multiple of 32")
    add("--lr", type=float, default=defaults.lr, help="peak learning rate")
    add("--ema", type=float, default=defaults.ema, help="decay of the averaged weights")
    add("--save-every", type=int, default=defaults.save_every, help="steps between checkpoints")
    add(
        "--eval-scenes", type=int, default=defaults.eval_scenes, help="held-out scenes of a measure"
    )
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    run(parser().parse_args(arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main())
