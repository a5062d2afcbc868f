"""Tracing: once a layer, small and bounded in memory, small features kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

from songdalle_core.finishing import drawing as tracing
from songdalle_core.finishing.drawing import Drawing, trace
from tests.finishing.layers import FRUIT, HOUSE, decoded, layer


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> tracing._Cache:
    cache = tracing._Cache()
    monkeypatch.setattr(tracing, "_cache", cache)
    return cache


def test_threads_that_ask_for_one_layer_trace_it_once(
    cache: tracing._Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced, together = [], Barrier(4)
    original = tracing._trace

    def counted(pixels: np.ndarray) -> Drawing:
        traced.append(pixels)
        return original(pixels)

    def ask(_: int) -> Drawing:
        together.wait()
        return trace(HOUSE)

    monkeypatch.setattr(tracing, "_trace", counted)
    with ThreadPoolExecutor(4) as pool:
        drawings = list(pool.map(ask, range(4)))
    assert len(traced) == 1
    assert all(drawing is drawings[0] for drawing in drawings)


def test_a_failure_is_told_to_all_and_not_kept(
    cache: tracing._Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(pixels: np.ndarray) -> Drawing:
        raise RuntimeError("no ink")

    with monkeypatch.context() as patch:
        patch.setattr(tracing, "_trace", failing)
        with pytest.raises(RuntimeError, match="no ink"):
            trace(HOUSE)
    assert trace(HOUSE).resolution == 256


def test_memory_is_bounded_and_the_latest_stay(cache: tracing._Cache) -> None:
    first, last = trace(HOUSE), trace(FRUIT)
    cache.room = first.size + last.size // 2
    newest = trace(layer(("disc", (128, 128, 100), (10, 90, 200))))
    assert trace(layer(("disc", (128, 128, 100), (10, 90, 200)))) is newest
    assert trace(HOUSE) is not first
    assert cache._taken <= cache.room + newest.size


def test_a_drawing_takes_little_memory(cache: tracing._Cache) -> None:
    for pixels in (decoded(FRUIT), decoded(HOUSE)):
        assert trace(pixels).size < 700 << 10


def test_a_small_eye_is_a_colour_of_its_own(cache: tracing._Cache) -> None:
    face = layer(("disc", (128, 128, 120), (120, 170, 220)), ("disc", (150, 90, 5), (20, 20, 30)))
    colours = trace(decoded(face, noise=3)).colours
    assert colours.sum(axis=1).min() < 0.9
    assert len(colours) <= 3


def test_a_gradient_follows_its_colour(cache: tracing._Cache) -> None:
    ramp = layer(("box", (0, 0, 255, 255), (0, 0, 0)))
    ramp[..., 0] = np.linspace(60, 220, 256).astype(np.uint8)[None]
    drawing = trace(ramp)
    darker = drawing.recoloured(lambda colours: colours * np.float32(0.5))
    before, after = drawing.gradients[0], darker.gradients[0]
    assert before is not None
    assert after is not None
    np.testing.assert_allclose(after, 0.5 * before, atol=0.01)
