from __future__ import annotations

import copy

import pytest
import torch

from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.model.rqtransformer import (
    RQTransformer,
    RQTransformerConfig,
    StackConfig,
)
from songdalle_core.imagegen.runtimes.stepping import SpatialStep


def inputs(generator: Generator) -> tuple[torch.Tensor, torch.Tensor]:
    config = generator.transformer.config
    codes = torch.randint(0, config.vocab_size, (2, config.positions, config.depth))
    cond = generator.tokenizer.encode_many(["a painting of a balloon", "red heart at night"])
    return codes, cond


def logits(generator: Generator, codes: torch.Tensor, cond: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        result: torch.Tensor = generator.transformer(
            codes, generator.rqvae.quantizer.embed(codes), cond
        )
    return result


def test_logits_depend_only_on_text_and_earlier_codes(generator: Generator) -> None:
    codes, cond = inputs(generator)
    before = logits(generator, codes, cond)
    changed = codes.clone()
    changed[:, 5, 2] = (changed[:, 5, 2] + 1) % 64
    after = logits(generator, changed, cond)
    same = torch.isclose(before, after, atol=1e-5).all(dim=-1)  # (B, L, D)
    assert same[:, :5].all()
    assert same[:, 5, :3].all()
    assert not same[:, 5, 3].any()
    assert not same[:, 6:].any()


def test_text_changes_every_position(generator: Generator) -> None:
    codes, cond = inputs(generator)
    swapped = logits(generator, codes, cond.flip(0))
    assert not torch.isclose(logits(generator, codes, cond), swapped, atol=1e-5).all(-1).any()


def test_parameter_names_of_the_published_checkpoints(generator: Generator) -> None:
    names = set(generator.transformer.state_dict())
    assert {
        "cond_emb.weight",
        "input_mlp.weight",
        "head_mlp.bias",
        "pos_emb_cond",
        "pos_emb_hw",
        "pos_emb_d",
        "body_transformer.blocks.1.attn.query.weight",
        "head_transformer.blocks.0.mlp.2.bias",
        "classifier.layer_norm.weight",
        "classifier.linear.weight",
    } <= names


@pytest.mark.parametrize("cumulative", [True, False])
@pytest.mark.parametrize("gelu", ["v1", "v2"])
def test_stepping_gives_the_logits_of_the_forward_pass(
    generator: Generator, cumulative: bool, gelu: str
) -> None:
    base = generator.transformer.config
    config = RQTransformerConfig(
        block_size=base.block_size,
        vocab_size=base.vocab_size,
        vocab_size_cond=base.vocab_size_cond,
        block_size_cond=base.block_size_cond,
        embed_dim=32,
        input_embed_dim=16,
        body=StackConfig(2, 4, gelu),
        head=StackConfig(1, 2, gelu),
        cumsum_depth_ctx=cumulative,
    )
    torch.manual_seed(3)
    model = RQTransformer(config).eval()
    codes, cond = inputs(generator)
    with torch.no_grad():
        expected = model(codes, generator.rqvae.quantizer.embed(codes), cond)
    step = SpatialStep(model, generator.rqvae, width=2, branches=1)
    cache, contexts = step.empty_cache(), []
    with torch.inference_mode():
        for row in range(2):
            context, prefix = step.read_text(cond[row])
            for remembered, part in zip(cache, prefix.flatten(0, 1), strict=True):
                remembered[row, :, : part.shape[1]] = part
            contexts.append(context)
        for position in range(config.positions):
            at = torch.full((2,), position)
            if position == 0:
                context = torch.stack(contexts)
            else:
                context, *new = step.context(codes[:, position - 1], at, tuple(cache))
                for remembered, fresh in zip(cache, new, strict=True):
                    remembered[:, :, step.place(at)[0]] = fresh.squeeze(2)
            memory: list[list[tuple[torch.Tensor, torch.Tensor]]] = [[] for _ in step.head]
            for d in range(config.depth):
                earlier = [codes[:, position, i] for i in range(d)]
                got = step.logits(context, earlier, memory)
                assert torch.allclose(got, expected[:, position, d], atol=1e-4)


def test_initialise_gives_an_even_first_guess(generator: Generator) -> None:
    model = RQTransformer(generator.transformer.config)
    model.initialise()
    codes, cond = inputs(generator)
    first = model(codes, generator.rqvae.quantizer.embed(codes), cond)
    loss = torch.nn.functional.cross_entropy(first.flatten(0, -2), codes.flatten())
    assert abs(float(loss.detach()) - torch.tensor(64.0).log()) < 0.3


def test_half_precision_is_near_the_single_one(generator: Generator) -> None:
    _, cond = inputs(generator)
    half = copy.deepcopy(generator).to(torch.device("cpu"), torch.bfloat16)
    logits = []
    for one in (generator, half):
        step = SpatialStep(one.transformer, one.rqvae, width=2, branches=1)
        with torch.inference_mode():
            context, _ = step.read_text(cond[0])
            memory: list[list[tuple[torch.Tensor, torch.Tensor]]] = [[] for _ in step.head]
            logits.append(step.logits(context.repeat(2, 1), [], memory))
    assert logits[1].dtype == torch.bfloat16
    error = (logits[1].float() - logits[0]).abs().max() / logits[0].abs().max()
    assert 0 < error < 0.05
