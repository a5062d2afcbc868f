"""Train the embedded RQ-Transformer on the codes of all layers; Ctrl-C and start again to resume.

    python scripts/training/train_rqtransformer.py --rqvae runs/rqvae --out runs/rqtransformer

Reads `codes.safetensors` of `train_rqvae.py`, which is there long before that has trained its decoder. Writes
`checkpoint.pt` (to resume), `transformer.safetensors`, `transformer.json`, `tokenizer.json`, `metrics.json`
and `curves.png`. The weights written are an exponential average of the trained ones.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers

from scripts.common import command_line
from scripts.training.averaged import Pace
from scripts.training.common import keep_memory, recall, remember
from scripts.training.content.codes import FILE, CachedCodes
from scripts.training.curves import draw_curves
from scripts.training.rqtransformer.batches import LayerBatches
from scripts.training.rqtransformer.trainer import (
    DEPTH_WEIGHTS,
    PACE,
    POSITIONS,
    Memory,
    Trainer,
)
from scripts.training.saving import save_weights
from scripts.training.train_rqvae import EMBEDDED
from songdalle_core.imagegen.model.generator import inference_state, load_weights
from songdalle_core.imagegen.model.rqtransformer import (
    RQTransformer,
    RQTransformerConfig,
    StackConfig,
)
from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.model.tokenizer import PAD, PromptTokenizer

UNKNOWN = "[UNK]"
DEPTHS = tuple(f"depth{d}" for d in range(len(DEPTH_WEIGHTS)))


def word_tokenizer(captions: Sequence[str]) -> PromptTokenizer:
    """One token a word of the captions, as long as the longest of them."""
    words = sorted({word for caption in captions for word in caption.split()})
    numbers = {word: number for number, word in enumerate([PAD, UNKNOWN, *words])}
    tokenizer = Tokenizer(models.WordLevel(numbers, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PromptTokenizer(tokenizer, max(len(caption.split()) for caption in captions))


def configuration(tokenizer: PromptTokenizer, args: argparse.Namespace) -> RQTransformerConfig:
    """The embedded model's shape for a text vocabulary."""
    return RQTransformerConfig(
        block_size=EMBEDDED.code_shape,
        vocab_size=EMBEDDED.n_embed,
        vocab_size_cond=tokenizer.vocab_size,
        block_size_cond=tokenizer.length,
        embed_dim=args.width,
        input_embed_dim=EMBEDDED.embed_dim,
        body=StackConfig(n_layer=args.body, n_head=args.width // 32),
        head=StackConfig(n_layer=args.head, n_head=args.width // 32),
        shared_cls_emb=False,
    )


def export(out: Path, model: RQTransformer, metrics: dict[str, object]) -> None:
    """Weights in half precision, as they are shipped, shape, figures and their course."""
    save_weights(out / "transformer.safetensors", inference_state(model, torch.float16))
    (out / "transformer.json").write_text(json.dumps(asdict(model.config), indent=2) + "\n")
    (out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    panels = {"nats a code": DEPTHS, "layers drawn code for code": ("exact", "nearly")}
    draw_curves(recall(out), panels, out / "curves.png")


def run(args: argparse.Namespace) -> None:
    """Train as the arguments say; each checkpoint is exported."""
    cached = CachedCodes.read(args.rqvae)
    if cached is None:
        raise SystemExit(f"{args.rqvae / FILE} is missing: start train_rqvae.py --out {args.rqvae}")
    keep_memory()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    rqvae = RQVAE(EMBEDDED).requires_grad_(False)
    load_weights(rqvae, {**inference_state(rqvae, torch.float32), **cached.frozen})
    rqvae.to(args.device)
    tokenizer = word_tokenizer(cached.captions)
    tokenizer.save(args.out / "tokenizer.json")
    texts = tokenizer.encode_many(cached.captions).to(args.device)
    batches = LayerBatches(cached.codes.flatten(1, 2).to(args.device), texts, rqvae.quantizer)
    model = RQTransformer(configuration(tokenizer, args)).to(args.device)
    model.initialise()
    dtype = torch.bfloat16 if args.bfloat16 else torch.float32
    pace = Pace(args.steps, args.batch, args.lr, PACE.warmup, args.ema, args.save_every, dtype)

    def report(averaged: RQTransformer, step: int, memory: Memory) -> None:
        metrics = {"step": step, "layers": len(texts), "layers_seen": step * args.batch,
                   **asdict(memory), "seed": args.seed, "command": " ".join(sys.argv)}  # fmt: skip
        print(json.dumps(metrics), flush=True)
        shares = {"exact": memory.exact, "nearly": memory.nearly}
        remember(args.out, step, {**dict(zip(DEPTHS, memory.nats, strict=True)), **shares})
        export(args.out, averaged, metrics)

    trainer = Trainer(model, batches, pace, args.positions, args.out, report)
    if trainer.checkpoint.exists():
        trainer.resume()
        print(f"resuming at step {trainer.step}", flush=True)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f} M parameters", flush=True)
    trainer.train()


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__, "seed", "threads")
    defaults, add = PACE, made.add_argument
    add("--rqvae", type=Path, required=True, metavar="DIR", help="folder of train_rqvae.py")
    add("--out", type=Path, required=True, metavar="DIR", help="to write to and to resume from")
    add("--steps", type=int, default=defaults.steps, help="training steps")
    add("--batch", type=int, default=defaults.batch, help="layers a step")
    add("--positions", type=int, default=POSITIONS,
        help="positions of a layer that the head learns from, 0 for all")  # fmt: skip
    add("--width", type=int, default=192, help="channels, a multiple of 32")
    add("--body", type=int, default=4, help="blocks of the body")
    add("--head", type=int, default=1, help="blocks of the head")
    add("--lr", type=float, default=defaults.lr, help="peak learning rate")
    add("--ema", type=float, default=defaults.ema, help="decay of the averaged weights")
    add("--save-every", type=int, default=defaults.save_every, help="steps between checkpoints")
    add("--device", default="cpu", help="cpu or cuda")
    add(
        "--bfloat16",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="products in bfloat16",
    )
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    run(parser().parse_args(arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main())
