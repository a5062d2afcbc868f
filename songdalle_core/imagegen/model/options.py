"""How codes are chosen and latents denoised, and within which bounds.

Imports no torch, so that the HTTP contract can share it.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_TEMPERATURE = 5.0
MAX_GUIDANCE = 20.0
MAX_STEPS = 200


@dataclass(frozen=True)
class SamplingOptions:
    """How freely codes are chosen.

    Attributes:
        temperature: divides the logits; below 1 plays safe, above 1 dares. In (0, `MAX_TEMPERATURE`].
        top_k: keep this many of the likeliest codes; 0 keeps all.
        top_p: keep the smallest set of codes with this probability (Holtzman et al., ICLR 2020, arXiv
            1904.09751). In (0, 1].
        guidance: classifier-free guidance (Ho & Salimans 2022, arXiv 2207.12598), logits
            u + g (c - u) with u without the text and c with it; 1 turns it off. In
            [1, `MAX_GUIDANCE`].
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    guidance: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.temperature <= MAX_TEMPERATURE:
            raise ValueError(
                f"temperature is {self.temperature}: choose more than 0, at most {MAX_TEMPERATURE:g}"
            )
        if self.top_k < 0:
            raise ValueError(f"top_k is {self.top_k}: choose 0 (all) or more")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top_p is {self.top_p}: choose more than 0, at most 1")
        if not 1 <= self.guidance <= MAX_GUIDANCE:
            raise ValueError(f"guidance is {self.guidance}: choose 1 to {MAX_GUIDANCE:g}")

    def effective_top_k(self, vocab_size: int) -> int:
        """How many codes top-k lets through."""
        return min(self.top_k or vocab_size, vocab_size)

    def ranks(self, vocab_size: int) -> int:
        """How many of the likeliest logits `sample` has to put in order."""
        top_k = self.effective_top_k(vocab_size)
        return 1 if top_k == vocab_size and self.top_p >= 1 else top_k


@dataclass(frozen=True)
class DenoisingOptions:
    """How a denoiser draws.

    Attributes:
        steps: calls of the network. In [1, `MAX_STEPS`].
        guidance: as the model's own pipeline takes it: of most, classifier-free guidance (Ho & Salimans 2022,
            arXiv 2207.12598) above 1; of models distilled for guidance, what they are told. In
            [0, `MAX_GUIDANCE`].
    """

    steps: int
    guidance: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= MAX_STEPS:
            raise ValueError(f"steps is {self.steps}: choose 1 to {MAX_STEPS}")
        if not 0 <= self.guidance <= MAX_GUIDANCE:
            raise ValueError(f"guidance is {self.guidance}: choose 0 to {MAX_GUIDANCE:g}")
