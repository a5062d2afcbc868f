"""Draw how the image models were trained: one picture of their measures on held-out scenes.

    python scripts/draw_training.py --run runs/embedded --out docs/training.png

Reads `history.jsonl` in the folders of the RQ-VAE, the RQ-Transformer and CLIP, as their scripts leave it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.training import recall

PANELS = {
    "RQ-VAE: PSNR in dB": ("rqvae", ("psnr_db",)),
    "RQ-VAE: codes by perplexity": ("rqvae", ("perplexity",)),
    "RQ-Transformer: nats a code": ("rqtransformer", tuple(f"depth{d}" for d in range(4))),
    "CLIP: share right": (
        "clip",
        ("image_to_text_r1", "pick_concept", "pick_setting", "pick_mood"),
    ),
}


def draw(run: Path, out: Path) -> None:
    """A panel for each of `PANELS`.

    Raises:
        FileNotFoundError: a step of the run has left no history.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(PANELS), figsize=(16, 3.6), layout="constrained")
    for axis, (title, (folder, names)) in zip(axes, PANELS.items(), strict=True):
        rows = recall(run / folder)
        if not rows:
            raise FileNotFoundError(f"{run / folder} has no history: train it first")
        for name in names:
            axis.plot([row["step"] for row in rows], [row[name] for row in rows], label=name)
        axis.set(title=title, xlabel="step")
        axis.grid(alpha=0.3)
        if len(names) > 1:
            axis.legend(fontsize="small")
    figure.savefig(out, dpi=90, metadata={"Software": None})
    pyplot.close(figure)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, required=True, help="folder of train_embedded.py")
    parser.add_argument("--out", type=Path, required=True, help="PNG to write")
    args = parser.parse_args(arguments)
    try:
        draw(args.run, args.out)
    except OSError as error:
        parser.error(str(error))
    print(args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
