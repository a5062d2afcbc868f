"""Choosing codes from logits: guidance, temperature, top-k, top-p, and one uniform a code.

Each candidate has a stream of its own, so a seed gives the same picture whatever else is being drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

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


def uniforms(seed: int, positions: int, depth: int) -> np.ndarray:
    """The candidate's random numbers: float32 (positions, depth) in [0, 1), one a code.

    Philox is counter-based (Salmon et al., SC 2011), so the stream of one seed says nothing of the next.
    """
    stream = np.random.Generator(np.random.Philox(key=seed))
    return stream.random((positions, depth), dtype=np.float32)


@dataclass(frozen=True)
class Filters:
    """The sampling options of N rows as tensors; `max_top_k` bounds the sort."""

    temperature: Tensor  # (N, 1)
    top_k: Tensor  # (N, 1) int64
    top_p: Tensor  # (N, 1)
    guidance: Tensor  # (N, 1)
    max_top_k: int

    @classmethod
    def of(cls, options: list[SamplingOptions], vocab_size: int) -> Filters:
        """One row for each option, in order."""
        top_k = [min(o.top_k or vocab_size, vocab_size) for o in options]
        return cls(
            torch.tensor([[o.temperature] for o in options]),
            torch.tensor(top_k).unsqueeze(1),
            torch.tensor([[o.top_p] for o in options]),
            torch.tensor([[o.guidance] for o in options]),
            max(top_k),
        )


def sample(logits: Tensor, draws: Tensor, filters: Filters) -> Tensor:
    """Codes (N,) from logits (N, V) by inverse transform: no synchronisation, one uniform a row.

    `draws` (N,) are the rows' uniforms in [0, 1). Codes are ranked by logit; the cumulative distribution
    over the codes that pass the row's top-k and top-p is inverted at the row's uniform.
    """
    ranked, codes = torch.topk(logits.float(), filters.max_top_k, dim=1)  # (N, K) descending
    rank = torch.arange(filters.max_top_k, device=logits.device)
    ranked = (ranked / filters.temperature).masked_fill(rank >= filters.top_k, -torch.inf)
    probabilities = torch.softmax(ranked, dim=1)
    before = probabilities.cumsum(dim=1) - probabilities  # mass of the likelier codes
    kept = probabilities.masked_fill(before >= filters.top_p, 0.0)
    cumulative = kept.cumsum(dim=1)
    target = draws.unsqueeze(1) * cumulative[:, -1:]
    # rounding may leave the target at the last sum: stay within the codes that were kept
    chosen = (cumulative <= target).sum(dim=1, keepdim=True)
    last = (kept > 0).sum(dim=1, keepdim=True) - 1
    return codes.gather(1, torch.minimum(chosen, last)).squeeze(1)
