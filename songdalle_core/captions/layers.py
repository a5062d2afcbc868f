"""Captions of layers: what the embedded generator is told to draw, one drawing a caption."""

from __future__ import annotations

from songdalle_core.captions.vocabulary import Vocabulary

HANDS = ("fluent", "noto", "classic")
"""Whose drawing of a subject: Fluent Emoji, Noto Emoji of today, and Noto Emoji's first version."""
ORDINALS = ("first", "second", "third", "fourth")
"""Which drawing of a ground."""


def subject_caption(name: str, hand: str) -> str:
    """A subject in a hand: "noto cat"."""
    return f"{hand} {name}"


def ground_caption(place: str, variant: int) -> str:
    """A place by the number of its drawing, from 0: "second shore"."""
    return f"{ORDINALS[variant]} {place}"


def layer_captions(vocabulary: Vocabulary) -> list[str]:
    """The caption of every layer there is: all subjects in all hands, then all drawings of all places."""
    return [
        *(subject_caption(s.name, hand) for s in vocabulary.subjects for hand in s.hands),
        *(ground_caption(p, k) for p, count in vocabulary.grounds.items() for k in range(count)),
    ]
