from __future__ import annotations

import dataclasses
import logging

import numpy as np
import pytest
import torch

from songdalle_core.imagegen.engine.engine import Engine, EngineOptions, GenerationRequest
from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.model.textbook import textbook_codes
from songdalle_core.imagegen.runtimes import runtime as module
from songdalle_core.imagegen.runtimes.native import library
from songdalle_core.imagegen.runtimes.native.library import KernelUnavailable
from songdalle_core.imagegen.runtimes.native.native_runtime import NativeRuntime
from songdalle_core.imagegen.runtimes.runtime import choose_runtime
from songdalle_core.imagegen.runtimes.torch_runtime import TorchRuntime
from tests.imagegen.conftest import RQVAE_CONFIG, reshaped


def test_the_kernel_is_for_single_precision_on_a_cpu() -> None:
    assert isinstance(choose_runtime("auto", "cpu", 1), NativeRuntime)
    assert choose_runtime("auto", "cuda", 1) == TorchRuntime("cuda")
    assert choose_runtime("auto", "cpu", 1, bfloat16=True) == TorchRuntime("cpu")
    assert choose_runtime("torch", "cpu", 1) == TorchRuntime("cpu")
    with pytest.raises(ValueError, match="not on cuda: choose runtime torch"):
        choose_runtime("native", "cuda", 1)
    with pytest.raises(ValueError, match="choose runtime torch for bfloat16"):
        choose_runtime("native", "cpu", 1, bfloat16=True)


def test_pytorch_draws_where_there_is_no_kernel(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing() -> None:
        raise KernelUnavailable("the ziglang package is missing")

    monkeypatch.setattr(library, "_compiler", missing)
    library.library.cache_clear()
    try:
        with caplog.at_level(logging.WARNING, logger=module.__name__):
            assert choose_runtime("auto", "cpu", 1) == TorchRuntime("cpu")
        assert "drawing with PyTorch" in caplog.text
        assert "ziglang" in caplog.text
        with pytest.raises(KernelUnavailable, match="ziglang"):
            choose_runtime("native", "cpu", 1)
    finally:
        library.library.cache_clear()


def test_pytorch_draws_and_decodes_what_the_kernel_does_not(
    generator: Generator, caplog: pytest.LogCaptureFixture
) -> None:
    """Channels that are no multiple of its vectors: in the transformer, and in the decoder."""
    torch.manual_seed(2)
    rqvae = RQVAE(dataclasses.replace(RQVAE_CONFIG, embed_dim=24)).eval()
    odd = reshaped(dataclasses.replace(generator, rqvae=rqvae), embed_dim=40, input_embed_dim=24)
    request = GenerationRequest("the sea at night", 3, 5, odd.sampling)
    pictures = []
    for runtime in (NativeRuntime(1), TorchRuntime()):
        with Engine(odd, EngineOptions(slots=2, width=2), runtime) as engine:
            drawn = engine.draw(request, timeout=60)
        expected = textbook_codes(odd, request.prompt, [one.seed for one in drawn])
        assert np.array_equal(np.concatenate([one.latents for one in drawn]), expected)
        pictures.append(np.stack([one.layers for one in drawn]))
    assert np.array_equal(*pictures)
    assert "drawing with PyTorch, which is several times slower: the kernel computes" in caplog.text
    assert "decoding with PyTorch, which is several times slower: the kernel decodes" in caplog.text
