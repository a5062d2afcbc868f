"""Encoder and codebooks by principal components and k-means."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from scripts.training.rqvae.closed_form import cells_of, fit, k_means, pictures_ink
from songdalle_core.imagegen.model.autoencoder import from_pixels
from songdalle_core.imagegen.model.rqvae import RQVAE
from tests.scripts.training.rqvae.small import SIDE, pictures, small_rqvae


@pytest.fixture(scope="module")
def fitted() -> tuple[RQVAE, Tensor, Tensor]:
    model, made = small_rqvae(), pictures(12)
    return model, made, fit(model, made, seed=0)


def test_codes_are_those_of_the_model(fitted: tuple[RQVAE, Tensor, Tensor]) -> None:
    model, made, codes = fitted
    assert codes.shape == (12, 4, 4, 2)
    assert torch.equal(model.get_codes(from_pixels(made)), codes)


def test_a_drawing_has_the_same_codes_wherever_it_stands(
    fitted: tuple[RQVAE, Tensor, Tensor],
) -> None:
    model, made, _ = fitted
    drawing = made[0, :16, :16]
    codes = []
    for top, left in ((0, 0), (8, 8), (16, 0)):
        page = torch.zeros(SIDE, SIDE, 4, dtype=torch.uint8)
        page[top : top + 16, left : left + 16] = drawing
        found = model.get_codes(from_pixels(page[None]))[0]
        codes.append(found[top // 8 : top // 8 + 2, left // 8 : left // 8 + 2])
    assert torch.equal(codes[0], codes[1])
    assert torch.equal(codes[0], codes[2])


def test_each_depth_comes_nearer(fitted: tuple[RQVAE, Tensor, Tensor]) -> None:
    model, made, codes = fitted
    features = model.encode(from_pixels(made))
    vectors = model.quantizer.embed(codes).cumsum(dim=-2)
    errors = [float((features - vectors[..., d, :]).detach().pow(2).mean()) for d in range(2)]
    assert 0 < errors[1] < errors[0] < float(features.detach().pow(2).mean())


def test_cells_are_those_that_the_encoder_sees() -> None:
    made = pictures(2)
    cells = cells_of(made, 8)
    assert cells.shape == (2 * 16, 4 * 64)
    corner = made[0, :8, 8:16].permute(2, 0, 1).flatten().float() / 127.5 - 1
    torch.testing.assert_close(cells[1], corner)
    assert not pictures_ink(cells_of(torch.zeros_like(made), 8)).any()


def test_centres_are_where_the_vectors_are() -> None:
    generator = torch.Generator().manual_seed(0)
    groups = torch.tensor([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])
    vectors = (groups[:, None] + 0.1 * torch.randn(3, 50, 2, generator=generator)).flatten(0, 1)
    centres = k_means(vectors, 3, generator)
    assert float(torch.cdist(groups, centres).min(dim=1).values.max()) < 0.1


def test_fewer_vectors_than_centres_are_served_exactly() -> None:
    vectors = torch.randn(5, 3)
    centres = k_means(vectors, 8, torch.Generator().manual_seed(0))
    assert centres.shape == (8, 3)
    assert bool(torch.isfinite(centres).all())
    assert float(torch.cdist(vectors, centres).min(dim=1).values.max()) < 1e-3
