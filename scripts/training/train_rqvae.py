"""Train the embedded RQ-VAE on composed scenes; Ctrl-C and start again to resume.

    python scripts/training/train_rqvae.py --art data/art --out runs/rqvae

Writes `checkpoint.pt` (to resume), `model.safetensors`, `config.json` and `reconstructions.png`.
Loss: L1, half a mean square, 0.3 of the L1 of image gradients (edges), 0.25 commitment.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from scripts.training.common import (
    HELD_OUT,
    Progress,
    cosine,
    keep_memory,
    load_checkpoint,
    remember,
    save_checkpoint,
)
from scripts.training.scenes.composer import Composer
from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig, from_pixels, to_pixels
from songdalle_core.imagegen.model.generator import inference_state
from songdalle_core.imagegen.model.rqvae import RQVAE, RQVAEConfig

EMBEDDED = RQVAEConfig(
    embed_dim=64,
    n_embed=2048,
    code_shape=(8, 8, 4),
    ddconfig=AutoencoderConfig(
        resolution=128,
        ch=32,
        ch_mult=(2, 2, 4),
        num_res_blocks=1,
        z_channels=64,
        attn_resolutions=(8,),
        patch_size=4,
    ),
)


def reconstruction_loss(output: Tensor, target: Tensor) -> Tensor:
    """Distance of pictures (B, 3, R, R) in [-1, 1]."""
    difference = output - target
    dx = (difference[..., 1:] - difference[..., :-1]).abs().mean()
    dy = (difference[..., 1:, :] - difference[..., :-1, :]).abs().mean()
    return F.l1_loss(output, target) + 0.5 * difference.pow(2).mean() + 0.3 * (dx + dy)


def batch_of(composer: Composer, seeds: range) -> Tensor:
    """Scenes of the seeds as (B, 3, R, R) in [-1, 1], channels last in memory."""
    pixels = np.stack([composer.scene(seed).image for seed in seeds])
    return from_pixels(torch.from_numpy(pixels)).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def evaluate(model: RQVAE, composer: Composer, scenes: int) -> dict[str, float]:
    """PSNR in dB and codebook perplexity on held-out scenes."""
    model.eval()
    errors, counts = [], torch.zeros(model.config.n_embed)
    for start in range(0, scenes, 50):
        images = batch_of(composer, range(HELD_OUT + start, HELD_OUT + min(start + 50, scenes)))
        codes = model.get_codes(images)
        decoded = to_pixels(model.decode(codes)).float()
        errors.append((decoded - to_pixels(images).float()).pow(2).mean(dim=(1, 2, 3)))
        counts += torch.bincount(codes.flatten(), minlength=len(counts))
    model.train()
    shares = counts / counts.sum()
    entropy = -(shares * shares.clamp_min(1e-12).log()).sum()
    psnr = 10 * torch.log10(255.0**2 / torch.cat(errors))
    return {
        "psnr_db": round(float(psnr.mean()), 2),
        "perplexity": round(float(entropy.exp()), 1),
        "codes_in_use": int((counts > 0).sum()),
        "scenes": scenes,
    }


@torch.no_grad()
def contact_sheet(model: RQVAE, composer: Composer, path: Path) -> None:
    """Sixteen held-out scenes above their reconstructions."""
    model.eval()
    images = batch_of(composer, range(HELD_OUT, HELD_OUT + 16))
    decoded = model.decode(model.get_codes(images))
    rows = [to_pixels(x).numpy() for x in (images[:8], decoded[:8], images[8:], decoded[8:])]
    Image.fromarray(np.concatenate([np.concatenate(list(r), axis=1) for r in rows])).save(path)
    model.train()


def export(model: RQVAE, out: Path, metrics: dict[str, object]) -> None:
    """Weights without the training averages, config and figures."""
    save_file(inference_state(model, torch.float32), out / "model.safetensors")
    (out / "config.json").write_text(json.dumps(asdict(model.config), indent=2) + "\n")
    (out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")


def train(args: argparse.Namespace) -> None:
    keep_memory()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    composer = Composer(args.art, EMBEDDED.ddconfig.resolution, sets=args.sets.split(","))
    model = RQVAE(EMBEDDED).to(memory_format=torch.channels_last)
    weights = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=args.lr, betas=(0.9, 0.95), weight_decay=1e-4)
    checkpoint, step = args.out / "checkpoint.pt", 0
    if checkpoint.exists():
        state = load_checkpoint(checkpoint)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
        print(f"resuming at step {step}", flush=True)
    progress = Progress(args.steps, args.batch)
    while step < args.steps:
        for group in optimizer.param_groups:
            group["lr"] = cosine(step, args.steps, args.lr, warmup=200)
        images = batch_of(composer, range(step * args.batch, (step + 1) * args.batch))
        output, quantized = model(images)
        reconstruction = reconstruction_loss(output, images)
        loss = reconstruction + 0.25 * quantized.commitment_loss
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        progress.update(
            step,
            loss=float(reconstruction.detach()),
            commit=float(quantized.commitment_loss.detach()),
            norm=float(norm.detach()),
        )
        step += 1
        if step % args.save_every == 0 or step == args.steps:
            save_checkpoint(
                checkpoint, model=model.state_dict(), optimizer=optimizer.state_dict(), step=step
            )
            metrics = evaluate(model, composer, args.eval_scenes)
            print(json.dumps({"step": step, **metrics}), flush=True)
            remember(args.out, step, metrics)
            contact_sheet(model, composer, args.out / "reconstructions.png")
            figures = {"step": step, "images": step * args.batch, **metrics}
            export(model, args.out, {**figures, "seed": args.seed, "command": " ".join(sys.argv)})


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--art", type=Path, required=True, help="folder of fetch_art.py")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder to write to; resumes from it"
    )
    parser.add_argument(
        "--sets", default="fluent-emoji-flat,noto", help="art sets, comma separated"
    )
    parser.add_argument("--steps", type=int, default=2000, help="training steps (default 2000)")
    parser.add_argument("--batch", type=int, default=32, help="scenes a step (default 32)")
    parser.add_argument("--lr", type=float, default=6e-4, help="peak learning rate (default 6e-4)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--save-every", type=int, default=250, help="steps between checkpoints")
    parser.add_argument(
        "--eval-scenes", type=int, default=200, help="held-out scenes to measure on"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    train(parse())
