"""The command-line options that the fine-tuning scripts share."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from scripts.common import command_line
from scripts.common.command_line import count, share
from scripts.training.finetuning.trainer import FinetuneOptions


def parser(description: str | None, data: Path, items: str, model: str) -> argparse.ArgumentParser:
    """The command line of a fine-tuning script; its own options are to be added.

    Args:
        description: the script's docstring.
        data: the project's own `items`, taken unless others are given.
        items: what is learnt from, in the plural.
        model: what is fine-tuned unless another is named.
    """
    made = command_line.parser(description, "seed", "threads", "resume")
    command_line.add_data(made, data, items)
    defaults, add = FinetuneOptions(), made.add_argument
    made.set_defaults(seed=defaults.seed)
    add("--model", default=model, help="folder or name on the hub")
    add("--run", type=Path, required=True, metavar="DIR", help="checkpoints and figures go here")
    add("--export", type=Path, metavar="DIR", help="folder for the finished model")
    add("--epochs", type=count, default=defaults.epochs, help="most epochs")
    add("--batch", type=count, default=defaults.batch, help="songs a step")
    add("--lr", type=float, default=defaults.lr, help="peak learning rate")
    add("--warmup-ratio", type=float, default=defaults.warmup_ratio, help="share of the steps")
    add("--max-grad-norm", type=float, default=defaults.max_grad_norm, help="gradients are clipped")
    add("--weight-decay", type=float, default=defaults.weight_decay, help="of matrices")
    add("--patience", type=int, default=defaults.patience,
        help="stop after so many epochs without a better measure; 0: never")  # fmt: skip
    add("--log-interval", type=count, default=defaults.log_interval,
        help="steps from one printed line to the next")  # fmt: skip
    add("--bf16", action="store_true", help="compute in bfloat16 where that is safe")
    add("--validation", type=share, default=0.1, help="share of the songs held out")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto", help="to compute on")
    return made


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
