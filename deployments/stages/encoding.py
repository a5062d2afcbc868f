"""Encoding: a picture in the forms in which a request wants it, so that no pixels travel between stages."""

from __future__ import annotations

import base64

import numpy as np
import numpy.typing as npt
from PIL import Image

from deployments.contract.messages import CandidatePicture, DrawRequest
from songdalle_core.drawings import CoverDrawing
from songdalle_core.provenance import (
    CoverMetadata,
    covered_corner,
    encode_png,
    encode_webp,
    upscaled,
)
from songdalle_core.seeds import CoverSeeds

Pixels = npt.NDArray[np.uint8]

PREVIEW_SIDE = 192
_UNSEEN: Pixels = np.zeros((0, 0, 3), np.uint8)


def picture_of(
    pixels: Pixels,
    drawing: DrawRequest,
    candidate: int,
    seed: int,
    model: str,
    upscale: int = 1,
    seeds: CoverSeeds | None = None,
    codes: npt.NDArray[np.uint16] | None = None,
) -> CandidatePicture:
    """A finished candidate, uint8 (H, W, 3), in the forms that are wanted, with what it was drawn from.

    Args:
        seeds: by which its parts are decided; None: all by its own.
        codes: (N, h, w, D), of generators that draw codes.
    """
    wanted = drawing.delivery
    whole = upscaled(pixels, upscale)
    png = encode_png(whole, CoverMetadata(drawing.prompt, seed, model))
    image = data_url(pixels) if wanted.streamed else ""
    judged = reduced(pixels, wanted.judged_side)
    made_from = CoverDrawing(seeds or CoverSeeds.of(seed), codes, covered_corner(whole))
    return CandidatePicture(candidate, seed, png, image, judged, drawing=made_from.packed())


def preview_of(
    pixels: Pixels, drawing: DrawRequest, candidate: int, seed: int, fraction: float
) -> CandidatePicture:
    """An unfinished candidate, uint8 (H, W, 3), in the forms that are wanted."""
    wanted = drawing.delivery
    judged = reduced(pixels, wanted.judged_side) if wanted.judged_previews else _UNSEEN
    image = data_url(pixels, PREVIEW_SIDE)
    return CandidatePicture(candidate, seed, b"", image, judged, fraction=fraction)


def reduced(pixels: Pixels, side: int) -> Pixels:
    """The picture at `side` pixels, as open_clip's transform makes it; 0, or a small one, leaves it."""
    if not 0 < side < min(pixels.shape[:2]):
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC))


def data_url(pixels: Pixels, side: int | None = None) -> str:
    """A labelled WebP of the picture, at most `side` pixels a side, that a page can show as it is."""
    return "data:image/webp;base64," + base64.b64encode(encode_webp(pixels, side=side)).decode()
