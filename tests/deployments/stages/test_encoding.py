from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from deployments.contract.messages import Delivery, DrawRequest
from deployments.stages.encoding import PREVIEW_SIDE, picture_of, preview_of, reduced
from songdalle_core.drawings import CoverDrawing
from songdalle_core.provenance import CoverMetadata, encode_png, upscaled
from songdalle_core.reranking import ClipReranker
from songdalle_core.seeds import CoverSeeds

PIXELS = np.random.default_rng(4).integers(0, 256, (512, 512, 3), dtype=np.uint8)


def drawing(**wanted: int | bool) -> DrawRequest:
    return DrawRequest("a cat", 1, 9, delivery=Delivery(**wanted))  # type: ignore[arg-type]


def webp(url: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])), formats=["WEBP"])


def test_nothing_is_encoded_that_nobody_wants() -> None:
    picture = picture_of(PIXELS, drawing(), 0, 9, "toy")
    assert (picture.image, picture.judged.shape) == ("", (512, 512, 3))
    unfinished = preview_of(PIXELS, drawing(streamed=True, judged_side=64), 0, 9, 0.5)
    assert (unfinished.png, unfinished.judged.size) == (b"", 0)


def test_what_it_was_drawn_from_gives_the_picture_under_the_notice() -> None:
    codes = np.arange(16, dtype=np.uint16).reshape(1, 2, 2, 4)
    seeds = CoverSeeds(1, 2, 3)
    picture = picture_of(PIXELS, drawing(), 0, 9, "toy", 2, seeds, codes)
    kept = CoverDrawing.unpacked(picture.drawing)
    assert kept.seeds == seeds
    assert kept.codes is not None
    assert np.array_equal(kept.codes, codes)
    labelled = np.asarray(Image.open(io.BytesIO(picture.png)))
    assert np.array_equal(kept.uncovered(labelled), upscaled(PIXELS, 2))
    assert CoverDrawing.unpacked(picture_of(PIXELS, drawing(), 0, 9, "toy").drawing).codes is None


def test_a_kept_corner_changes_no_byte_of_the_picture() -> None:
    metadata = CoverMetadata("a cat", 9, "toy")
    picture = picture_of(PIXELS, drawing(), 0, 9, "toy", 2)
    assert picture.png == encode_png(PIXELS, metadata, upscale=2)


def test_who_looks_on_gets_pictures_to_look_at() -> None:
    assert webp(picture_of(PIXELS, drawing(streamed=True), 0, 9, "toy").image).size == (512, 512)
    unfinished = preview_of(PIXELS, drawing(streamed=True), 0, 9, 0.5)
    assert webp(unfinished.image).size == (PREVIEW_SIDE, PREVIEW_SIDE)


def test_previews_that_may_be_withheld_are_judged() -> None:
    wanted = drawing(streamed=True, judged_side=64, judged_previews=True)
    assert preview_of(PIXELS, wanted, 0, 9, 0.5).judged.shape == (64, 64, 3)


@pytest.mark.parametrize("side", [0, 512, 600])
def test_a_picture_is_never_enlarged(side: int) -> None:
    assert reduced(PIXELS, side) is PIXELS


def test_a_reduced_picture_scores_as_the_whole_one() -> None:
    """To the bit: open_clip's transform would have reduced it the same way."""
    reranker = ClipReranker.load()
    small = reduced(PIXELS, reranker.side)
    assert small.shape == (reranker.side, reranker.side, 3)
    (whole,) = reranker.score("a cat", PIXELS[None])
    assert reranker.score("a cat", small[None])[0] == whole
