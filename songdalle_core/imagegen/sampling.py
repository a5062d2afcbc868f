"""Choosing codes from logits: guidance, temperature, top-k, top-p, and one uniform a code.

Each candidate has a stream of its own, so a seed gives the same picture whatever else is being drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """The sampling options of N rows as tensors; `max_top_k` bounds the ranking."""

    temperature: Tensor  # (N, 1)
    top_k: Tensor  # (N, 1) int64
    top_p: Tensor  # (N, 1)
    guidance: Tensor  # (N, 1)
    max_top_k: int
    nucleus: bool  # some row has a top_p below 1

    @classmethod
    def of(cls, options: Sequence[SamplingOptions], vocab_size: int) -> Filters:
        """One row for each option, in order."""
        top_k = [min(o.top_k or vocab_size, vocab_size) for o in options]
        return cls(
            torch.tensor([[o.temperature] for o in options]),
            torch.tensor(top_k).unsqueeze(1),
            torch.tensor([[o.top_p] for o in options]),
            torch.tensor([[o.guidance] for o in options]),
            max(top_k),
            any(o.top_p < 1 for o in options),
        )


def sample(logits: Tensor, draws: Tensor, filters: Filters) -> Tensor:
    """Codes (N,) from logits (N, V) by inverse transform: no synchronisation, one uniform a row.

    `draws` (N,) are the rows' uniforms in [0, 1). The cumulative distribution over the codes that pass
    the row's top-k and top-p, in the order of the vocabulary, is inverted at the row's uniform. Every sum
    runs over the whole vocabulary, so that a row's rounding does not depend on its neighbours' options.
    """
    logits = logits.float() / filters.temperature
    ranked = torch.topk(logits, filters.max_top_k, dim=1).values
    least = ranked.gather(1, filters.top_k - 1)  # (N, 1) the k-th largest
    probabilities = torch.softmax(logits.masked_fill(logits < least, -torch.inf), dim=1)
    if filters.nucleus:
        probabilities = _keep_nucleus(probabilities, filters.top_p)
    cumulative = probabilities.cumsum(dim=1)
    target = draws.unsqueeze(1) * cumulative[:, -1:]
    chosen = (cumulative <= target).sum(dim=1)
    # rounding may lift the target to the last sum: stay within the codes that were kept
    last = ((probabilities > 0) * torch.arange(logits.shape[1], device=logits.device)).amax(dim=1)
    return torch.minimum(chosen, last)


def _keep_nucleus(probabilities: Tensor, top_p: Tensor) -> Tensor:
    """Zero all but the smallest set of likeliest codes with mass `top_p` (N, 1); 1 keeps all."""
    ranked = probabilities.sort(dim=1, descending=True).values
    before = ranked.cumsum(dim=1) - ranked  # mass of the likelier codes
    inside = ranked.masked_fill((before >= top_p) & (top_p < 1), torch.inf)
    return probabilities.masked_fill(probabilities < inside.amin(dim=1, keepdim=True), 0.0)
