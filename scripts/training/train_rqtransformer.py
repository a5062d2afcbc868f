"""Train the embedded RQ-Transformer on captioned scenes; Ctrl-C and start again to resume.

    python scripts/training/train_rqtransformer.py --art data/art --rqvae runs/rqvae \\
        --tokenizer runs/tokenizer.json --out runs/rqtransformer

Writes `checkpoint.pt` (to resume) and a generator folder (`config.json`, `transformer.safetensors`,
`rqvae.safetensors`, `tokenizer.json`, `metrics.json`). The weights written are an exponential average of
the trained ones. One text in ten is dropped, so that guidance works (Ho & Salimans 2022).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from scripts.training.caption_vocabulary import vocabulary
from scripts.training.common import (
    HELD_OUT,
    Progress,
    Workers,
    cosine,
    keep_memory,
    load_checkpoint,
    remember,
    save_checkpoint,
)
from scripts.training.muon import Muon
from scripts.training.scenes.composer import Composer
from songdalle_core.captions.recaptioning import Recaptioner
from songdalle_core.imagegen.model.autoencoder import from_pixels
from songdalle_core.imagegen.model.generator import (
    Generator,
    load_generator,
    load_rqvae,
    save_generator,
)
from songdalle_core.imagegen.model.rqtransformer import (
    RQTransformer,
    RQTransformerConfig,
    StackConfig,
)
from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.model.sampling import SamplingOptions
from songdalle_core.imagegen.model.tokenizer import PromptTokenizer

TEXT_LENGTH = 32
DROPPED = 0.1  # share of texts left out in training
DEPTH_WEIGHTS = (1.6, 1.0, 0.7, 0.7)  # the first code of a position carries layout and colour
SAMPLING = SamplingOptions(temperature=0.9, top_k=100, top_p=1.0, guidance=3.0)


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


class Batches:
    """Codes (B, L, D) and texts (B, P) of scenes by seed."""

    def __init__(self, composer: Composer, rqvae: RQVAE, tokenizer: PromptTokenizer) -> None:
        self.composer, self.rqvae, self.tokenizer = composer, rqvae, tokenizer

    def get(self, seeds: range, drop: float) -> tuple[Tensor, Tensor]:
        scenes = [self.composer.scene(seed) for seed in seeds]
        pixels = torch.from_numpy(np.stack([scene.image for scene in scenes]))
        codes = self.rqvae.get_codes(
            from_pixels(pixels).contiguous(memory_format=torch.channels_last)
        )
        texts = self.tokenizer.encode_many([scene.caption for scene in scenes])
        dropped = [np.random.default_rng((seed, 3)).random() < drop for seed in seeds]
        texts[torch.tensor(dropped)] = self.tokenizer.pad
        return codes.flatten(1, 2), texts


def some_positions(seeds: range, positions: int, count: int) -> Tensor:
    """`count` of the positions of each scene (B, count), given by its seed."""
    drawn = [np.random.default_rng((seed, 4)).permutation(positions)[:count] for seed in seeds]
    return torch.from_numpy(np.stack(drawn))


def depth_losses(
    model: RQTransformer,
    rqvae: RQVAE,
    codes: Tensor,
    texts: Tensor,
    positions: Tensor | None = None,
) -> Tensor:
    """Mean cross-entropy in nats a code for each depth (D,).

    Args:
        positions: those of each picture (B, N) whose codes the head predicts; None for all. The head takes
            more than half of a step, and neighbouring positions teach it much the same.
    """
    vectors = rqvae.quantizer.embed(codes)
    contexts = model.contexts(codes, vectors, texts)
    if positions is not None:
        rows = torch.arange(len(codes))[:, None]
        contexts, codes, vectors = (x[rows, positions] for x in (contexts, codes, vectors))
    logits = model.logits(contexts, codes, vectors)
    losses = F.cross_entropy(logits.flatten(0, -2), codes.flatten(), reduction="none")
    return losses.view(-1, codes.shape[-1]).mean(dim=0)


@torch.no_grad()
def validate(model: RQTransformer, batches: Batches, scenes: int) -> list[float]:
    """Held-out cross-entropy by depth."""
    model.eval()
    losses = [
        depth_losses(model, batches.rqvae, *batches.get(range(start, start + 32), drop=0.0))
        for start in range(HELD_OUT, HELD_OUT + scenes, 32)
    ]
    model.train()
    return [round(float(x), 4) for x in torch.stack(losses).mean(dim=0)]


def scenes_seen(folder: Path) -> int:
    """Scenes that the model of a generator folder was trained on."""
    figures = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return int(figures.get("transformer", figures)["scenes"])


def export(
    out: Path,
    model: RQTransformer,
    batches: Batches,
    metrics: dict[str, object],
) -> None:
    """Write the generator folder; weights in half precision, as they are shipped."""
    parts = batches.tokenizer, model, batches.rqvae, SAMPLING, Recaptioner(vocabulary())
    generator = Generator(out.name, *parts)
    save_generator(out, generator, torch.float16)
    (out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")


def optimizers(model: RQTransformer, lr: float) -> tuple[torch.optim.AdamW, Muon]:
    """AdamW for embeddings, classifier, norms and biases; Muon for the blocks' matrices.

    From one checkpoint, 100 steps with Muon brought as much as 250 with AdamW alone.
    """
    named = list(model.named_parameters())
    inner = {name for name, p in named if p.ndim == 2 and ".blocks." in name}
    rest = [p for name, p in named if name not in inner]
    return (
        torch.optim.AdamW(rest, lr=lr, betas=(0.9, 0.95), weight_decay=0.03),
        Muon([p for name, p in named if name in inner], lr=lr, weight_decay=0.03),
    )


def train(args: argparse.Namespace) -> None:
    keep_memory()
    torch.set_num_threads(args.threads)
    workers = Workers.join()
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    rqvae = load_rqvae(args.rqvae).to(memory_format=torch.channels_last)
    tokenizer = PromptTokenizer.from_file(args.tokenizer, TEXT_LENGTH)
    composer = Composer(args.art, rqvae.config.ddconfig.resolution, sets=args.sets.split(","))
    batches = Batches(composer, rqvae, tokenizer)
    model = RQTransformer(configuration(rqvae, tokenizer.vocab_size, args.width))
    model.initialise()
    seen = 0
    if args.start:
        model.load_state_dict(load_generator(args.start).transformer.state_dict())
        seen = scenes_seen(args.start)
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(args.ema)
    )
    both = optimizers(model, args.lr)
    weights = torch.tensor(DEPTH_WEIGHTS) / sum(DEPTH_WEIGHTS)
    checkpoint, step = args.out / "checkpoint.pt", 0
    if checkpoint.exists():
        state = load_checkpoint(checkpoint)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        for optimizer, saved in zip(both, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        step = state["step"]
        print(f"resuming at step {step}", flush=True)
    if workers.leads:
        print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f} M parameters", flush=True)
    progress = Progress(args.steps, args.batch)
    while step < args.steps:
        for group in (group for optimizer in both for group in optimizer.param_groups):
            group["lr"] = cosine(step, args.steps, args.lr, warmup=150)
        seeds = workers.share(step, args.batch, seen)
        codes, texts = batches.get(seeds, DROPPED)
        positions = some_positions(seeds, codes.shape[1], args.positions or codes.shape[1])
        losses = depth_losses(model, rqvae, codes, texts, positions)
        loss = (losses * weights).sum()
        model.zero_grad()
        loss.backward()
        workers.average_gradients(model.parameters())
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in both:
            optimizer.step()
        step += 1
        if not workers.leads:
            continue
        average.update_parameters(model)
        figures = {f"depth{d}": float(x) for d, x in enumerate(losses.detach())}
        progress.update(step - 1, **figures, norm=float(norm.detach()))
        if step % args.save_every == 0 or step == args.steps:
            save_checkpoint(
                checkpoint,
                model=model.state_dict(),
                average=average.state_dict(),
                optimizers=[optimizer.state_dict() for optimizer in both],
                step=step,
            )
            averaged = average.module
            assert isinstance(averaged, RQTransformer)
            validation = validate(averaged, batches, args.eval_scenes)
            metrics: dict[str, object] = {
                "step": step,
                "scenes": seen + step * args.batch,
                "validation_nats_by_depth": validation,
                **({"started_from": str(args.start)} if args.start else {}),
                "seed": args.seed,
                "command": " ".join(sys.argv),
            }
            print(json.dumps(metrics), flush=True)
            remember(args.out, step, {f"depth{d}": nats for d, nats in enumerate(validation)})
            export(args.out, averaged, batches, metrics)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--art", type=Path, required=True, help="folder of fetch_art.py")
    parser.add_argument("--rqvae", type=Path, required=True, help="folder of train_rqvae.py")
    parser.add_argument("--tokenizer", type=Path, required=True, help="file of train_tokenizer.py")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder to write to; resumes from it"
    )
    parser.add_argument(
        "--sets", default="fluent-emoji-flat,noto", help="art sets, comma separated"
    )
    parser.add_argument("--steps", type=int, default=3000, help="training steps (default 3000)")
    parser.add_argument("--batch", type=int, default=32, help="scenes a step (default 32)")
    parser.add_argument("--start", type=Path, help="generator folder whose weights to begin with")
    parser.add_argument(
        "--positions",
        type=int,
        default=32,
        help="positions of a picture that the head learns from, 0 for all (default 32)",
    )
    parser.add_argument("--width", type=int, default=192, help="channels, a multiple of 32")
    parser.add_argument("--lr", type=float, default=1.5e-3, help="peak learning rate")
    parser.add_argument("--ema", type=float, default=0.995, help="decay of the averaged weights")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--save-every", type=int, default=250, help="steps between checkpoints")
    parser.add_argument(
        "--eval-scenes", type=int, default=128, help="held-out scenes to measure on"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    train(parse())
