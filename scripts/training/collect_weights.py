"""Put a finished generator and the figures of its training where the embedded weights are read from.

    python scripts/training/collect_weights.py --run runs/embedded --weights runs/embedded/weights

CLIP and the mood classifier were written there by their own scripts. Every file is listed in SHA256SUMS.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from scripts.common import command_line
from scripts.training.weight_sums import update_sums
from songdalle_core.captions.vocabulary import FILE
from songdalle_core.imagegen.model.generator import FILES, load_generator

METRICS = "metrics.json"


def collect(run: Path, weights: Path) -> list[str]:
    """Copy the generator and the figures; returns the names that were listed.

    Raises:
        FileNotFoundError: a step has not left its files.
        ValueError: the generator's files do not fit one another.
    """
    load_generator(run / "rqtransformer")
    folder = weights / "generator"
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*FILES, FILE):
        shutil.copyfile(run / "rqtransformer" / name, folder / name)
    figures = {
        part: json.loads((run / step / METRICS).read_text(encoding="utf-8"))
        for part, step in (("rqvae", "rqvae"), ("transformer", "rqtransformer"))
    }
    (folder / METRICS).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    shutil.copyfile(run / "clip" / METRICS, weights / "clip" / METRICS)
    names = [f"generator/{name}" for name in (*FILES, FILE, METRICS)] + [f"clip/{METRICS}"]
    update_sums(weights, names)
    return names


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
