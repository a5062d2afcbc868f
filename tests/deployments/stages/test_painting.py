from __future__ import annotations

import io
import queue
import threading

import numpy as np
from PIL import Image

from deployments.contract.messages import Delivery, DrawRequest
from deployments.stages.painting import Painted, Painting, codes_of
from songdalle_core.drawings import CoverDrawing
from songdalle_core.imagegen.engine.requests import Drawn, Failed, Preview
from songdalle_core.provenance import read_metadata
from songdalle_core.seeds import CoverSeeds

CODES = np.zeros((1, 4, 4, 4), dtype=np.int64)
LAYERS = np.full((1, 64, 64, 3), 77, dtype=np.uint8)
DRAWING = DrawRequest("a cat", 1, 9, delivery=Delivery(upscale=2))


def painted(painting: Painting, event: Drawn | Preview, unwanted: threading.Event) -> object:
    results: queue.SimpleQueue[Painted | Failed] = queue.SimpleQueue()
    painting.submit(DRAWING, event, unwanted, results.put)
    painting.stop()
    return results.get(timeout=10) if not unwanted.is_set() else results.empty()


def test_pictures_without_a_finish_stay_as_they_are() -> None:
    result = painted(Painting(None, "toy", 1), Drawn(3, 9, LAYERS, CODES), threading.Event())
    assert isinstance(result, Painted)
    picture = result.picture
    assert (picture.candidate, picture.seed, picture.fraction) == (3, 9, 1.0)
    shown = np.asarray(Image.open(io.BytesIO(picture.png)))
    assert shown.shape == (128, 128, 3)
    assert (shown[0] == 77).all()
    assert read_metadata(picture.png)["model"] == "toy"
    kept = CoverDrawing.unpacked(picture.drawing)
    assert kept.seeds == CoverSeeds.of(9)
    assert kept.codes is not None
    assert np.array_equal(kept.codes, CODES)


def test_latents_that_are_no_codes_are_not_kept() -> None:
    latents = np.full((1, 4, 8, 8), 0.5, dtype=np.float32)
    assert codes_of(Drawn(3, 9, LAYERS, latents)) is None


def test_previews_say_how_far_they_are() -> None:
    preview = Preview(0, 9, 0.25, LAYERS, lag=0.5)
    result = painted(Painting(None, "toy", 1), preview, threading.Event())
    assert isinstance(result, Painted)
    assert (result.picture.fraction, result.lag) == (0.25, 0.5)
    assert result.picture.png == b""


def test_what_nobody_waits_for_is_not_painted() -> None:
    unwanted = threading.Event()
    unwanted.set()
    assert painted(Painting(None, "toy", 1), Drawn(0, 9, LAYERS, CODES), unwanted) is True


def test_a_painter_that_fails_ends_the_request() -> None:
    class Broken:
        def paint(self, prompt: str, seed: int, layers: np.ndarray) -> np.ndarray:
            raise ValueError("no paint left")

    result = painted(Painting(Broken(), "toy", 1), Drawn(0, 9, LAYERS, CODES), threading.Event())  # type: ignore[arg-type]
    assert isinstance(result, Failed)
    assert "no paint left" in str(result.error)
