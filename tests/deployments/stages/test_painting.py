from __future__ import annotations

import queue
import threading

import numpy as np

from deployments.stages.painting import Painted, Painting
from songdalle_core.imagegen.engine.requests import Drawn, Failed, Preview

CODES = np.zeros((1, 4, 4, 4), dtype=np.int64)
LAYERS = np.full((1, 8, 8, 3), 77, dtype=np.uint8)


def painted(painting: Painting, event: Drawn | Preview, unwanted: threading.Event) -> object:
    results: queue.SimpleQueue[Painted | Failed] = queue.SimpleQueue()
    painting.submit("a cat", event, unwanted, results.put)
    painting.stop()
    return results.get(timeout=10) if not unwanted.is_set() else results.empty()


def test_pictures_without_a_finish_stay_as_they_are() -> None:
    result = painted(Painting(None, 1), Drawn(3, 9, LAYERS, CODES), threading.Event())
    assert isinstance(result, Painted)
    assert (result.candidate, result.seed, result.fraction) == (3, 9, 1.0)
    assert np.array_equal(result.pixels, LAYERS[0])


def test_previews_say_how_far_they_are() -> None:
    preview = Preview(0, 9, 0.25, LAYERS, lag=0.5)
    result = painted(Painting(None, 1), preview, threading.Event())
    assert isinstance(result, Painted)
    assert (result.fraction, result.lag) == (0.25, 0.5)


def test_what_nobody_waits_for_is_not_painted() -> None:
    unwanted = threading.Event()
    unwanted.set()
    assert painted(Painting(None, 1), Drawn(0, 9, LAYERS, CODES), unwanted) is True


def test_a_painter_that_fails_ends_the_request() -> None:
    class Broken:
        def paint(self, prompt: str, seed: int, layers: np.ndarray) -> np.ndarray:
            raise ValueError("no paint left")

    result = painted(Painting(Broken(), 1), Drawn(0, 9, LAYERS, CODES), threading.Event())  # type: ignore[arg-type]
    assert isinstance(result, Failed)
    assert "no paint left" in str(result.error)
