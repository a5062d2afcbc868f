"""Compare ways to enlarge a cover: pictures are reduced, enlarged again and compared with what they were.

    python scripts/benchmarks/benchmark_upscaling.py covers/*.png --factor 4

Prints peak signal-to-noise ratio, the same of edges alone, and milliseconds, means over the pictures.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from songdalle_core.release.upscaling import enlarged, sharpened

Pixels = npt.NDArray[np.uint8]
Way = Callable[[Pixels, int], Pixels]
_EDGE = 0.1  # share of pixels, the steepest, that count as edges


def _opencv(mode: int) -> Way:
    return lambda small, side: np.asarray(
        cv2.resize(small, (side, side), interpolation=mode), np.uint8
    )


def _pillow(mode: Image.Resampling) -> Way:
    return lambda small, side: np.asarray(Image.fromarray(small).resize((side, side), mode))


def _lanczos_and_mask(amount: float) -> Way:
    def way(small: Pixels, side: int) -> Pixels:
        return sharpened(_opencv(cv2.INTER_LANCZOS4)(small, side), 0.5 * side / len(small), amount)

    return way


WAYS: dict[str, Way] = {
    "nearest": _opencv(cv2.INTER_NEAREST),
    "bilinear": _opencv(cv2.INTER_LINEAR),
    "bicubic (OpenCV)": _opencv(cv2.INTER_CUBIC),
    "Lanczos 4 (OpenCV)": _opencv(cv2.INTER_LANCZOS4),
    "Lanczos 3 (Pillow)": _pillow(Image.Resampling.LANCZOS),
    "Lanczos 4, mask 0.3": _lanczos_and_mask(0.3),
    "Lanczos 4, mask 0.6": _lanczos_and_mask(0.6),
    "Lanczos 4, mask 1.0": _lanczos_and_mask(1.0),
    "Lanczos 4, mask 1.5": _lanczos_and_mask(1.5),
    "songdalle_core.release": enlarged,
}


def psnr(made: Pixels, truth: Pixels, where: npt.NDArray[np.bool_] | None = None) -> float:
    """Peak signal-to-noise ratio in decibels, of some pixels or of all."""
    apart = np.square(made.astype(np.float32) - truth)
    error = float((apart if where is None else apart[where]).mean())
    return 10 * float(np.log10(255**2 / max(error, 1e-9)))


def compare(pictures: Sequence[Pixels], factor: int) -> list[tuple[str, float, float, float]]:
    """Each way's name, two ratios and milliseconds."""
    rows = []
    for name, way in WAYS.items():
        whole, edges, spent = [], [], []
        for picture in pictures:
            side = len(picture) // factor * factor
            truth = picture[:side, :side]
            small = cv2.resize(truth, (side // factor,) * 2, interpolation=cv2.INTER_AREA)
            steep = cv2.morphologyEx(
                cv2.cvtColor(truth, cv2.COLOR_RGB2GRAY), cv2.MORPH_GRADIENT, np.ones((3, 3))
            )
            began = time.perf_counter()
            made = way(np.asarray(small, np.uint8), side)
            spent.append(time.perf_counter() - began)
            whole.append(psnr(made, truth))
            edges.append(psnr(made, truth, steep >= np.quantile(steep, 1 - _EDGE)))
        rows.append((name, np.mean(whole), np.mean(edges), 1000 * np.mean(spent)))
    return [(name, float(w), float(e), float(s)) for name, w, e, s in rows]


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PNG")
    parser.add_argument("--factor", type=int, default=4, choices=(2, 3, 4, 6))
    options = parser.parse_args(arguments)
    pictures = [np.asarray(Image.open(path).convert("RGB")) for path in options.pictures]
    print(f"{len(pictures)} pictures, enlarged {options.factor} times")
    print(f"{'way':24} {'dB':>6} {'edges':>6} {'ms':>6}")
    for name, whole, edges, spent in compare(pictures, options.factor):
        print(f"{name:24} {whole:6.2f} {edges:6.2f} {spent:6.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
