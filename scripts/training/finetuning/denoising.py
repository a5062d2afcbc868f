"""The noise that BART learns to undo (Lewis et al., "BART", ACL 2020, section 2.2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

MASKED = 0.3  # share of the tokens, as for the published models (section 5.1)
SPAN = 3.0  # mean length of a span


def permuted(sentences: Sequence[str], stream: np.random.Generator) -> list[str]:
    """The sentences in a random order."""
    return [sentences[index] for index in stream.permutation(len(sentences))]


def infilled(
    ids: Sequence[int], mask: int, stream: np.random.Generator, share: float = MASKED
) -> list[int]:
    """Token ids with spans replaced by one mask each.

    Lengths are drawn from a Poisson distribution with mean `SPAN`; a span of length 0 puts a mask in
    between. Spans do not touch, so that each mask stands for one. `share` of the tokens are masked, rounded.
    """
    budget = round(share * len(ids))
    lengths = _lengths(budget, stream)
    unmasked = len(ids) - budget
    lengths = lengths[: unmasked + 1]  # no more spans than there are gaps between unmasked tokens
    if sum(lengths) < budget:
        lengths[-1] += budget - sum(lengths)
    if not lengths:
        return list(ids)
    gaps = np.sort(stream.choice(unmasked + 1, size=len(lengths), replace=False)).tolist()
    noisy: list[int] = []
    position = 0
    for number, gap in enumerate(gaps):
        before = gap - (gaps[number - 1] if number else 0)
        noisy += [*ids[position : position + before], mask]
        position += before + lengths[number]
    return [*noisy, *ids[position:]]


def _lengths(budget: int, stream: np.random.Generator) -> list[int]:
    """Lengths of spans that add up to `budget`."""
    lengths: list[int] = []
    while (left := budget - sum(lengths)) > 0:
        lengths.append(min(int(stream.poisson(SPAN)), left))
    return lengths
