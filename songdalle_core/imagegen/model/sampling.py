"""Choosing codes from logits: guidance, temperature, top-k, top-p, and one uniform a code.

Each candidate has a stream of its own, so a seed gives the same picture whatever else is being drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class SamplingOptions:
    """How freely codes are chosen.

    Attributes:
        temperature: divides the logits; below 1 plays safe, above 1 dares. In (0, 5].
        top_k: keep this many of the likeliest codes; 0 keeps all.
        top_p: keep the smallest set of codes with this probability (Holtzman et al., ICLR 2020, arXiv
            1904.09751). In (0, 1].
        guidance: classifier-free guidance (Ho & Salimans 2022, arXiv 2207.12598), logits
            u + g (c - u) with u without the text and c with it; 1 turns it off. In [1, 20].
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    guidance: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.temperature <= 5:
            raise ValueError(f"temperature is {self.temperature}: choose more than 0, at most 5")
        if self.top_k < 0:
            raise ValueError(f"top_k is {self.top_k}: choose 0 (all) or more")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top_p is {self.top_p}: choose more than 0, at most 1")
        if not 1 <= self.guidance <= 20:
            raise ValueError(f"guidance is {self.guidance}: choose 1 to 20")

    def effective_top_k(self, vocab_size: int) -> int:
        """How many codes top-k lets through."""
        return min(self.top_k or vocab_size, vocab_size)

    def ranks(self, vocab_size: int) -> int:
        """How many of the likeliest logits `sample` has to put in order."""
        top_k = self.effective_top_k(vocab_size)
        return 1 if top_k == vocab_size and self.top_p >= 1 else top_k


def uniforms(seed: int, positions: int, depth: int) -> np.ndarray:
    """The candidate's random numbers: float32 (positions, depth) in [0, 1), one a code.

    Philox is counter-based (Salmon et al., SC 2011), so the stream of one seed says nothing of the next.
    """
    stream = np.random.Generator(np.random.Philox(key=seed))
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
