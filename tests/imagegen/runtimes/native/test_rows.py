from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor

from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.model.rqtransformer import RQTransformer, StackConfig
from songdalle_core.imagegen.model.sampling import SamplingOptions, uniforms
from songdalle_core.imagegen.runtimes.native.layout import LANES, Weights
from songdalle_core.imagegen.runtimes.native.rows import KernelStepper
from songdalle_core.imagegen.runtimes.stepping import SpatialStep
from tests.imagegen.conftest import TRANSFORMER_CONFIG
from tests.imagegen.textbook import textbook_codes

PROMPT = "a painting of a red balloon over the sea"
SAMPLING = SamplingOptions(temperature=0.9, top_k=20, top_p=0.9, guidance=2.0)


def step_of(generator: Generator, width: int) -> SpatialStep:
    branches = 2 if generator.guided else 1
    return SpatialStep(generator.transformer, generator.rqvae, width, branches).eval()


def draw(
    generator: Generator, count: int, threads: int = 1, together: bool = False, every: int = 0
) -> Tensor:
    """Codes (count, L, D) of seeds 0, 1, ... drawn side by side, each begun `every` steps later."""
    no_text = generator.tokenizer.unconditional()
    stepper = KernelStepper(step_of(generator, count), no_text, threads, together)
    text, rows = stepper.read(generator.tokenizer.encode(PROMPT)), stepper.rows()
    _, positions, depth = rows.codes.shape
    begin = {row: row * every for row in range(count)}
    for step in range(positions + max(begin.values())):
        for row, first in begin.items():
            if step == first:
                rows.occupy(row, text, uniforms(row, positions, depth), SAMPLING)
            elif step == first + positions:
                rows.release(row)
        rows.step()
    return rows.codes


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("count", [1, 2, 5, 7, 12, 13, 30])
def test_a_row_is_the_same_in_every_crowd(generator: Generator, count: int, threads: int) -> None:
    """Bit for bit, whatever the number of rows and threads: that is what the kernel is for."""
    assert torch.equal(draw(generator, count, threads), draw(generator, 30)[:count])


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("count", [1, 2, 5, 7, 12, 13, 30])
@pytest.mark.parametrize("every", [0, 1])
def test_threads_that_share_products_draw_the_same(
    generator: Generator, count: int, threads: int, every: int
) -> None:
    """As above, for rows of one age and of several."""
    drawn = draw(generator, count, threads, together=True, every=every)
    assert torch.equal(drawn, draw(generator, 30)[:count])


def small(generator: Generator, **changes: object) -> Generator:
    """The generator with a transformer of another shape, and weights large enough to matter."""
    torch.manual_seed(1)
    model = RQTransformer(dataclasses.replace(TRANSFORMER_CONFIG, **changes))
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.15)
    return dataclasses.replace(generator, transformer=model.eval().requires_grad_(False))


@pytest.mark.parametrize(
    "changes",
    [
        {"body": StackConfig(1, 1), "head": StackConfig(3, 2)},
        {"embed_dim": 48, "body": StackConfig(2, 6)},  # heads of 8 channels
        {"embed_dim": 48, "body": StackConfig(2, 2)},  # heads of 24
        {"body": StackConfig(2, 4, gelu="v2"), "head": StackConfig(2, 4, gelu="v2")},
        {"body": StackConfig(2, 4, attn_bias=False, mlp_bias=False), "classifier_bias": False},
        {"cumsum_depth_ctx": False},
        {"shared_cls_emb": False},
        {"input_emb_vqvae": False, "head_emb_vqvae": False, "shared_tok_emb": False},
        {"vocab_size": 50},  # not a multiple of the vector length
    ],
    ids=str,
)
def test_every_shape_draws_what_the_plain_model_draws(
    generator: Generator, changes: dict[str, object]
) -> None:
    changed = small(generator, **changes)
    kept = min(SAMPLING.top_k, changed.transformer.config.vocab_size)
    for seed, codes in enumerate(draw(changed, 3)):
        sampling = dataclasses.replace(SAMPLING, top_k=kept)
        expected = textbook_codes(changed, PROMPT, seed, sampling).reshape(codes.shape)
        assert np.array_equal(codes, expected)


@pytest.mark.parametrize(
    "sampling",
    [
        SamplingOptions(),
        SamplingOptions(top_k=1),
        SamplingOptions(top_k=5),
        SamplingOptions(top_p=0.5),
        SamplingOptions(temperature=0.3, top_k=40, top_p=0.99),
        SamplingOptions(temperature=3.0, guidance=5.0),
    ],
    ids=str,
)
def test_every_filter_chooses_what_the_reference_chooses(
    generator: Generator, sampling: SamplingOptions
) -> None:
    stepper = KernelStepper(step_of(generator, 4), generator.tokenizer.unconditional(), 1)
    text, rows = stepper.read(generator.tokenizer.encode(PROMPT)), stepper.rows()
    _, positions, depth = rows.codes.shape
    for row in range(4):
        rows.occupy(row, text, uniforms(row, positions, depth), sampling)
    for _ in range(positions):
        rows.step()
    for seed, codes in enumerate(rows.codes):
        expected = textbook_codes(generator, PROMPT, seed, sampling).reshape(codes.shape)
        assert np.array_equal(codes, expected)


def test_weights_of_half_precision_are_kept_so_and_others_are_not(generator: Generator) -> None:
    exact = small(generator)
    for parameter in exact.transformer.parameters():
        parameter.copy_(parameter.half().float())
    assert Weights(step_of(exact, 1)).model.body.blocks[0].qkv.half == 1
    assert Weights(step_of(small(generator), 1)).model.body.blocks[0].qkv.half == 0
    expected = textbook_codes(exact, PROMPT, 0, SAMPLING)
    assert np.array_equal(draw(exact, 1)[0], expected.reshape(-1, 4))
    assert np.array_equal(draw(exact, 1, 2, together=True)[0], expected.reshape(-1, 4))


def test_odd_channels_are_refused(generator: Generator) -> None:
    with pytest.raises(ValueError, match=f"multiples of {LANES}"):
        Weights(step_of(small(generator, embed_dim=40), 1))
    with pytest.raises(ValueError, match="1 to 64 threads, not 0"):
        draw(generator, 1, threads=0)
