from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from scripts.benchmarks.generator.textbook import TextbookSampler
from songdalle_core.imagegen.engine.engine import Engine, EngineOptions, GenerationRequest
from songdalle_core.imagegen.model.generator import Generator, load_generator
from songdalle_core.imagegen.model.options import SamplingOptions
from tests.serve.tiny_models import write_generator


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Generator:
    torch.set_num_threads(1)
    return load_generator(write_generator(tmp_path_factory.mktemp("models") / "tiny"))


@pytest.mark.parametrize("guidance", [1.0, 2.0])
def test_it_draws_what_the_engine_draws(generator: Generator, guidance: float) -> None:
    """With one code to choose from nothing is left to chance, and both ways have to agree."""
    sampling = SamplingOptions(top_k=1, guidance=guidance)
    greedy = dataclasses.replace(generator, sampling=sampling)
    pictures, seconds = TextbookSampler(greedy).draw("the sea", 2, seed=0)
    with Engine(greedy, EngineOptions(slots=2, width=2)) as engine:
        (drawn,) = engine.draw(GenerationRequest("the sea", 1, 0, sampling))
    assert np.abs(pictures[0].numpy().astype(int) - drawn.layers[0]).max() <= 1
    assert torch.equal(pictures[0], pictures[1])
    assert min(seconds.prefill, seconds.autoregression, seconds.decode) > 0
    assert seconds.total == pytest.approx(seconds.prefill + seconds.autoregression + seconds.decode)


def test_seeds_draw_different_pictures(generator: Generator) -> None:
    sampler = TextbookSampler(generator)
    first, again, other = (sampler.draw("the sea", 2, seed)[0] for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
