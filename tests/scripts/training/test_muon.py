"""scripts.training.muon: orthogonal steps."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from scripts.training.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(3, 16, 16), (2, 48, 16), (1, 16, 48)])
def test_singular_values_become_about_one_and_vectors_stay(shape: tuple[int, int, int]) -> None:
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    u, values, vh = torch.linalg.svd(matrices, full_matrices=False)
    result = u.mT @ orthogonal(matrices) @ vh.mT
    diagonal = result.diagonal(dim1=-2, dim2=-1)
    assert values.max() / values.min() > 2
    large = values / values.norm(dim=-1, keepdim=True) > 0.02
    assert (diagonal[large] > 0.6).all()
    assert (diagonal < 1.3).all()
    assert (result - torch.diag_embed(diagonal)).abs().max() < 1e-3


def moved(matrices: list[Tensor], gradients: list[Tensor], steps: int) -> list[Tensor]:
    parameters = [nn.Parameter(matrix.clone()) for matrix in matrices]
    optimizer = Muon(parameters, lr=0.01, weight_decay=0.1)
    for _ in range(steps):
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient.clone()
        optimizer.step()
    return [parameter.detach() for parameter in parameters]


def problem() -> tuple[list[Tensor], list[Tensor]]:
    random = torch.Generator().manual_seed(1)
    shapes = [(8, 8), (8, 8), (8, 8), (8, 24)]
    return (
        [torch.randn(shape, generator=random) for shape in shapes],
        [torch.randn(shape, generator=random) for shape in shapes],
    )


def test_a_step_is_as_large_as_adamw_takes() -> None:
    matrices, gradients = problem()
    steps = [
        after - before * (1 - 0.01 * 0.1)
        for before, after in zip(matrices, moved(matrices, gradients, steps=1), strict=True)
    ]
    for step in steps:
        assert 0.1 * 0.01 < step.square().mean().sqrt() < 0.3 * 0.01


def test_it_finds_what_a_product_hides() -> None:
    """A linear map is learned from examples."""
    random = torch.Generator().manual_seed(2)
    target, inputs = torch.randn((8, 8), generator=random), torch.randn((64, 8), generator=random)
    weight = nn.Parameter(torch.zeros(8, 8))
    optimizer = Muon([weight], lr=0.05)
    for step in range(300):
        for group in optimizer.param_groups:
            group["lr"] = 0.1 * (1 - step / 300)
        optimizer.zero_grad()
        ((inputs @ weight.mT - inputs @ target.mT) ** 2).mean().backward()
        optimizer.step()
    assert (weight - target).abs().max() < 0.05
