"""Train the embedded RQ-VAE on composed scenes; Ctrl-C and start again to resume.

    python scripts/training/train_rqvae.py --art data/art --out runs/rqvae

Writes `checkpoint.pt` (to resume), `model.safetensors`, `config.json`, `metrics.json`, `curves.png` and
`reconstructions.png`.
Loss: L1, half a mean square, 0.3 of the L1 of image gradients (edges), 0.25 commitment.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from scripts.common import command_line
from scripts.training.common import (
    HELD_OUT,
    Progress,
    cosine,
    keep_memory,
    load_checkpoint,
    recall,
    remember,
    save_checkpoint,
)
from scripts.training.curves import draw_curves
from scripts.training.scenes import art
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


PANELS = {"PSNR in dB": ("psnr_db",), "codes by perplexity": ("perplexity",)}


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
    """Weights without the training averages, config, figures and their course."""
    save_file(inference_state(model, torch.float32), out / "model.safetensors")
    (out / "config.json").write_text(json.dumps(asdict(model.config), indent=2) + "\n")
    (out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    draw_curves(recall(out), PANELS, out / "curves.png")


@dataclass(frozen=True)
class TrainOptions:
    """Length, pace and bookkeeping of a run; `steps` fixes the schedule, so keep it on resuming."""

    steps: int = 2000
    batch: int = 32
    lr: float = 6e-4
    warmup: int = 200
    save_every: int = 250
    eval_scenes: int = 200


class Trainer:
    """Owns the model, its optimizer and the step.

    Args:
        run: folder of the checkpoint.
        report: called after each checkpoint with the model and the step.
    """

    def __init__(
        self,
        model: RQVAE,
        composer: Composer,
        options: TrainOptions,
        run: Path,
        report: Callable[[RQVAE, int], None],
    ) -> None:
        self.model, self.step = model, 0
        self.checkpoint = run / "checkpoint.pt"
        self._composer, self._options, self._report = composer, options, report
        self._weights = [p for p in model.parameters() if p.requires_grad]
        self._optimizer = torch.optim.AdamW(
            self._weights, lr=options.lr, betas=(0.9, 0.95), weight_decay=1e-4
        )

    def resume(self) -> None:
        """Continue from the checkpoint as if the run had never stopped."""
        state = load_checkpoint(self.checkpoint)
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]

    def train(self) -> None:
        """Train to the end, saving on the way."""
        options = self._options
        progress = Progress(options.steps, options.batch)
        while self.step < options.steps:
            progress.update(self.step, **self._advance())
            if self.step % options.save_every == 0 or self.step == options.steps:
                save_checkpoint(
                    self.checkpoint,
                    model=self.model.state_dict(),
                    optimizer=self._optimizer.state_dict(),
                    step=self.step,
                )
                self._report(self.model, self.step)

    def _advance(self) -> dict[str, float]:
        """One step; its figures."""
        options = self._options
        for group in self._optimizer.param_groups:
            group["lr"] = cosine(self.step, options.steps, options.lr, options.warmup)
        first = self.step * options.batch
        images = batch_of(self._composer, range(first, first + options.batch))
        output, quantized = self.model(images)
        reconstruction = reconstruction_loss(output, images)
        self._optimizer.zero_grad()
        (reconstruction + 0.25 * quantized.commitment_loss).backward()
        norm = torch.nn.utils.clip_grad_norm_(self._weights, 1.0)
        self._optimizer.step()
        self.step += 1
        return {
            "loss": float(reconstruction.detach()),
            "commit": float(quantized.commitment_loss.detach()),
            "norm": float(norm.detach()),
        }


def run(args: argparse.Namespace) -> None:
    """Train as the arguments say; each checkpoint is measured and exported."""
    keep_memory()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    composer = Composer(args.art, EMBEDDED.ddconfig.resolution, sets=args.sets)
    model = RQVAE(EMBEDDED).to(memory_format=torch.channels_last)
    options = TrainOptions(
        steps=args.steps, batch=args.batch, lr=args.lr,
        save_every=args.save_every, eval_scenes=args.eval_scenes,
    )  # fmt: skip

    def report(model: RQVAE, step: int) -> None:
        figures = evaluate(model, composer, options.eval_scenes)
        print(json.dumps({"step": step, **figures}), flush=True)
        remember(args.out, step, figures)
        contact_sheet(model, composer, args.out / "reconstructions.png")
        metrics = {"step": step, "images": step * options.batch, **figures}
        export(model, args.out, {**metrics, "seed": args.seed, "command": " ".join(sys.argv)})

    trainer = Trainer(model, composer, options, args.out, report)
    if trainer.checkpoint.exists():
        trainer.resume()
        print(f"resuming at step {trainer.step}", flush=True)
    trainer.train()


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__, "seed", "threads")
    art.add_arguments(made)
    defaults, add = TrainOptions(), made.add_argument
    add("--out", type=Path, required=True, metavar="DIR", help="to write to and to resume from")
    add("--steps", type=int, default=defaults.steps, help="training steps")
    add("--batch", type=int, default=defaults.batch, help="scenes a step")
    add("--lr", type=float, default=defaults.lr, help="peak learning rate")
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
