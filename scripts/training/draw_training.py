"""Draw how the image models were trained: one picture of their measures on held-out scenes.

    python scripts/training/draw_training.py --run runs/embedded --out docs/training.png

Reads `history.jsonl` in the folders of the RQ-VAE, the RQ-Transformer and CLIP, as their scripts leave it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.training.common import recall

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
    """A panel for each of `PANELS` whose step has left a history.

    Raises:
        FileNotFoundError: none has.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    shown = {
        title: (rows, names)
        for title, (folder, names) in PANELS.items()
        if (rows := recall(run / folder))
    }
    if not shown:
        raise FileNotFoundError(f"nothing in {run} has a history: train it first")
    size = (4 * len(shown), 3.6)
    figure, axes = pyplot.subplots(1, len(shown), figsize=size, layout="constrained", squeeze=False)
    for axis, (title, (rows, names)) in zip(axes[0], shown.items(), strict=True):
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
