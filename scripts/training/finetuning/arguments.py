"""The command-line options that the fine-tuning scripts share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from scripts.training.finetuning.trainer import FinetuneOptions
from songdalle_core.artifacts import WeightsError


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


def parser(description: str | None, data: Path, items: str, model: str) -> argparse.ArgumentParser:
    """The command line of a fine-tuning script; its own options are to be added.

    Args:
        description: the script's docstring.
        data: the project's own `items`, taken unless others are given.
        items: what is learnt from, in the plural.
        model: what is fine-tuned unless told otherwise.
    """
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = made.add_argument
    add("--data", type=Path, default=data, metavar="FILE",
        help=f"{items} (default: scripts/data/{data.name})")  # fmt: skip
    add("--model", default=model, help=f"folder or name on the hub ({model})")
    add("--export", type=Path, metavar="DIR", help="folder for the finished model")
    add_arguments(made, FinetuneOptions())
    return made


def command(
    made: argparse.ArgumentParser,
    run: Callable[[argparse.Namespace], object],
    arguments: Sequence[str] | None,
) -> int:
    """Run a script; wrong input ends it with what to change."""
    args = made.parse_args(arguments)
    try:
        run(args)
    except (OSError, ValueError, WeightsError) as error:
        made.error(str(error))
    return 0


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
