"""Put the trained parts of the generator together where the embedded weights are read from.

    python scripts/training/collect_weights.py --run runs/embedded --weights runs/embedded/weights

CLIP and the mood classifier are written there by their own scripts. Every file is listed in SHA256SUMS.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

from scripts.common import command_line
from scripts.training.caption_vocabulary import vocabulary
from scripts.training.weight_sums import update_sums
from songdalle_core.captions.recaptioning import Recaptioner
from songdalle_core.captions.vocabulary import FILE
from songdalle_core.imagegen.model.generator import (
    FILES,
    Generator,
    load_generator,
    load_rqvae,
    load_weights,
    save_generator,
    transformer_config,
)
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.rqtransformer import RQTransformer
from songdalle_core.imagegen.model.tokenizer import PromptTokenizer

METRICS = "metrics.json"
SAMPLING = SamplingOptions(temperature=0.3)
"""Nearly the likeliest code each time: a layer is drawn from memory, and candidates differ in what is drawn."""


def collect(run: Path, weights: Path) -> list[str]:
    """Write the generator and its figures; returns the names that were listed.

    Raises:
        FileNotFoundError: a step has not left its files.
        ValueError: the generator's files do not fit one another.
    """
    folder = weights / "generator"
    save_generator(folder, assembled(run), torch.float16)
    load_generator(folder)
    figures = {
        part: json.loads((run / step / METRICS).read_text(encoding="utf-8"))
        for part, step in (("rqvae", "rqvae"), ("transformer", "rqtransformer"))
    }
    (folder / METRICS).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    names = [f"generator/{name}" for name in (*FILES, FILE, METRICS)]
    update_sums(weights, names)
    return names


def assembled(run: Path) -> Generator:
    """The generator of the RQ-VAE and the RQ-Transformer of a run.

    Raises:
        FileNotFoundError: one of them has not been written yet.
        ValueError: they do not fit one another.
    """
    folder = run / "rqtransformer"
    config = transformer_config(json.loads((folder / "transformer.json").read_text("utf-8")))
    transformer = RQTransformer(config)
    load_weights(transformer, load_file(folder / "transformer.safetensors"))
    tokenizer = PromptTokenizer.from_file(folder / "tokenizer.json", config.block_size_cond)
    parts = tokenizer, transformer, load_rqvae(run / "rqvae"), SAMPLING, Recaptioner(vocabulary())
    return Generator(folder.name, *parts)


def run(args: argparse.Namespace) -> None:
    names = collect(args.run, args.weights)
    print(f"{args.weights}: {', '.join(names)}")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__)
    made.add_argument("--run", type=Path, required=True, help="folder of train_embedded.py")
    made.add_argument("--weights", type=Path, required=True, help="folder of the weights")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    return command_line.run(parser(), run, arguments)


if __name__ == "__main__":
    sys.exit(main())
