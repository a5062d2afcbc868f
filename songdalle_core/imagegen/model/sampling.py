"""Choosing codes from logits: guidance, temperature, top-k, top-p, and one uniform a code.

Each candidate has a stream of its own, so a seed gives the same picture whatever else is being drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from songdalle_core.imagegen.model.options import SamplingOptions


def uniforms(seed: int, positions: int, depth: int, layer: int = 0) -> np.ndarray:
    """The random numbers of a candidate's layer: float32 (positions, depth) in [0, 1), one a code.

    Philox is counter-based (Salmon et al., SC 2011), so the stream of one key says nothing of the next. Seeds
    have 32 bits, the layer stands above them.
    """
    stream = np.random.Generator(np.random.Philox(key=seed + (layer << 32)))
    return stream.random((positions, depth), dtype=np.float32)


class Filters(NamedTuple):
    """The sampling options of N rows as tensors, each (N, 1); `top_k` is int64, at least 1."""

    temperature: Tensor
    top_k: Tensor
    top_p: Tensor
    guidance: Tensor

    @classmethod
    def of(cls, options: Sequence[SamplingOptions], vocab_size: int) -> Filters:
        """One row for each option, in order."""
        return cls(
            torch.tensor([[o.temperature] for o in options]),
            torch.tensor([[o.effective_top_k(vocab_size)] for o in options]),
            torch.tensor([[o.top_p] for o in options]),
            torch.tensor([[o.guidance] for o in options]),
        )


LEAST = torch.finfo(torch.float32).min


def sample(logits: Tensor, draws: Tensor, filters: Filters, ranks: int) -> Tensor:
    """Codes (N,) from logits (N, V) by inverse transform: no synchronisation, one uniform a row.

    `draws` (N,) are the rows' uniforms in [0, 1). The cumulative distribution over the codes that pass
    the row's top-k and top-p, in the order of the vocabulary, is inverted at the row's uniform.

    A NaN counts as the least likely logit, so that broken weights give some picture rather than an error.

    `ranks` is how many of the likeliest logits are ordered: no less than any row's top-k, unless that is
    the whole vocabulary and its top-p is 1. It does not change a row's code: sums run one by one, and
    what lies behind a row's top-k adds zero.
    """
    vocab_size = logits.shape[1]
    logits = (logits.float() / filters.temperature).nan_to_num(nan=LEAST)
    ranked = torch.topk(logits, ranks, dim=1).values  # (N, ranks), falling
    order = torch.arange(ranks, device=logits.device)
    weights = torch.exp(ranked - ranked[:, :1]) * (order < filters.top_k)
    sums = weights.cumsum(dim=1)
    # a rank is kept while the likelier ones have less than top_p of the mass
    inside = (sums - weights < filters.top_p * sums[:, -1:]) | (filters.top_p >= 1)
    count = (inside & (order < filters.top_k)).sum(dim=1, keepdim=True)  # (N, 1)
    least = ranked.gather(1, count - 1)
    everything = (filters.top_k >= vocab_size) & (filters.top_p >= 1)
    passes = (logits >= least) | everything
    weights = torch.exp(logits - ranked[:, :1]) * passes
    cumulative = weights.cumsum(dim=1)
    target = draws.unsqueeze(1) * cumulative[:, -1:]
    chosen = (cumulative <= target).sum(dim=1)
    # rounding may lift the target to the last sum: stay within the codes that were kept
    places = torch.arange(vocab_size, device=logits.device)
    return torch.minimum(chosen, ((weights > 0) * places).amax(dim=1))
