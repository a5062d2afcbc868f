"""Make the embedded RQ-VAE: codes of every layer in closed form, then the decoder by training; resumes.

    python scripts/training/train_rqvae.py --art data/art --out runs/rqvae

Writes `codes.safetensors` (the codes of every layer, with their captions) within a minute or two, so that
`train_rqtransformer.py` can begin beside it; then, at every checkpoint, `model.safetensors`, `config.json`,
`metrics.json`, `curves.png` and `reconstructions.png`. Ctrl-C and start again to resume.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from scripts.common import command_line
from scripts.training.common import keep_memory, recall, remember
from scripts.training.content.codes import CachedCodes
from scripts.training.content.layers import SIDE, layers
from scripts.training.curves import draw_curves
from scripts.training.rqvae.closed_form import fit
from scripts.training.rqvae.trainer import PACE, Trainer
from scripts.training.saving import save_weights
from scripts.training.scenes.art import ArtError, add_folder
from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig, to_pixels
from songdalle_core.imagegen.model.generator import inference_state, load_weights
from songdalle_core.imagegen.model.rqvae import RQVAE, RQVAEConfig

EMBEDDED = RQVAEConfig(
    embed_dim=256,
    n_embed=2048,
    code_shape=(8, 8, 4),
    ddconfig=AutoencoderConfig(
        resolution=SIDE,
        ch=16,
        ch_mult=(2, 4, 8, 20),
        num_res_blocks=2,
        z_channels=256,
        in_channels=4,
        out_ch=4,
        patch_size=4,
        local=True,
    ),
    shared_codebook=False,
)
PANELS = {"PSNR in dB": ("psnr_db", "psnr_db_worst")}
SHOWN = 64  # layers of the contact sheet


@torch.no_grad()
def evaluate(model: RQVAE, codes: Tensor, pictures: Tensor) -> dict[str, float]:
    """PSNR in dB over all layers, and that of the layer at the lowest twentieth."""
    errors = []
    for part, target in zip(codes.split(16), pictures.split(16), strict=True):
        decoded = to_pixels(model.decode(part)).float()
        errors.append((decoded - target.float()).pow(2).mean(dim=(1, 2, 3)))
    psnr = 10 * torch.log10(255.0**2 / torch.cat(errors).clamp_min(1e-3))
    return {
        "psnr_db": round(float(psnr.mean()), 2),
        "psnr_db_worst": round(float(psnr.quantile(0.05)), 2),
        "layers": len(codes),
    }


@torch.no_grad()
def contact_sheet(model: RQVAE, codes: Tensor, pictures: Tensor, path: Path) -> None:
    """Layers at even distances, each above its reconstruction, over grey."""
    chosen = torch.arange(0, len(codes), max(1, len(codes) // SHOWN))[:SHOWN]
    decoded = torch.cat([to_pixels(model.decode(part)).cpu() for part in codes[chosen].split(16)])
    rows = []
    for first in range(0, len(chosen), 16):
        for pixels in (pictures[chosen], decoded):
            rows.append(
                np.concatenate([_over_grey(p.numpy()) for p in pixels[first : first + 16]], 1)
            )
    width = max(row.shape[1] for row in rows)
    padded = [np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0))) for row in rows]
    sheet = Image.fromarray(np.concatenate(padded))
    sheet.resize((sheet.width // 2, sheet.height // 2), Image.Resampling.BOX).save(path)


def _over_grey(pixels: np.ndarray) -> np.ndarray:
    """Premultiplied RGBA over light grey, uint8 (H, W, 3)."""
    over = pixels[..., :3].astype(np.float32) + 0.85 * (255.0 - pixels[..., 3:])
    return np.clip(over, 0, 255).astype(np.uint8)


def export(model: RQVAE, out: Path, metrics: dict[str, object]) -> None:
    """Weights, config, figures and their course."""
    save_weights(out / "model.safetensors", inference_state(model, torch.float32))
    (out / "config.json").write_text(json.dumps(asdict(model.config), indent=2) + "\n")
    (out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    draw_curves(recall(out), PANELS, out / "curves.png")


def prepare(args: argparse.Namespace, model: RQVAE) -> tuple[Tensor, Tensor]:
    """Codes and pictures of all layers; encoder and codebooks as they were made, or made now.

    Raises:
        ValueError: the folder's checkpoint is of other layers.
    """
    made = list(islice(layers(args.art), args.layers))
    pictures = torch.from_numpy(np.stack([layer.pixels for layer in made]))
    captions = [layer.caption for layer in made]
    cached = CachedCodes.read(args.out)
    if cached is None or cached.captions != captions:
        if (args.out / "checkpoint.pt").exists():
            raise ValueError(f"{args.out} was trained on other layers: give another --out")
        codes = fit(model, pictures, args.seed)
        frozen = {
            k: v
            for k, v in inference_state(model, torch.float32).items()
            if not k.startswith("decoder")
        }
        cached = CachedCodes(captions, codes, frozen)
        cached.write(args.out)
        print(f"codes of {len(captions)} layers: {args.out}", flush=True)
    load_weights(model, {**inference_state(model, torch.float32), **cached.frozen})
    return cached.codes, pictures


def run(args: argparse.Namespace) -> None:
    """Train as the arguments say; each checkpoint is measured and exported."""
    keep_memory()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    model = RQVAE(EMBEDDED).eval()  # codebooks stay as they are
    codes, pictures = prepare(args, model)
    model.decoder.to(memory_format=torch.channels_last)
    model.to(args.device)
    dtype = torch.bfloat16 if args.bfloat16 else torch.float32
    pace = replace(
        PACE,
        steps=args.steps,
        batch=args.batch,
        lr=args.lr,
        save_every=args.save_every,
        dtype=dtype,
    )

    def report(averaged: RQVAE, step: int) -> None:
        figures = evaluate(averaged, codes.to(args.device), pictures.to(args.device))
        print(json.dumps({"step": step, **figures}), flush=True)
        remember(args.out, step, figures)
        contact_sheet(averaged, codes.to(args.device), pictures, args.out / "reconstructions.png")
        metrics = {"step": step, "layers_seen": step * pace.batch, **figures}
        export(averaged, args.out, {**metrics, "seed": args.seed, "command": " ".join(sys.argv)})

    trainer = Trainer(model, codes, pictures, pace, args.out, report)
    if trainer.checkpoint.exists():
        trainer.resume()
        print(f"resuming at step {trainer.step}", flush=True)
    print(
        f"{sum(p.numel() for p in model.decoder.parameters()) / 1e6:.1f} M parameters", flush=True
    )
    trainer.train()


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__, "seed", "threads")
    add_folder(made)
    defaults, add = PACE, made.add_argument
    add("--out", type=Path, required=True, metavar="DIR", help="to write to and to resume from")
    add("--layers", type=command_line.count, metavar="N", help="the first N only, to try things")
    add("--steps", type=int, default=defaults.steps, help="training steps")
    add("--batch", type=int, default=defaults.batch, help="layers a step")
    add("--lr", type=float, default=defaults.lr, help="peak learning rate")
    add("--save-every", type=int, default=defaults.save_every, help="steps between checkpoints")
    add("--device", default="cpu", help="cpu or cuda")
    add(
        "--bfloat16",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="products in bfloat16",
    )
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    return command_line.run(parser(), run, arguments, ArtError)


if __name__ == "__main__":
    sys.exit(main())
