"""The command-line options that the fine-tuning scripts share."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from scripts.finetuning.trainer import FinetuneOptions


def add_arguments(parser: argparse.ArgumentParser, defaults: FinetuneOptions) -> None:
    """Pace, place and bookkeeping, with the defaults given."""
    add = parser.add_argument
    d = defaults
    add("--run", type=Path, required=True, metavar="DIR", help="checkpoints and figures go here")
    add("--resume", action="store_true", help="continue from the run's checkpoint")
    add("--epochs", type=_count, default=d.epochs, help=f"most epochs ({d.epochs})")
    add("--batch", type=_count, default=d.batch, help=f"songs a step ({d.batch})")
    add("--lr", type=float, default=d.lr, help=f"peak learning rate ({d.lr:g})")
    add("--warmup-ratio", type=float, default=d.warmup_ratio, help=f"({d.warmup_ratio:g})")
    add("--max-grad-norm", type=float, default=d.max_grad_norm, help=f"({d.max_grad_norm:g})")
    add("--weight-decay", type=float, default=d.weight_decay, help=f"({d.weight_decay:g})")
    add("--patience", type=int, default=d.patience,
        help=f"stop after so many epochs without a better measure; 0: never ({d.patience})")  # fmt: skip
    add("--log-interval", type=_count, default=d.log_interval,
        help=f"steps from one printed line to the next ({d.log_interval})")  # fmt: skip
    add("--bf16", action="store_true", help="compute in bfloat16 where that is safe")
    add("--seed", type=int, default=d.seed)
    add("--validation", type=_share, default=0.1, help="share of the songs held out (0.1)")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto", help="(auto)")
    add("--threads", type=_count, default=2, help="CPU threads (2)")


def options_of(args: argparse.Namespace) -> FinetuneOptions:
    """The options that were given."""
    return FinetuneOptions(
        epochs=args.epochs, batch=args.batch, lr=args.lr, warmup_ratio=args.warmup_ratio,
        max_grad_norm=args.max_grad_norm, weight_decay=args.weight_decay, patience=args.patience,
        log_interval=args.log_interval, autocast=args.bf16, seed=args.seed,
    )  # fmt: skip


def device_of(args: argparse.Namespace) -> str:
    """The device that was asked for; torch's threads are set, too."""
    torch.set_num_threads(args.threads)
    if args.device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return str(args.device)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"give 1 or more, not {number}")
    return number


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"give a share between 0 and 1, not {share}")
    return share
