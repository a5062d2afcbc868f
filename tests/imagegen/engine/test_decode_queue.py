from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from songdalle_core.imagegen.engine.codes import BatchDecoder
from songdalle_core.imagegen.engine.decode_queue import DecodeQueue
from songdalle_core.imagegen.engine.requests import GenerationRequest, Job, Part
from songdalle_core.imagegen.engine.runner import Draft
from songdalle_core.imagegen.engine.slots import Slot
from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.runtimes.decoding import PixelDecoder
from songdalle_core.imagegen.runtimes.runtime import Runtime
from songdalle_core.imagegen.runtimes.torch_runtime import TorchDecoder, TorchRuntime

REQUEST = GenerationRequest("the sea", 4, 0, SamplingOptions())
PARTS = tuple(Part(candidate, 0, "the sea") for candidate in range(4))


def code_map(position: int, slot: Slot | None = None, seed: int = 0) -> Draft:
    codes = torch.randint(0, 64, (16, 4), generator=torch.Generator().manual_seed(seed))
    return Draft(slot or Slot(0, Job(REQUEST, print, PARTS), PARTS[0]), codes, position, 16)


def test_finished_maps_go_before_previews() -> None:
    queue = DecodeQueue()
    preview, finished = code_map(8), code_map(16)
    queue.put(preview)
    queue.put(finished)
    assert queue.take(1) == [finished]
    assert queue.take(1) == [preview]


def test_a_slot_has_one_preview_and_none_once_it_is_finished() -> None:
    queue, slot = DecodeQueue(), Slot(0, Job(REQUEST, print, PARTS), PARTS[0])
    queue.put(code_map(4, slot))
    newer = code_map(8, slot)
    queue.put(newer)
    assert queue.take(4) == [newer]
    queue.put(code_map(12, slot))
    last = code_map(16, slot)
    queue.put(last)
    assert queue.take(4) == [last]


def test_a_closed_queue_gives_what_is_finished_and_ends() -> None:
    queue = DecodeQueue()
    finished = [code_map(16), code_map(16), code_map(16)]
    for one in (*finished, code_map(3)):
        queue.put(one)
    queue.close()
    assert queue.take(2) == finished[:2]
    assert queue.take(2) == finished[2:]
    assert queue.take(2) is None


def test_what_was_cancelled_is_not_decoded() -> None:
    queue, gone = DecodeQueue(), code_map(16)
    gone.slot.job.cancel()
    queue.put(gone)
    assert queue.take(2) == []


def test_a_picture_does_not_depend_on_its_batch(generator: Generator, runtime: Runtime) -> None:
    decoder = BatchDecoder(generator.rqvae, runtime, width=3)
    one, two, three = (code_map(16, seed=seed) for seed in range(3))
    together = decoder.decode([one, two, three])
    for alone, pixels in zip((one, two, three), together, strict=True):
        assert pixels.dtype == np.uint8
        assert np.array_equal(decoder.decode([alone])[0], pixels)


def test_what_was_decoded_before_is_not_decoded_again(generator: Generator) -> None:
    runtime = CountingRuntime()
    decoder = BatchDecoder(generator.rqvae, runtime, width=4, remembered=2)
    one, two, three, unfinished = *(code_map(16, seed=seed) for seed in range(3)), code_map(8)
    first = decoder.decode([one, two, one, unfinished])
    assert np.array_equal(first[0], first[2])
    assert runtime.decoded == 3
    assert np.array_equal(decoder.decode([two, unfinished])[0], first[1])
    assert runtime.decoded == 4  # the unfinished one
    decoder.decode([three])  # leaves room for one of the others, the last that was asked for
    decoder.decode([two])
    assert runtime.decoded == 5
    assert np.array_equal(decoder.decode([one])[0], first[0])
    assert runtime.decoded == 6


class CountingRuntime(TorchRuntime):
    """PyTorch, counting the code maps that it decodes."""

    decoded = 0

    def decoder(self, rqvae: RQVAE, width: int) -> TorchDecoder:
        made = super().decoder(rqvae, width)
        decode = made.decode

        def counted(codes: Tensor, drawn: Tensor) -> Tensor:
            self.decoded += len(codes)
            return decode(codes, drawn)

        made.decode = counted  # type: ignore[method-assign]
        return made


def test_runtimes_decode_the_same_picture(generator: Generator, runtime: Runtime) -> None:
    whole = code_map(16, seed=5)
    (pixels,) = BatchDecoder(generator.rqvae, runtime, width=2).decode([whole])
    expected = generator.rqvae.decode(whole.latents.view(1, 4, 4, 4))[0]
    expected = expected.mul(127.5).add(127.5).round().clamp(0, 255).permute(1, 2, 0)
    assert np.abs(pixels.astype(int) - expected.numpy()).max() <= 1


@pytest.mark.parametrize("position", [4, 8])
def test_what_is_not_drawn_is_an_even_wash(generator: Generator, position: int) -> None:
    """Rows far below what is drawn all look alike, whatever codes stand there."""
    codes = torch.randint(0, 64, (2, 4, 4, 4), generator=torch.Generator().manual_seed(1))
    codes.flatten(1, 2)[1, :position] = codes.flatten(1, 2)[0, :position]
    drawn = (torch.arange(16) < position).float().view(1, 4, 4).repeat(2, 1, 1)
    first, second = PixelDecoder(generator.rqvae)(codes, drawn)
    assert torch.equal(first, second)
