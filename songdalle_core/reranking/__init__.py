"""Reranking: scores of candidate covers by CLIP, and by what each thing of a picture looks like to it."""

from songdalle_core.reranking.clip import DECIMALS, ClipReranker, best_first
from songdalle_core.reranking.prototypes import Prototypes
from songdalle_core.reranking.sources import EMBEDDED, PRECISIONS, PROFILES

__all__ = [
    "DECIMALS",
    "EMBEDDED",
    "PRECISIONS",
    "PROFILES",
    "ClipReranker",
    "Prototypes",
    "best_first",
]
