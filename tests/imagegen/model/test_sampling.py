from __future__ import annotations

import numpy as np
import pytest
import torch

from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.sampling import Filters, sample, uniforms


def codes_of(logits: torch.Tensor, options: SamplingOptions, draws: torch.Tensor) -> torch.Tensor:
    rows = logits.expand(len(draws), -1)
    filters = Filters.of([options] * len(draws), logits.shape[-1])
    return sample(rows, draws, filters, options.ranks(logits.shape[-1]))


def test_frequencies_follow_the_tempered_distribution() -> None:
    logits = torch.tensor([2.0, 0.5, -1.0, 1.0])
    draws = torch.from_numpy(np.random.default_rng(0).random(40_000, dtype=np.float32))
    codes = codes_of(logits, SamplingOptions(temperature=0.7), draws)
    counts = torch.bincount(codes, minlength=4) / len(codes)
    assert torch.allclose(counts, torch.softmax(logits / 0.7, dim=0), atol=0.01)


def test_top_k_keeps_the_likeliest() -> None:
    logits = torch.randn(50, generator=torch.Generator().manual_seed(1))
    draws = torch.linspace(0, 0.999, 500)
    codes = codes_of(logits, SamplingOptions(top_k=3, temperature=5.0), draws)
    assert set(codes.tolist()) == set(logits.topk(3).indices.tolist())


def test_top_p_keeps_the_smallest_sufficient_set() -> None:
    logits = torch.log(torch.tensor([0.1, 0.5, 0.3, 0.1]))
    draws = torch.linspace(0, 0.999, 500)
    assert set(codes_of(logits, SamplingOptions(top_p=0.75), draws).tolist()) == {1, 2}
    assert set(codes_of(logits, SamplingOptions(top_p=0.4), draws).tolist()) == {1}


def test_rows_have_their_own_options() -> None:
    logits = torch.tensor([[0.0, 1.0, 2.0]] * 2)
    filters = Filters.of([SamplingOptions(top_k=1), SamplingOptions()], 3)
    drawn = [sample(logits, torch.tensor([u, u]), filters, 3) for u in (0.0, 0.2, 0.99)]
    assert [row[0].item() for row in drawn] == [2, 2, 2]
    assert len({row[1].item() for row in drawn}) == 3


@pytest.mark.parametrize("draw", [0.0, 0.5, float(np.nextafter(np.float32(1), np.float32(0)))])
def test_extreme_draws_and_logits_stay_in_the_kept_set(draw: float) -> None:
    logits = torch.full((1, 1000), -1e4)
    logits[0, 7] = 1e4
    assert codes_of(logits[0], SamplingOptions(), torch.tensor([draw])).item() == 7


@pytest.mark.parametrize("options", [SamplingOptions(), SamplingOptions(top_k=2, top_p=0.9)])
def test_logits_that_are_no_numbers_are_the_least_likely(options: SamplingOptions) -> None:
    draws = torch.linspace(0, 0.999, 500)
    for broken in (torch.nan, -torch.inf):
        logits = torch.tensor([broken, 1.0, broken, 0.5])
        assert set(codes_of(logits, options, draws).tolist()) == {1, 3}
    assert set(codes_of(torch.tensor([1.0, torch.inf]), options, draws).tolist()) == {1}
    nothing = torch.full((4,), torch.nan)
    assert set(codes_of(nothing, options, draws).tolist()) == {0, 1, 2, 3}


def test_streams_are_reproducible_and_differ_by_seed() -> None:
    first, again, other = uniforms(3, 16, 4), uniforms(3, 16, 4), uniforms(4, 16, 4)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert abs(np.corrcoef(uniforms(0, 64, 4).ravel(), uniforms(1, 64, 4).ravel())[0, 1]) < 0.2


@pytest.mark.parametrize(
    ("field", "value"),
    [("temperature", 0.0), ("temperature", 6.0), ("top_k", -1), ("top_p", 0.0), ("guidance", 0.5)],
)
def test_refuses_bad_options(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=field):
        SamplingOptions(**{field: value})  # type: ignore[arg-type]
